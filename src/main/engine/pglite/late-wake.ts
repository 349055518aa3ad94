/**
 * Wakes the engine's thread a moment later, for what nobody waits for: to wake it takes both threads as long as a small
 * statement, and whoever comes next wakes it anyway. Knows nothing of what there is to do.
 */

import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'

/** As long as a server takes to end a session of its own. Somebody may wait for a lock that the session holds. */
export const lateWakeMs = 5

/** What of EngineThread it takes. */
export interface SleepingThread {
  wake(): void
}

export class LateWake implements Disposable {
  readonly #clock: Clock
  readonly #thread: SleepingThread
  readonly #mayRunBeside: boolean
  #timer: Disposable | null = null
  #isDisposed = false

  /** `mayRunBeside`: the thread has a processor while the caller goes on. */
  constructor(clock: Clock, thread: SleepingThread, mayRunBeside: boolean) {
    this.#clock = clock
    this.#thread = thread
    this.#mayRunBeside = mayRunBeside
  }

  /** Within `lateWakeMs`. */
  wakeLater(): void {
    if (this.#isDisposed) return
    this.#timer ??= this.#clock.after(lateWakeMs, () => {
      this.#timer = null
      this.#thread.wake()
    })
  }

  /**
   * For what somebody will soon wait for, and wakes the thread for then: at once, if that gets it done before, and
   * nobody else needs the processor.
   */
  wakeMeanwhile(isAlone: boolean): void {
    if (isAlone && this.#mayRunBeside) this.#thread.wake()
    else this.wakeLater()
  }

  dispose(): void {
    this.#isDisposed = true
    this.#timer?.dispose()
    this.#timer = null
  }
}
