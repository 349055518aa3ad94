/** The rows of the thread's contract as functions of the modules beside it: one line each, no decision. */

import type { Handlers } from '../../rpc/handlers.ts'
import { completeFiles, copyFiles, syncFiles } from './copy-files.ts'
import type { SnapshotContract } from './snapshot-contract.ts'

export function snapshotHandlers(): Handlers<SnapshotContract> {
  return {
    'files.copy': (params, { signal }) => copyFiles(params, signal),
    'files.complete': async ({ directory }) => {
      completeFiles(directory)
      return null
    },
    'files.sync': async ({ directory }) => {
      await syncFiles(directory)
      return null
    },
  }
}
