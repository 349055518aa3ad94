/**
 * What Postgres's catalogs and counters tell of an instance: tables, indexes and what to do about them, who holds the
 * backend, plans, and how full its caches are. Every list is bounded, and every answer says when it was read. No
 * behaviour.
 */

import { textBytesMax } from './limits.ts'
import { array, boolean, finite, integer, nullable, object, oneOf, string, type Infer } from './schema.ts'

/** Tables or indexes that are told of, the largest first. */
export const insightRowsMax = 1_000

/** Findings of one answer, the most certain first. */
export const insightFindingsMax = 500

/** Those who wait at once and are told of. */
export const waitersShownMax = 200

/** Longest text of a statement that a list shows. */
const shownTextMax = 4_096

const count = integer(0)
/** Milliseconds since 1970; null for never, or where this version of Postgres does not tell. */
const moment = nullable(integer(0))
/** null where this version of Postgres, or this database, does not tell; a remark says so. */
const known = nullable(integer(0))

export const insightReadSchema = object({
  /** When the database was asked; answers are kept for a moment, and longer while somebody else has the backend. */
  readAtMs: count,
  tookMs: finite,
  /** Who has had the backend for too long for a newer answer; null for nobody. */
  heldBy: nullable(string(1024)),
  /** Such as `18.1`. */
  serverVersion: string(64),
  /** Since when scans, rows and blocks are counted; null: since the database was made or has crashed last. */
  countedSinceMs: moment,
  /** What this answer cannot tell, and why, in sentences. */
  remarks: array(string(1024), 20),
})
export type InsightRead = Infer<typeof insightReadSchema>

/**
 * One thing that could be better. `sure` follows from the catalog, `likely` from what was counted, a `hint` may be
 * wrong.
 */
export const findingSchema = object({
  kind: oneOf(
    'unused-index',
    'duplicate-index',
    'overlapping-index',
    'invalid-index',
    'foreign-key-without-index',
    'scanned-table',
    'statement-index',
    'dead-rows',
    'bloated-table',
    'not-analyzed',
  ),
  certainty: oneOf('sure', 'likely', 'hint'),
  /** The table, quoted and with its schema. */
  table: string(1024),
  /** The index or the constraint that it is about; null for the table as a whole. */
  object: nullable(string(1024)),
  title: string(1024),
  /** Why, with the numbers that it follows from, and what speaks against it. */
  why: string(shownTextMax),
  /** What mending it gives back, or what it concerns. */
  bytes: known,
  /** null where no statement mends it. */
  repair: nullable(
    object({
      sql: string(65_536),
      /** Brings the catalog back; null where there is nothing to take back. */
      undo: nullable(string(65_536)),
    }),
  ),
})
export type Finding = Infer<typeof findingSchema>

export const tableInsightSchema = object({
  oid: count,
  schema: string(1024),
  name: string(1024),
  /** Quoted, with its schema. */
  qualifiedName: string(1024),
  kind: oneOf('table', 'partition', 'materialized-view'),
  totalBytes: count,
  heapBytes: count,
  indexBytes: count,
  toastBytes: count,
  /** As counted, else as the planner has it; null before either knows. */
  rows: known,
  deadRows: known,
  /** Of the heap, estimated (`bloatSource`); null where the columns' statistics are missing. */
  bloatBytes: known,
  sequentialScans: count,
  sequentialRows: count,
  indexScans: count,
  inserted: count,
  updated: count,
  /** Of those, how many did not touch an index. */
  hotUpdated: count,
  deleted: count,
  /** Blocks of the heap found in memory, and read. */
  heapHits: count,
  heapReads: count,
  indexHits: count,
  indexReads: count,
  /** By whom or what it was done last. */
  lastVacuumMs: moment,
  lastAnalyzeMs: moment,
})
export type TableInsight = Infer<typeof tableInsightSchema>

export const tablesInsightSchema = object({
  read: insightReadSchema,
  /** All there are, of which `tables` has the largest. */
  total: count,
  tables: array(tableInsightSchema, insightRowsMax),
  findings: array(findingSchema, insightFindingsMax),
  databaseBytes: count,
  /** Where the formula of the estimate comes from, and what it needs. */
  bloatSource: string(1024),
})
export type TablesInsight = Infer<typeof tablesInsightSchema>

