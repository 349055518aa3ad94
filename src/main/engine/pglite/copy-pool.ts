/**
 * Copies of short bytes, many in one buffer. V8 keeps a short array in its own heap and moves it out as soon as a part
 * of it is looked at, which takes longer than the copy. Knows nothing of what is copied.
 */

/** A copy that is kept keeps the others of its buffer, and each of some hundred clients keeps a few: megabytes. */
const poolBytes = 8 << 10
/** Longer ones have a buffer of their own, which costs little beside what is done with them. */
const pooledBytesMax = 1 << 10

export class CopyPool {
  #pool = new Uint8Array(0)
  #usedBytes = 0

  /** Its buffer is shared with other copies: not to be transferred. */
  copy(bytes: Uint8Array): Uint8Array {
    const { length } = bytes
    if (length > pooledBytesMax) return new Uint8Array(bytes)
    if (length > this.#pool.length - this.#usedBytes) {
      this.#pool = new Uint8Array(poolBytes)
      this.#usedBytes = 0
    }
    const copy = this.#pool.subarray(this.#usedBytes, this.#usedBytes + length)
    copy.set(bytes)
    this.#usedBytes += length
    return copy
  }
}
