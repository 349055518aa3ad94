/**
 * What the thread can be asked that reads and writes the files of instances, as a table. All of it is about
 * directories in which nothing runs meanwhile. No behaviour.
 */

import { call, stream } from '../../contract/contract-table.ts'
import { boolean, integer, nothing, object, string } from '../../contract/schema.ts'

const path = string(4096, 1)

/** How far something is. */
export const fileProgressSchema = object({ doneBytes: integer(0), totalBytes: integer(0) })

export const snapshotContract = {
  /**
   * Copies an image of the data directory `from` to `to`, which is made. `isSettled` as of listImageFiles. Ends as soon
   * as everything is copied; nothing is on disk before `files.sync`.
   */
  'files.copy': stream({
    params: object({ from: path, to: path, isSettled: boolean }),
    chunk: fileProgressSchema,
    /** Whether there are files beside it that `files.complete` is to put into it. */
    result: object({ byteCount: integer(0), hasSetAside: boolean }),
  }),
  /** Puts into a copy what was set aside when it was made, once it has been started and has ended in order. */
  'files.complete': call({ params: object({ directory: path }), result: nothing }),
  /** Everything in the directory is on disk when it answers. */
  'files.sync': call({ params: object({ directory: path }), result: nothing }),
} as const

export type SnapshotContract = typeof snapshotContract
