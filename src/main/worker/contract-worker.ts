/**
 * A Node worker thread that serves a contract: started when first asked, started anew when asked after it has
 * ended, ended with its owner. Knows no row of any contract. A call that was open when the worker ended rejects
 * with `disconnected`; whether to ask again is for the caller to know.
 */

import { Worker } from 'node:worker_threads'
import { onDispose, type Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import type { ContractTable } from '../../contract/contract-table.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { createMessagePort } from '../../rpc/message-port.ts'
import { connectContract, type ContractClient } from '../../rpc/rpc-client.ts'

export interface ContractWorkerOptions<T extends ContractTable> {
  /** What it is called in messages and in process listings, such as `storage`. */
  readonly name: string
  readonly table: T
  readonly entry: URL
  /** Handed to the worker as `workerData`. */
  readonly data?: unknown
}

interface Running<T extends ContractTable> {
  readonly worker: Worker
  readonly client: ContractClient<T>
  readonly tracking: Disposable
}

/** The file of a worker that lies beside `callerUrl`: TypeScript from source, JavaScript from the build. */
export function workerEntry(callerUrl: string, name: string): URL {
  return new URL(callerUrl.endsWith('.ts') ? `./${name}.ts` : `./${name}.js`, callerUrl)
}

export class ContractWorker<T extends ContractTable> {
  readonly #options: ContractWorkerOptions<T>
  readonly #didFail = new Emitter<unknown>()
  /** What ended a worker that was not asked to end: log it. */
  readonly onDidFail = this.#didFail.event
  #running: Running<T> | null = null
  #isClosed = false

  constructor(options: ContractWorkerOptions<T>) {
    this.#options = options
  }

  /** Starts the worker if it is not running. Throws `closed` after `close`. */
  client(): ContractClient<T> {
    if (this.#isClosed) throw new WorkbenchError('closed', `The ${this.#options.name} worker was closed`)
    this.#running ??= this.#start()
    return this.#running.client
  }

  /** CPU time of the thread that runs, in seconds; null: there is none, or this Node does not tell. */
  async cpuSeconds(): Promise<number | null> {
    const worker = this.#running?.worker
    if (!worker || !('cpuUsage' in worker)) return null
    // A thread that ends meanwhile has used what it has used.
    const usage = await worker.cpuUsage().catch(() => null)
    return usage === null ? null : (usage.user + usage.system) / 1_000_000
  }

  get isRunning(): boolean {
    return this.#running !== null
  }

  /** Ends the worker, whatever it is doing, and waits for that. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true
    const running = this.#running
    this.#running = null
    this.#didFail.dispose()
    if (!running) return
    running.client.dispose()
    await running.worker.terminate()
    running.tracking.dispose()
  }

  #start(): Running<T> {
    const { name, table, entry, data } = this.#options
    const worker = new Worker(entry, { name, workerData: data })
    const tracking = onDispose(`${name}-worker`, () => undefined)
    const client = connectContract(table, createMessagePort(worker))
    const running = { worker, client, tracking }
    worker.on('error', (error) => this.#ended(running, error))
    worker.on('exit', (code) => this.#ended(running, new Error(`The ${name} worker ended with code ${code}`)))
    return running
  }

  #ended(running: Running<T>, reason: unknown): void {
    running.tracking.dispose()
    if (this.#running !== running) return
    this.#running = null
    this.#didFail.fire(reason)
  }
}
