/**
 * The host's end of the thread that compiles and fills directories. It is started when there is work and stays a
 * while for more: starting a thread takes as long as a third of filling a directory, and a new instance is often
 * the first thing after compiling. Knows nothing of the work.
 */

import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import { WorkbenchError, fromWireError } from '../../../contract/error.ts'
import type { CompiledModule, FileAnswer, FileTask, FillTask } from './engine-message.ts'

/** Somebody who creates several instances does so within this time. The thread keeps some 10 MB until then. */
const idleMs = 10_000

export interface FileThreadOptions {
  /** Where Node keeps compiled code, unless the environment says; only this user may write there. */
  readonly compileCacheDirectory: string
  readonly clock: Clock
}

interface Waiting {
  readonly settled: Promise<unknown>
  resolve(value: CompiledModule | void): void
  reject(error: unknown): void
}

export class FileThread {
  readonly #options: FileThreadOptions
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  #idle: Disposable | null = null
  #numbers = 0
  #isDisposed = false

  constructor(options: FileThreadOptions) {
    this.#options = options
  }

  /** Compiles the WebAssembly in a file. */
  async compile(wasmFile: string): Promise<CompiledModule> {
    return (await this.#run({ kind: 'compile', wasmFile })) as CompiledModule
  }

  /** Fills a directory from a template; see prepareDirectory. */
  async fill(options: Omit<FillTask, 'kind'>): Promise<void> {
    await this.#run({ kind: 'fill', ...options })
  }

  /** Ends the thread when the work that is under way is done, so that no directory is left half filled. */
  async dispose(): Promise<void> {
    this.#isDisposed = true
    await Promise.allSettled([...this.#waiting.values()].map(({ settled }) => settled))
    await this.#end(this.#worker, null)
  }

  #run(task: FileTask): Promise<CompiledModule | void> {
    if (this.#isDisposed) throw new WorkbenchError('closed', 'The engines have been shut down')
    this.#idle?.dispose()
    this.#worker ??= this.#start()
    // Nobody who waits for work is left waiting because nothing else keeps the process alive.
    this.#worker.ref()
    const number = (this.#numbers += 1)
    this.#worker.postMessage({ number, task })
    const { promise, resolve, reject } = Promise.withResolvers<CompiledModule | void>()
    this.#waiting.set(number, { settled: promise, resolve, reject })
    return promise
  }

  #start(): Worker {
    // Sources run as .ts, the built program as .js.
    const entry = new URL(`./file-worker${extname(import.meta.url)}`, import.meta.url)
    const env = { NODE_COMPILE_CACHE: this.#options.compileCacheDirectory, ...process.env }
    const worker = new Worker(entry, { name: 'wardian-files', env })
    worker.on('message', (answer: FileAnswer) => this.#settle(answer))
    worker.once('error', (error) => void this.#end(worker, error))
    worker.once(
      'exit',
      () => void this.#end(worker, new Error('The thread that fills directories has ended')),
    )
    return worker
  }

  #settle(answer: FileAnswer): void {
    const waiting = this.#waiting.get(answer.number)
    this.#waiting.delete(answer.number)
    if (answer.error) waiting?.reject(fromWireError(answer.error))
    else waiting?.resolve(answer.value)
    if (this.#waiting.size > 0) return
    this.#worker?.unref()
    this.#idle?.dispose()
    this.#idle = this.#options.clock.after(idleMs, () => void this.#end(this.#worker, null))
  }

  async #end(worker: Worker | null, reason: unknown): Promise<void> {
    // One that has been replaced has nothing under way any more.
    if (worker === null || worker !== this.#worker) return
    this.#worker = null
    this.#idle?.dispose()
    for (const { reject } of this.#waiting.values()) reject(reason)
    this.#waiting.clear()
    await worker.terminate()
  }
}
