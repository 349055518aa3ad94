/**
 * Slows down who guesses tokens. A random token needs no such help; one that the user chose does. Knows only
 * when attempts failed, not who made them: on loopback all callers have one address.
 */

import type { Clock } from '../../base/clock.ts'

/** Failures that are forgiven within the window: typing errors, old bookmarks, a few open tabs. */
export const loginFailuresMax = 10

/** At 10 guesses in 30 s a token of 128 bits lasts for ever, and a person who erred waits half a minute. */
export const loginWindowMs = 30_000

export class LoginLimiter {
  readonly #clock: Clock
  #failuresMs: number[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds until another attempt is looked at; 0 when it is now. */
  waitMs(): number {
    const nowMs = this.#clock.monotonicMs()
    this.#failuresMs = this.#failuresMs.filter((failedMs) => failedMs > nowMs - loginWindowMs)
    const [first] = this.#failuresMs
    if (first === undefined || this.#failuresMs.length < loginFailuresMax) return 0
    return first + loginWindowMs - nowMs
  }

  /** Counts a failed attempt. Call only when waitMs() is 0, which bounds the list. */
  didFail(): void {
    this.#failuresMs.push(this.#clock.monotonicMs())
  }
}
