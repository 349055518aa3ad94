/**
 * The host's end of the thread that packs and unpacks instances: started at the first request, started anew after it
 * has failed. Knows no instance.
 */

import type { ParamsOf } from '../../contract/contract-table.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import { ContractWorker, workerEntry } from '../worker/contract-worker.ts'
import type { ProgressWatcher } from '../worker/progress-stream.ts'
import { archiveContract, type ArchiveContract } from './archive-contract.ts'
import type { ArchiveManifest } from './archive-manifest.ts'

export class ArchiveClient {
  readonly #worker = new ContractWorker({
    name: 'archive',
    table: archiveContract,
    entry: workerEntry(import.meta.url, 'archive-worker'),
  })
  /** What ended the worker, which will be started again. */
  readonly onDidFail = this.#worker.onDidFail

  /** What an archive says of itself. */
  describe(file: string): Promise<ArchiveManifest> {
    return worded(this.#worker.client().call('archive.describe', { file }))
  }

  /** Answers how long the archive is. */
  async pack(
    params: ParamsOf<ArchiveContract['archive.pack']>,
    { signal, onProgress }: ProgressWatcher,
  ): Promise<number> {
    const stream = this.#worker.client().stream('archive.pack', params, { signal })
    return worded(
      (async () => {
        for await (const { value } of stream) onProgress(value.doneBytes, value.totalBytes)
        return (await stream.result).byteCount
      })(),
    )
  }

  async unpack(
    params: ParamsOf<ArchiveContract['archive.unpack']>,
    { signal, onProgress }: ProgressWatcher,
  ): Promise<void> {
    const stream = this.#worker.client().stream('archive.unpack', params, { signal })
    await worded(
      (async () => {
        for await (const { value } of stream) onProgress(value.doneBytes, value.totalBytes)
        await stream.result
      })(),
    )
  }

  close(): Promise<void> {
    return this.#worker.close()
  }
}

async function worded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (toWireError(error).code !== 'disconnected') throw error
    throw new WorkbenchError(
      'storage-failed',
      'The thread that packs databases ended unexpectedly; try again',
      {
        cause: error,
      },
    )
  }
}
