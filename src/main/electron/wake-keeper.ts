/**
 * Keeps the machine from falling asleep while something long runs for any window. Short things are not worth it, and
 * the end of a window is the end of what it waits for. Imports nothing of Electron.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'

/** What is used of Electron's `powerSaveBlocker`. */
export interface SleepBlocker {
  start(type: 'prevent-app-suspension'): number
  stop(id: number): unknown
}

/** No machine falls asleep sooner after the last key. */
const patienceMs = 30_000

export class WakeKeeper implements Disposable {
  readonly #blocker: SleepBlocker
  readonly #clock: Clock
  readonly #isWished: () => boolean
  readonly #jobCounts = new Map<number, number>()
  #waiting: Disposable | null = null
  #blockerId: number | null = null

  constructor(blocker: SleepBlocker, clock: Clock, isWished: () => boolean) {
    this.#blocker = blocker
    this.#clock = clock
    this.#isWished = isWished
  }

  get isAwake(): boolean {
    return this.#blockerId !== null
  }

  /** So many things run for the window `windowId`; 0 when it is closed, or its page has ended. */
  setJobCount(windowId: number, count: number): void {
    if (count > 0) this.#jobCounts.set(windowId, count)
    else this.#jobCounts.delete(windowId)
    if (this.#jobCounts.size === 0) return this.dispose()
    if (this.isAwake) return
    this.#waiting ??= this.#clock.after(patienceMs, () => this.#block())
  }

  dispose(): void {
    this.#waiting?.dispose()
    this.#waiting = null
    if (this.#blockerId !== null) this.#blocker.stop(this.#blockerId)
    this.#blockerId = null
  }

  #block(): void {
    this.#waiting = null
    if (this.#isWished()) this.#blockerId = this.#blocker.start('prevent-app-suspension')
  }
}