export const indexInsightSchema = object({
  oid: count,
  /** Both quoted, with their schemas. */
  qualifiedName: string(1024),
  table: string(1024),
  /** As CREATE INDEX would have it. */
  definition: string(65_536),
  method: string(64),
  bytes: count,
  /** Estimated; null for what is no B-tree, or where statistics are missing. */
  bloatBytes: known,
  scans: count,
  /** Entries read. */
  rowsRead: count,
  hits: count,
  reads: count,
  lastScanMs: moment,
  isUnique: boolean,
  isPrimary: boolean,
  isValid: boolean,
})
export type IndexInsight = Infer<typeof indexInsightSchema>

export const indexesInsightSchema = object({
  read: insightReadSchema,
  total: count,
  indexes: array(indexInsightSchema, insightRowsMax),
  findings: array(findingSchema, insightFindingsMax),
  bloatSource: string(1024),
})
export type IndexesInsight = Infer<typeof indexesInsightSchema>

/** Somebody who has, or waits for, the backend or a lock. */
export const waitPartySchema = object({
  /** What others are told when they wait for it, such as a tab's title. */
  title: string(1024),
  kind: oneOf('console', 'client', 'host', 'backend'),
  /** What session.cancel (of one's own sessions) or endpoint.cancelClient take; null for neither. */
  sessionId: nullable(string(64)),
  clientId: nullable(string(64)),
  /** As SQL knows it; null for what has none. */
  processId: nullable(count),
  statement: nullable(string(shownTextMax)),
  transaction: oneOf('none', 'open', 'failed'),
  /** Runs something, or holds what it has while it does nothing. */
  isRunning: boolean,
  /** Since when it is so, or waits; null where that is not known. */
  sinceMs: moment,
})
export type WaitParty = Infer<typeof waitPartySchema>

export const waiterSchema = object({
  who: waitPartySchema,
  /** For what: `the backend`, or an event as pg_stat_activity names it. */
  for: string(256),
  /** Titles of those in front. */
  behind: array(string(1024), 20),
})
export type Waiter = Infer<typeof waiterSchema>

export const waitsInsightSchema = object({
  atMs: count,
  /** Who has the one backend; on a server elsewhere, whoever others wait for. */
  holders: array(waitPartySchema, waitersShownMax),
  waiters: array(waiterSchema, waitersShownMax),
  /** Waiters that are not shown. */
  leftOut: count,
})
export type WaitsInsight = Infer<typeof waitsInsightSchema>

export const healthInsightSchema = object({
  read: insightReadSchema,
  databaseBytes: count,
  /** Blocks found in Postgres's buffers, and asked of the system, which may have had them. */
  bufferHits: count,
  bufferReads: count,
  indexHits: count,
  indexReads: count,
  tableHits: count,
  tableReads: count,
  commits: count,
  rollbacks: count,
  deadlocks: count,
  /** Files of sorts and hashes that did not fit work_mem. */
  temporaryFiles: count,
  temporaryBytes: count,
  checkpointsTimed: known,
  checkpointsRequested: known,
  /** Written since it is counted. */
  walBytes: known,
  sharedBuffersBytes: count,
  /** Transactions until Postgres refuses to begin another, by the oldest table. */
  transactionsLeft: known,
})
export type HealthInsight = Infer<typeof healthInsightSchema>

export const planInsightSchema = object({
  read: insightReadSchema,
  text: string(textBytesMax),
  /** Those that the plan is of; null for a plan of any parameters, or of a statement without. */
  parameters: nullable(array(nullable(string(textBytesMax)), 65_535)),
  /** `generic`: planned without knowing its parameters. `analyzed`: it was run. */
  mode: oneOf('estimated', 'generic', 'analyzed'),
  /** As EXPLAIN prints it. */
  plan: string(textBytesMax),
  /** The same with FORMAT JSON. */
  planJson: string(textBytesMax),
  findings: array(findingSchema, insightFindingsMax),
})
export type PlanInsight = Infer<typeof planInsightSchema>

export const reportFormatSchema = oneOf('html', 'json', 'csv')
export type ReportFormat = Infer<typeof reportFormatSchema>

/** What a CSV file has: one kind of row. */
export const reportPartSchema = oneOf('statements', 'tables', 'indexes', 'findings', 'series')
export type ReportPart = Infer<typeof reportPartSchema>
