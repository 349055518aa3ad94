/** What the workbench tells of snapshots of an instance, and when they are taken by themselves. No behaviour. */

import { array, boolean, integer, nullable, object, oneOf, string, union, type Infer } from './schema.ts'

/** Of one instance; the budget ends them long before. */
export const snapshotsMax = 10_000
/** What people call a moment. */
export const snapshotLabelLengthMax = 200
/** Of the statement that made a snapshot necessary; longer ones are shown cut. */
export const snapshotReasonLengthMax = 500

const statementText = string(snapshotReasonLengthMax)

/** Why there is a snapshot. */
export const snapshotReasonSchema = union({
  /** Somebody wanted it. */
  request: object({}),
  schedule: object({}),
  /** `what`: in words such as `DROP TABLE orders`; `who`: the session or client that ran it. */
  statement: object({ what: string(200), text: statementText, who: string(1024) }),
  /** Several statements, run as one. */
  script: object({ text: statementText, who: string(1024) }),
  /** Before it went back to another one. */
  rewind: object({ to: string(64) }),
  /** Before something of the workbench, in words such as `restore of shop.sql`. */
  work: object({ what: string(200) }),
})
export type SnapshotReason = Infer<typeof snapshotReasonSchema>

export const snapshotSchema = object({
  id: string(64, 1),
  takenAtMs: integer(0),
  label: nullable(string(snapshotLabelLengthMax)),
  reason: snapshotReasonSchema,
  /** Of all its files. */
  byteCount: integer(0),
  /** What it took on disk beyond those that were there already. */
  addedBytes: integer(0),
  serverVersion: nullable(string(64)),
  engineVersion: nullable(string(64)),
})
export type Snapshot = Infer<typeof snapshotSchema>

export const snapshotListSchema = object({
  /** Newest first. */
  snapshots: array(snapshotSchema, snapshotsMax),
  /** What all of them take on disk together. */
  storedBytes: integer(0),
  /** What could not be read, in words. */
  problems: array(string(4096), 100),
})
export type SnapshotList = Infer<typeof snapshotListSchema>

/** When snapshots are taken by themselves, and how much room they get. */
export const snapshotPolicySchema = object({
  /**
   * Before which statements: `destructive` ones change or remove what is there (DROP, ALTER, TRUNCATE, CREATE OR
   * REPLACE, DELETE and UPDATE without WHERE, scripts that write); `all` DDL besides.
   */
  before: oneOf('nothing', 'destructive', 'all'),
  /** Before statements of which clients: those of the console alone, or of the endpoint, too. */
  from: oneOf('console', 'everywhere'),
  /** Between two before statements of the endpoint's clients: test suites drop tables all the time. */
  distanceMs: integer(0, 7 * 86_400_000),
  /** While something has been written since the last one; null: never. */
  everyMs: nullable(integer(60_000, 31 * 86_400_000)),
  /** None is taken by itself of a database with more: it would keep everybody waiting. */
  automaticBytesMax: integer(0),
  /** Beyond it the oldest ones go, those without a label first. */
  budgetBytes: integer(1 << 20),
})
export type SnapshotPolicy = Infer<typeof snapshotPolicySchema>

export const defaultSnapshotPolicy: SnapshotPolicy = {
  ...{ before: 'destructive', from: 'everywhere', distanceMs: 60_000, everyMs: null },
  ...{ automaticBytesMax: 2 * 2 ** 30, budgetBytes: 10 * 2 ** 30 },
}

/** How far a copy, a snapshot or a rewind is. */
export const snapshotProgressSchema = object({
  step: oneOf('waiting', 'copying', 'finishing'),
  /** Whom it waits for. */
  holder: nullable(string(1024)),
  doneBytes: integer(0),
  totalBytes: integer(0),
})
export type SnapshotProgress = Infer<typeof snapshotProgressSchema>

/** Something was saved, or not, before a statement. */
export const snapshotNoteSchema = object({
  instanceId: string(64, 1),
  instanceName: string(256),
  reason: snapshotReasonSchema,
  /** null where none could be taken; `problem` says why. */
  snapshotId: nullable(string(64)),
  problem: nullable(string(4096)),
  /** It is one that the user should be told of at once. */
  isNews: boolean,
})
export type SnapshotNote = Infer<typeof snapshotNoteSchema>
