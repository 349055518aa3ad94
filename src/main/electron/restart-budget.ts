/** How often something that dies may be started again: so many times within a window of time, on a monotonic clock. */

import type { Clock } from '../../base/clock.ts'

/** What dies more often than this within the window will not live the next time either. */
const restartsMax = 3
const restartWindowMs = 60_000

export class RestartBudget {
  readonly #clock: Clock
  readonly #max: number
  #spentMs: number[] = []

  /** `max`: times within a minute. */
  constructor(clock: Clock, max: number = restartsMax) {
    this.#clock = clock
    this.#max = max
  }

  /** Whether there is one left now. */
  get isLeft(): boolean {
    const nowMs = this.#clock.monotonicMs()
    this.#spentMs = this.#spentMs.filter((spentMs) => spentMs > nowMs - restartWindowMs)
    return this.#spentMs.length < this.#max
  }

  /** Takes one if there is one. */
  spend(): boolean {
    if (!this.isLeft) return false
    this.#spentMs.push(this.#clock.monotonicMs())
    return true
  }
}
