/**
 * The host's end of the store, which runs in a worker thread, so that a slow disk never holds up the host.
 * Knows how to ask and how to end, and no table.
 */

import { join } from 'node:path'
import type { NamesOf, ParamsOf, ResultOf } from '../../contract/contract-table.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import { ContractWorker, workerEntry } from '../worker/contract-worker.ts'
import { storageContract, type StorageContract } from './storage-contract.ts'

type CallName = NamesOf<StorageContract, 'call'>

export interface StorageAnswer<N extends CallName> {
  readonly value: ResultOf<StorageContract[N]>
  readonly buffers: readonly ArrayBuffer[]
}

/** Calls with the worker at once; the rest wait here in order. Well under what one rpc connection may have open. */
const openCallsMax = 64

/** Calls that wait. A client may have 256 requests open, and this is what dozens of them could ask at once. */
const waitingCallsMax = 10_000

export class StorageClient {
  readonly #worker: ContractWorker<StorageContract>
  readonly #waiting: (() => void)[] = []
  #openCalls = 0

  /** `suffix` ends the name of a damaged file that is set aside. */
  constructor(directory: string, suffix: string) {
    this.#worker = new ContractWorker({
      name: 'storage',
      table: storageContract,
      entry: workerEntry(import.meta.url, 'storage-worker'),
      data: { path: join(directory, 'wardian.db'), suffix },
    })
  }

  /** What ended the worker, which will be started again. */
  get onDidFail(): ContractWorker<StorageContract>['onDidFail'] {
    return this.#worker.onDidFail
  }

  async call<N extends CallName>(
    name: N,
    params: ParamsOf<StorageContract[N]>,
  ): Promise<ResultOf<StorageContract[N]>> {
    return (await this.callWithBuffers(name, params)).value
  }

  /** Like `call`, for rows with buffers; those are given away. */
  async callWithBuffers<N extends CallName>(
    name: N,
    params: ParamsOf<StorageContract[N]>,
    buffers: readonly ArrayBuffer[] = [],
  ): Promise<StorageAnswer<N>> {
    await this.#turn()
    try {
      return await this.#worker.client().callWithBuffers(name, params, { buffers })
    } catch (error) {
      if (toWireError(error).code !== 'disconnected') throw error
      throw new WorkbenchError('storage-failed', 'The store ended unexpectedly; try again', { cause: error })
    } finally {
      // The place goes to the next in line, so that a call that comes just now does not overtake it.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#openCalls--
    }
  }

  /** As of ContractWorker. */
  cpuSeconds(): Promise<number | null> {
    return this.#worker.cpuSeconds()
  }

  /** Finishes what was asked, closes the file and ends the worker. */
  async close(): Promise<void> {
    try {
      if (this.#worker.isRunning) await this.call('storage.close', null)
    } finally {
      await this.#worker.close()
    }
  }

  async #turn(): Promise<void> {
    if (this.#waiting.length >= waitingCallsMax) {
      throw new WorkbenchError('limit-exceeded', 'The disk is too slow for what is being stored; try again')
    }
    if (this.#openCalls < openCallsMax) this.#openCalls++
    else await new Promise<void>((next) => this.#waiting.push(next))
  }
}
