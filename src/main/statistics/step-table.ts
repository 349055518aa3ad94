/** How often each step of the latency scale has come: a hash table of numbers that grows. Knows no latency. */

/** A power of two; half of it is filled at most. */
const firstPlaces = 64

export class StepTable {
  /** Steps and one more, so that 0 is an empty place, and counts in turn. */
  #places = new Uint32Array(2 * firstPlaces)
  #used = 0

  add(step: number, count: number): void {
    const places = this.#places
    const last = places.length - 1
    let at = (2 * step) & last
    while (places[at] !== 0 && places[at] !== step + 1) at = (at + 2) & last
    places[at + 1] = (places[at + 1] ?? 0) + count
    if (places[at] !== 0) return
    places[at] = step + 1
    this.#used += 1
    if (4 * this.#used > places.length) this.#grow()
  }

  /** Steps and counts in turn. */
  pairs(): Float64Array {
    const pairs = new Float64Array(2 * this.#used)
    let length = 0
    for (let at = 0; at < this.#places.length; at += 2) {
      const place = this.#places[at] ?? 0
      if (place === 0) continue
      pairs[length++] = place - 1
      pairs[length++] = this.#places[at + 1] ?? 0
    }
    return pairs
  }

  #grow(): void {
    const before = this.#places
    this.#places = new Uint32Array(2 * before.length)
    this.#used = 0
    for (let at = 0; at < before.length; at += 2)
      if (before[at] !== 0) this.add((before[at] ?? 0) - 1, before[at + 1] ?? 0)
  }
}
