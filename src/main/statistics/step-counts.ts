/** How often each step of the scale has come. The last ones are a list, because a look into a map costs more. */

const recentMax = 64

export class StepCounts {
  readonly #counts = new Map<number, number>()
  /** In use up to `#recentCount`. */
  readonly #recent: number[] = []
  #recentCount = 0

  add(step: number): void {
    if (this.#recentCount === recentMax) this.#count()
    this.#recent[this.#recentCount++] = step
  }

  /** Steps and counts in turn. */
  pairs(): Float64Array {
    this.#count()
    return Float64Array.from([...this.#counts].flat())
  }

  #count(): void {
    for (let index = 0; index < this.#recentCount; index++) {
      const step = this.#recent[index] ?? 0
      this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1)
    }
    this.#recentCount = 0
  }
}
