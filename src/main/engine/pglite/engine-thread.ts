/**
 * The host's end of one worker thread: starts it, carries messages both ways, and tells once why it ended. It may be
 * started before there is an engine that listens to it. Knows the messages' unions and no meaning of any of them.
 */

import { randomUUID } from 'node:crypto'
import { extname } from 'node:path'
import { MessageChannel, Worker, type MessagePort, type Transferable } from 'node:worker_threads'
import { assert } from '../../../base/assert.ts'
import { onDispose } from '../../../base/disposable.ts'
import { WorkbenchError, fromWireError } from '../../../contract/error.ts'
import { takeLentBatch } from './batch-slots.ts'
import type { BackendStart, BatchMessage, HostMessage, WorkerMessage } from './engine-message.ts'
import type { WatchedThread } from './liveness-watch.ts'
import { SharedLog } from './shared-log.ts'
import { SharedLine } from './shared-line.ts'
import { SharedSignals } from './shared-signals.ts'
import { threadUsage, type ThreadUsage } from './thread-usage.ts'
import type { WorkerInterrupter } from './worker-interrupter.ts'

/**
 * Postgres checks its own stack against max_stack_depth (2 MB by default, 7 MB at most), but each of its frames
 * also takes one of V8's, several times as large. With 64 MB recursive SQL functions ended the thread where
 * max_stack_depth was high, which nothing survives; with 256 MB they work, or end with 54001. Only touched
 * pages cost memory: an instance that has just been opened takes as much with either.
 */
const stackMegabytes = 256

/**
 * What JavaScript may have in one thread, without buffers and Postgres's own memory: tens of megabytes are used. A
 * thread that reaches it is ended alone, where V8's own limit, which grows with the machine, lets ten threads take all
 * of its memory. Not less: what V8 allocates in one piece, an array of 2^27 elements (1 GB) at most, must fit or be a
 * RangeError, because a piece for which there is no room ends the process, with or without a limit.
 */
export const engineHeapMegabytes = 2_048

const microsecondsPerMs = 1_000

export interface EngineThreadListener {
  onMessage(message: Exclude<WorkerMessage, { kind: 'lent-batch' }>): void
  /** The thread has ended; called once, last. */
  onEnd(error: WorkbenchError): void
}

export interface EngineThreadOptions {
  readonly start: Omit<BackendStart, 'signals' | 'line' | 'log'>
  readonly interrupter: WorkerInterrupter
  /** Where Node keeps compiled code, unless the environment says; only this user may write there. */
  readonly compileCacheDirectory: string
  readonly heapMegabytes: number
}

export class EngineThread implements WatchedThread {
  readonly signals = new SharedSignals()
  readonly line = new SharedLine()
  /** What Postgres has logged last, also when the thread has ended. */
  readonly log = new SharedLog()
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #name = `wardian-engine-${randomUUID()}`
  readonly #interrupter: WorkerInterrupter
  readonly #gone = Promise.withResolvers<void>()
  #listener: EngineThreadListener | null = null
  #end: WorkbenchError | null = null
  #failure: WorkbenchError | null = null
  #endReason: WorkbenchError | null = null

  /** Nothing keeps the process alive for it before somebody listens. */
  constructor(options: EngineThreadOptions) {
    const { port1, port2 } = new MessageChannel()
    const { signals, line, log } = this
    const shared = { signals: signals.buffer, line: line.buffer, log: log.buffer }
    const start: BackendStart = { ...options.start, ...shared }
    const entry = new URL(`./pglite-worker${extname(import.meta.url)}`, import.meta.url)
    this.#port = port1
    this.#interrupter = options.interrupter
    this.#worker = new Worker(entry, {
      name: this.#name,
      workerData: { start, inbox: port2 },
      transferList: [port2],
      resourceLimits: { stackSizeMb: stackMegabytes, maxOldGenerationSizeMb: options.heapMegabytes },
      // Compiling PGlite's half megabyte of JavaScript anew takes a fifth of the time to open an instance.
      env: { NODE_COMPILE_CACHE: options.compileCacheDirectory, ...process.env },
    })
    const count = onDispose('engine-thread', () => undefined)
    this.#worker.on('message', (message: WorkerMessage) => this.#onMessage(message))
    this.#worker.on('error', (error) => (this.#failure ??= crashed(error)))
    this.#worker.once('exit', () => {
      count.dispose()
      this.#port.close()
      this.#interrupter.forget(this.#name)
      this.#end = this.#endReason ?? this.#failure ?? crashed(undefined)
      this.#gone.resolve()
      this.#listener?.onEnd(this.#end)
    })
    this.#worker.unref()
  }

  /** Settles when the thread is gone. */
  get gone(): Promise<void> {
    return this.#gone.promise
  }

  /** Why it has ended; null while it has not. */
  get end(): WorkbenchError | null {
    return this.#end
  }

  /** Gives a thread that has not ended its only listener. */
  listen(listener: EngineThreadListener): void {
    assert(this.#listener === null && this.#end === null, 'A thread serves one engine')
    this.#listener = listener
    this.#worker.ref()
  }

  send(message: HostMessage, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer as Transferable[])
    this.signals.wake()
  }

  /** For what nobody waits for: the thread is not woken by it. */
  sendQuietly(message: HostMessage): void {
    this.#port.postMessage(message)
    this.signals.announce()
  }

  /** Evaluates `expression` in the thread although it is busy. */
  interrupt(expression: string): void {
    this.#interrupter.evaluate(this.#name, expression)
  }

  /** null when it has ended. */
  usage(): Promise<ThreadUsage | null> {
    return threadUsage(this.#worker)
  }

  get beats(): number {
    return this.signals.beats
  }

  get mayTakeLong(): boolean {
    return this.signals.mayTakeLong
  }

  wake(): void {
    this.signals.wakeIfAsleep()
  }

  /** Processor time that the thread has taken so far; asked of the thread, which answers although it is busy. */
  async cpuMs(): Promise<number> {
    const { user, system } = await this.#worker.cpuUsage()
    return (user + system) / microsecondsPerMs
  }

  /** Ends the thread now, whatever it does; `reason` is what `onEnd` then tells. */
  async terminate(reason: WorkbenchError): Promise<void> {
    this.#endReason ??= reason
    await this.#worker.terminate()
  }

  #takeBatch({ lent, ...message }: Extract<WorkerMessage, { kind: 'lent-batch' }>): BatchMessage {
    return { ...message, kind: 'batch', buffer: takeLentBatch(lent, this.signals) }
  }

  #onMessage(message: WorkerMessage): void {
    if (message.kind === 'failed') this.#failure = fromWireError(message.error)
    this.#listener?.onMessage(message.kind === 'lent-batch' ? this.#takeBatch(message) : message)
    // Nothing follows these. By itself the thread might stay: a timer of Postgres is one of its event loop.
    if (message.kind === 'failed' || message.kind === 'closed') void this.#worker.terminate()
  }
}

function crashed(cause: unknown): WorkbenchError {
  const how = cause instanceof Error ? `: ${cause.message}` : ''
  return new WorkbenchError('engine-crashed', `The thread of the database engine ended unexpectedly${how}`, {
    cause,
  })
}
