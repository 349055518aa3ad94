/**
 * The thread for the next engine, started before anybody needs it: starting it and loading PGlite take as long as
 * Postgres's own start. Has one at most, for a limited time; who finds none gets a new one. Knows no instance.
 */

import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import type { EngineThread } from './engine-thread.ts'

/** Whoever has just opened an instance uses it first; loading takes a core for a third of a second. */
const quietMs = 250

/** People who work with instances open another one, or a copy, within this time. It keeps its memory until then. */
const idleMs = 60_000

export interface SpareThreadsOptions {
  readonly clock: Clock
  /** Starts a thread that waits for its beginning. */
  start(): Promise<EngineThread>
}

export class SpareThreads {
  readonly #options: SpareThreadsOptions
  #spare: Promise<EngineThread> | null = null
  /** Until one is prepared, or given up. */
  #timer: Disposable | null = null
  #isDisposed = false

  constructor(options: SpareThreadsOptions) {
    this.#options = options
  }

  /** The spare thread, or a new one. It is the caller's. Throws what starting throws. */
  async take(): Promise<EngineThread> {
    const spare = this.#letGo()
    if (spare !== null) {
      // Where it could not be started, this start says why.
      const thread = await spare.catch(() => null)
      if (thread !== null && thread.end === null) return thread
    }
    return this.#options.start()
  }

  /** Starts one, unless it is there. What it fails with is told to whoever needs it. */
  prepare(): void {
    if (this.#isDisposed) return
    this.#timer?.dispose()
    this.#timer = this.#options.clock.after(idleMs, () => void this.#discard())
    if (this.#spare !== null) return
    const spare = this.#options.start()
    this.#spare = spare
    spare.catch(() => {
      if (this.#spare === spare) this.#spare = null
    })
  }

  /** As `prepare`, when nobody has taken one for a while. */
  prepareSoon(): void {
    if (this.#isDisposed || this.#spare !== null) return
    this.#timer?.dispose()
    this.#timer = this.#options.clock.after(quietMs, () => this.prepare())
  }

  /** Ends the spare; resolves when its thread is gone. */
  async dispose(): Promise<void> {
    this.#isDisposed = true
    await this.#discard()
  }

  async #discard(): Promise<void> {
    const spare = this.#letGo()
    if (spare === null) return
    const thread = await spare.catch(() => null)
    await thread?.terminate(new WorkbenchError('closed', 'No instance was opened'))
    await thread?.gone
  }

  #letGo(): Promise<EngineThread> | null {
    this.#timer?.dispose()
    this.#timer = null
    const spare = this.#spare
    this.#spare = null
    return spare
  }
}
