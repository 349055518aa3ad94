/**
 * The host's end of Postgres's timer: waits as long as the worker has said, then makes it look. Knows nothing of
 * what the timer is for.
 */

import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import { alarmExpression } from './backend-alarm.ts'
import type { EngineThread } from './engine-thread.ts'

export class HostAlarm implements Disposable {
  readonly #clock: Clock
  readonly #thread: EngineThread
  #timer: Disposable | null = null

  constructor(clock: Clock, thread: EngineThread) {
    this.#clock = clock
    this.#thread = thread
  }

  /** Takes the place of the one before. */
  set(number: number, delayMs: number): void {
    this.dispose()
    this.#timer = this.#clock.after(delayMs, () => {
      this.#timer = null
      this.#thread.signals.raiseAlarm(number)
      this.#thread.interrupt(alarmExpression)
    })
  }

  dispose(): void {
    this.#timer?.dispose()
    this.#timer = null
  }
}
