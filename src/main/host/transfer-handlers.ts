/** The rows of the contract that move whole databases, as functions of the host's parts. */

import type { Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { transferCalls } from '../../contract/transfer-calls.ts'
import type { Connection, Handlers } from '../../rpc/handlers.ts'
import { progressStream } from '../transfer/progress-stream.ts'
import { UploadQueue } from '../transfer/upload-queue.ts'
import type { HostParts } from './host-parts.ts'

/** Of one client at once; each is a file that is being restored. */
const uploadsMax = 16

export function transferHandlers({ transfers }: HostParts): Handlers<typeof transferCalls> {
  const uploads = new Uploads()
  return {
    'transfer.dump': (params, { signal }) => transfers.dump(params, signal),
    'transfer.upload': async ({ uploadId, isLast }, { buffers, connection }) => {
      await uploads.get(uploadId, connection).push(new Uint8Array(buffers[0] ?? new ArrayBuffer(0)), isLast)
      return null
    },
    'transfer.copy': (params, { signal }) =>
      progressStream(signal, (tell, whole) => transfers.copy({ ...params, signal: whole, tell })),
    'transfer.migration': ({ instanceId }) => transfers.migration(instanceId),
    'transfer.migrate': ({ instanceId }, { signal }) =>
      progressStream(signal, (tell, whole) => transfers.migrate(instanceId, { signal: whole, tell })),
    'transfer.restore': ({ uploadId, ...params }, { signal, connection }) => {
      const upload = uploads.get(uploadId, connection)
      return progressStream(signal, async (tell, whole) => {
        const onAbort = (): void => upload.end(new WorkbenchError('cancelled', 'The restore was cancelled'))
        whole.addEventListener('abort', onAbort)
        try {
          return await transfers.restore({ ...params, source: upload.read(), signal: whole, tell })
        } finally {
          whole.removeEventListener('abort', onAbort)
          upload.end(new WorkbenchError('closed', 'The restore has ended'))
          uploads.forget(uploadId)
        }
      })
    },
  }
}

/** The files that one client sends. */
class Uploads {
  readonly #uploads = new Map<string, { readonly queue: UploadQueue; readonly watching: Disposable }>()

  get(uploadId: string, connection: Connection): UploadQueue {
    const known = this.#uploads.get(uploadId)
    if (known) return known.queue
    if (this.#uploads.size >= uploadsMax) {
      throw new WorkbenchError('limit-exceeded', `A client may restore ${uploadsMax} files at once`)
    }
    const queue = new UploadQueue()
    const watching = connection.onDidClose(() => {
      queue.end(new WorkbenchError('disconnected', 'The client is gone'))
      this.forget(uploadId)
    })
    this.#uploads.set(uploadId, { queue, watching })
    return queue
  }

  forget(uploadId: string): void {
    this.#uploads.get(uploadId)?.watching.dispose()
    this.#uploads.delete(uploadId)
  }
}
