/**
 * How results leave the worker while WebAssembly runs: messages are posted at once, and the thread blocks when
 * consumers have more bytes under way than the window allows. Knows neither what a message means nor who
 * consumes it.
 */

import type { MessagePort } from 'node:worker_threads'
import type { WorkerMessage } from './engine-message.ts'
import type { SharedSignals } from './shared-signals.ts'

/** What posting costs in the window, and when waiting for it ends without credit. */
export interface PostOptions {
  readonly costBytes: number
  readonly transfer?: readonly ArrayBuffer[]
  /** Whoever asked for the end of the work must not be kept waiting by a slow consumer. */
  isInterrupted(): boolean
}

export class OutputWindow {
  readonly #port: MessagePort
  readonly #signals: SharedSignals
  readonly #windowBytes: number
  /** Modulo 2^32, like the count of what was consumed. */
  #postedBytes = 0

  constructor(port: MessagePort, options: { signals: SharedSignals; windowBytes: number }) {
    this.#port = port
    this.#signals = options.signals
    this.#windowBytes = options.windowBytes
  }

  /** Another activity begins: what consumers of the last one never took does not count any more. */
  begin(): void {
    this.#postedBytes = this.#signals.consumedBytes
  }

  /** Posts a message that no consumer is slow for, such as the end of a statement. */
  post(message: WorkerMessage): void {
    this.#port.postMessage(message)
  }

  /**
   * Posts once what is under way fits the window, so that at most one message of any size is above it. After an
   * interruption messages pass freely: Postgres notices it at the next row, so little follows.
   */
  postWithin(message: WorkerMessage, options: PostOptions): void {
    this.#signals.waitFor(() => this.#hasRoom() || options.isInterrupted() || undefined)
    this.#postedBytes = (this.#postedBytes + options.costBytes) | 0
    this.#port.postMessage(message, [...(options.transfer ?? [])])
  }

  #hasRoom(): boolean {
    return ((this.#postedBytes - this.#signals.consumedBytes) | 0) < this.#windowBytes
  }
}
