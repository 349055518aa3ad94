/**
 * How long the turns of this thread's event loop take, in the processor's time of the thread: other threads and
 * programs do not lengthen them. Looks once in each turn. Knows nothing of what runs in them.
 */

export class LoopTurns {
  readonly #watching: Promise<void>
  #isOver = false
  #lastMs = threadMs()
  #longestMs = 0

  constructor() {
    this.#watching = this.#watch()
  }

  /** The longest turn since it was made, in milliseconds. */
  async end(): Promise<number> {
    this.#isOver = true
    await this.#watching
    return this.#longestMs
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      await new Promise((resolve) => setImmediate(resolve))
      const nowMs = threadMs()
      this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastMs)
      this.#lastMs = nowMs
    }
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
