/**
 * Time as a dependency, so that tests own it. The only place in the product that reads the real clocks or
 * sets real timers for waiting.
 */

import type { Disposable } from './disposable.ts'

/** Two clocks and a timer. */
export interface Clock {
  /** Wall clock, in milliseconds since 1970-01-01 UTC. */
  nowMs(): number
  /** Monotonic clock, in milliseconds from an arbitrary start, with fractions. */
  monotonicMs(): number
  /** Runs `action` once after `delayMs`, unless disposed before. */
  after(delayMs: number, action: () => void): Disposable
}

/** The real clocks. Its timers keep the process alive until they fire or are disposed. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs)
    return { dispose: () => clearTimeout(timer) }
  },
}

/** A clock that moves only when told. */
export class TestClock implements Clock {
  readonly #timers = new Set<{ dueMs: number; action: () => void }>()
  #elapsedMs = 0
  readonly #startMs: number

  constructor(startMs = 1_700_000_000_000) {
    this.#startMs = startMs
  }

  nowMs(): number {
    return this.#startMs + this.#elapsedMs
  }

  monotonicMs(): number {
    return this.#elapsedMs
  }

  after(delayMs: number, action: () => void): Disposable {
    const timer = { dueMs: this.#elapsedMs + delayMs, action }
    this.#timers.add(timer)
    return { dispose: () => void this.#timers.delete(timer) }
  }

  /** Moves time forward and fires what has become due, in order of due time. */
  advance(byMs: number): void {
    const endMs = this.#elapsedMs + byMs
    for (;;) {
      const due = [...this.#timers].filter((t) => t.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0]
      if (!due) break
      this.#timers.delete(due)
      this.#elapsedMs = Math.max(this.#elapsedMs, due.dueMs)
      due.action()
    }
    this.#elapsedMs = endMs
  }
}
