/** Where the last text that was scanned has literals that do not count for its shape. Knows no text. */

/** A text with more of them is not remembered. */
export const literalPlacesMax = 64

export class LiteralPlaces {
  /** Beginnings and ends in turn. */
  readonly #bounds = new Int32Array(2 * literalPlacesMax)
  #count = 0

  /** null where there are too many. */
  get bounds(): Readonly<Int32Array> | null {
    return this.#count > literalPlacesMax ? null : this.#bounds.subarray(0, 2 * this.#count)
  }

  reset(): void {
    this.#count = 0
  }

  note(start: number, end: number): void {
    const at = 2 * this.#count++
    // Beyond its end nothing is written.
    this.#bounds[at] = start
    this.#bounds[at + 1] = end
  }
}
