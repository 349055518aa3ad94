/** The rows of the thread's contract as functions of the modules beside it: one line each, no decision. */

import type { Handlers } from '../../rpc/handlers.ts'
import { progressStream } from '../worker/progress-stream.ts'
import type { ArchiveContract } from './archive-contract.ts'
import { packArchive } from './pack-archive.ts'
import { readArchiveManifest, unpackArchive } from './unpack-archive.ts'

export function archiveHandlers(): Handlers<ArchiveContract> {
  return {
    'archive.describe': ({ file }) => readArchiveManifest(file),
    'archive.pack': (params, { signal }) =>
      progressStream(signal, async (ended, onProgress) => {
        return { byteCount: await packArchive(params, { signal: ended, onProgress }) }
      }),
    'archive.unpack': (params, { signal }) =>
      progressStream(signal, async (ended, onProgress) => {
        await unpackArchive(params, { signal: ended, onProgress })
        return null
      }),
  }
}
