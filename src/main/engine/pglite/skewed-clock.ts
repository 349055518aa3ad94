/**
 * The monotonic clock that Postgres is shown in a worker. pg_sleep and other latch waits look at the interrupt
 * flags only when their wait ends, and they measure it with `performance.now`; moving that clock forward ends
 * the wait at once. Wall-clock time (`now()`) reads another clock and is not affected.
 */

/** WaitLatch waits ten minutes at most before it looks again (PostgreSQL, misc.c, pg_sleep); this is longer. */
const leapMs = 3_600_000

export class SkewedClock {
  readonly #nowMs: () => number
  #skewMs = 0

  /** Takes the place of this thread's `performance.now`. */
  constructor() {
    this.#nowMs = performance.now.bind(performance)
    performance.now = () => this.#nowMs() + this.#skewMs
  }

  /** The true monotonic clock. */
  readonly nowMs = (): number => this.#nowMs()

  /** Ends waits that began before. The clock never goes back. */
  leap(): void {
    this.#skewMs += leapMs
  }
}
