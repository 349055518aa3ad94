/**
 * What trying a script on a throw-away copy tells: how far it came, and what it would have changed. Every list is
 * bounded, and says when something was left out. No behaviour.
 */

import { scriptStatementsMax, textBytesMax } from './limits.ts'
import {
  array,
  boolean,
  finite,
  integer,
  nullable,
  object,
  oneOf,
  string,
  union,
  type Infer,
} from './schema.ts'
import { sqlErrorFieldsSchema, wireErrorSchema } from './statement.ts'

/** Statements that a report describes one by one; later ones are counted. */
export const tryStatementsMax = 1_000

/** Objects whose difference is shown; a script that changes more is read as a script. */
export const tryObjectsMax = 1_000

/** Tables with changed rows that are told of. */
export const tryTablesMax = 1_000

/** Sample rows of one kind (inserted, updated, deleted) of one table. */
export const trySampleRowsMax = 10

/** Columns of a sample row. */
export const trySampleColumnsMax = 50

/** `script`: as it would be run. `transaction`: within one, which is committed at the end. */
export const tryModeSchema = oneOf('script', 'transaction')
export type TryMode = Infer<typeof tryModeSchema>

export const tryProgressSchema = union({
  /** Another session holds the backend; `holder` is its title. */
  waiting: object({ holder: string(1024), holderInTransaction: boolean }),
  /** What is being done; `index` of `count` where it is counted. */
  step: object({
    step: oneOf('copying', 'describing', 'running', 'comparing', 'protecting', 'applying'),
    index: integer(0),
    count: integer(0),
  }),
})
export type TryProgress = Infer<typeof tryProgressSchema>

export const tryStatementSchema = object({
  index: integer(0),
  /** UTF-16 code units of the statement within the script. */
  start: integer(0),
  length: integer(0),
  /** Where it begins, counted from 1. */
  line: integer(1),
  /** Its beginning. */
  text: string(4_096),
  status: oneOf('ok', 'failed', 'cancelled'),
  commandTag: nullable(string(64)),
  rowCount: integer(0),
  durationMs: finite,
  notices: array(sqlErrorFieldsSchema, 20),
  noticesLeftOut: integer(0),
  /** As EXPLAIN ANALYZE prints it, of this very execution; null for statements without a plan. */
  plan: nullable(string(textBytesMax)),
  /** What it does that no copy holds back and no rollback takes back. */
  outside: nullable(string(1024)),
})
export type TryStatement = Infer<typeof tryStatementSchema>

export const tryFailureSchema = object({
  statementIndex: integer(0),
  /** Place in the script, counted from 1; a column counts characters. */
  line: integer(1),
  column: integer(1),
  statement: string(4_096),
  error: wireErrorSchema,
})
export type TryFailure = Infer<typeof tryFailureSchema>

export const tryObjectSchema = object({
  /** Such as `table` or `comment`. */
  kind: string(64),
  name: string(4_096),
  change: oneOf('added', 'removed', 'changed'),
  /** Lines that begin with `+`, `-` or a space. */
  difference: string(textBytesMax),
})
export type TryObject = Infer<typeof tryObjectSchema>

/** A row before and after; null where it was not, or is not known. Cells are texts as Postgres prints them. */
export const trySampleSchema = object({
  change: oneOf('inserted', 'updated', 'deleted'),
  before: nullable(array(nullable(string(4_096)), trySampleColumnsMax)),
  after: nullable(array(nullable(string(4_096)), trySampleColumnsMax)),
})
export type TrySample = Infer<typeof trySampleSchema>

export const tryTableSchema = object({
  name: string(4_096),
  kind: oneOf('table', 'materialized view', 'large objects'),
  /** What became of the table itself. */
  fate: oneOf('kept', 'created', 'dropped'),
  rowsBefore: integer(0),
  rowsAfter: integer(0),
  inserted: integer(0),
  updated: integer(0),
  deleted: integer(0),
  /** False where rows that were changed cannot be told from rows that were replaced, or are too many to compare. */
  isExact: boolean,
  /** Its file was written anew (TRUNCATE, ALTER TABLE, REFRESH…), so rows are compared by what is in them. */
  isRewritten: boolean,
  columns: array(string(1024), trySampleColumnsMax),
  samples: array(trySampleSchema, 3 * trySampleRowsMax),
})
export type TryTable = Infer<typeof tryTableSchema>

/** Values as digits; null: not used yet, or not there. */
export const trySequenceSchema = object({
  name: string(4_096),
  before: nullable(string(64)),
  after: nullable(string(64)),
})
export type TrySequence = Infer<typeof trySequenceSchema>

export const tryReportSchema = object({
  /** Hex of the script's UTF-8 bytes; what is applied must be this text. */
  sha256: string(64, 64),
  /** Where the instance's log stood when it was copied. */
  position: string(64),
  mode: tryModeSchema,
  /** The whole script would run. */
  wouldSucceed: boolean,
  /** A transaction is open at its end, and what is in it would not be committed. */
  leavesTransactionOpen: boolean,
  /** Its statements may all run within one transaction. */
  fitsOneTransaction: boolean,
  failure: nullable(tryFailureSchema),
  statements: array(tryStatementSchema, tryStatementsMax),
  statementsRun: integer(0, scriptStatementsMax),
  statementsTotal: integer(0, scriptStatementsMax),
  objects: array(tryObjectSchema, tryObjectsMax),
  objectsLeftOut: integer(0),
  tables: array(tryTableSchema, tryTablesMax),
  tablesLeftOut: integer(0),
  sequences: array(trySequenceSchema, tryObjectsMax),
  /** What the user should know besides, in sentences. */
  remarks: array(string(1024), 20),
  copyMs: finite,
  runMs: finite,
  compareMs: finite,
})
export type TryReport = Infer<typeof tryReportSchema>

export const tryAppliedSchema = object({
  wasOneTransaction: boolean,
  statementsRun: integer(0),
  durationMs: finite,
  /** What to go back to; null where none could be made, and `remark` says why. */
  snapshotId: nullable(string(256)),
  remark: nullable(string(1024)),
  failure: nullable(tryFailureSchema),
})
export type TryApplied = Infer<typeof tryAppliedSchema>
