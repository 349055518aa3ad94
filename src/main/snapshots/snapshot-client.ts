/**
 * The host's end of the thread that reads and writes the files of instances: started at the first request, started
 * anew after it has failed. Knows no instance.
 */

import type { ChunkOf, NamesOf, ParamsOf, ResultOf } from '../../contract/contract-table.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import { ContractWorker, workerEntry } from '../worker/contract-worker.ts'
import { snapshotContract, type SnapshotContract } from './snapshot-contract.ts'

/** How somebody waits for what takes a while. */
export interface FileWatcher<P> {
  /** Aborting it ends the work, and leaves nothing of it. */
  readonly signal?: AbortSignal | undefined
  onProgress?(progress: P): void
}

export class SnapshotClient {
  readonly #worker = new ContractWorker({
    name: 'snapshots',
    table: snapshotContract,
    entry: workerEntry(import.meta.url, 'snapshot-worker'),
  })
  /** What ended the worker, which will be started again. */
  readonly onDidFail = this.#worker.onDidFail

  async call<N extends NamesOf<SnapshotContract, 'call'>>(
    name: N,
    params: ParamsOf<SnapshotContract[N]>,
  ): Promise<ResultOf<SnapshotContract[N]>> {
    try {
      return await this.#worker.client().call(name, params)
    } catch (error) {
      throw worded(error)
    }
  }

  /** Runs what tells how far it is, to its end. */
  async run<N extends NamesOf<SnapshotContract, 'stream'>>(
    name: N,
    params: ParamsOf<SnapshotContract[N]>,
    { signal, ...watcher }: FileWatcher<ChunkOf<SnapshotContract[N]>> = {},
  ): Promise<ResultOf<SnapshotContract[N]>> {
    try {
      const stream = this.#worker.client().stream(name, params, { signal })
      for await (const { value } of stream) watcher.onProgress?.(value)
      return await stream.result
    } catch (error) {
      throw worded(error)
    }
  }

  close(): Promise<void> {
    return this.#worker.close()
  }
}

function worded(error: unknown): unknown {
  if (toWireError(error).code !== 'disconnected') return error
  return new WorkbenchError('storage-failed', 'The thread that copies files ended unexpectedly; try again', {
    cause: error,
  })
}
