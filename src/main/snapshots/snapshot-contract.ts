/**
 * What the thread can be asked that reads and writes the files of instances, as a table. All of it is about
 * directories in which nothing runs meanwhile. No behaviour.
 */

import { call, stream } from '../../contract/contract-table.ts'
import { array, boolean, integer, nothing, nullable, object, string } from '../../contract/schema.ts'
import {
  snapshotLabelLengthMax,
  snapshotListSchema,
  snapshotReasonSchema,
  snapshotSchema,
  snapshotsMax,
} from '../../contract/snapshot.ts'

const path = string(4096, 1)
const id = string(64, 1)
const version = nullable(string(64))
const label = nullable(string(snapshotLabelLengthMax, 1))

/** How far something is. */
const fileProgressSchema = object({ doneBytes: integer(0), totalBytes: integer(0) })

const ofSnapshot = object({ store: path, id })

export const snapshotContract = {
  /**
   * Copies an image of the data directory `from` to `to`, which is made. `position` as of listImageFiles. Ends as soon
   * as everything is copied; nothing is on disk before `files.sync`.
   */
  'files.copy': stream({
    params: object({ from: path, to: path, position: version }),
    chunk: fileProgressSchema,
    /** Whether there are files beside it that `files.complete` is to put into it. */
    result: object({ byteCount: integer(0), hasSetAside: boolean }),
  }),
  /** Puts into a copy what was set aside when it was made, once it has been started and has ended in order. */
  'files.complete': call({ params: object({ directory: path }), result: nothing }),
  /** Everything is on disk when it answers that was in the directory; an engine may use it meanwhile. */
  'files.sync': call({ params: object({ directory: path }), result: nothing }),

  /** As SnapshotStore has these; `store` is its directory. */
  'store.list': call({ params: object({ store: path }), result: snapshotListSchema }),
  'store.take': stream({
    params: object({
      ...{ store: path, data: path, position: version, takenAtMs: integer(0), label },
      ...{ reason: snapshotReasonSchema, serverVersion: version, engineVersion: version },
      bytesMax: nullable(integer(0)),
    }),
    chunk: object({ doneBytes: integer(0), totalBytes: integer(0), isRead: boolean }),
    result: snapshotSchema,
  }),
  'store.label': call({ params: object({ store: path, id, label }), result: snapshotSchema }),
  'store.remove': call({
    params: object({ store: path, ids: array(id, snapshotsMax) }),
    result: nothing,
  }),
  'store.prune': call({
    params: object({ store: path, budgetBytes: integer(0) }),
    result: object({ removed: array(id, snapshotsMax) }),
  }),
  /** Writes a snapshot to `to`, which is made; as `files.copy` besides. */
  'store.restore': stream({
    params: object({ store: path, id, to: path }),
    chunk: fileProgressSchema,
    result: object({ byteCount: integer(0), hasSetAside: boolean }),
  }),
  /** The names of damaged files. */
  'store.verify': stream({
    params: ofSnapshot,
    chunk: fileProgressSchema,
    result: object({ damaged: array(path, 1_000_000) }),
  }),
} as const

export type SnapshotContract = typeof snapshotContract
