/**
 * What a client has given names: its statements, or its portals. The one without a name and the one that was asked for
 * last are at hand; no string is made of a name. Knows nothing of what it keeps.
 */

/** Those beyond are not known. */
const namesMax = 10_000
/** With its NUL; a longer name is looked up each time. */
const lastNameBytesMax = 64

export class SentNames<T> {
  #unnamed: T | null = null
  #last: T | null = null
  /** Of the last name, with its NUL; 0 for none. */
  #lastLength = 0
  readonly #lastName = new Uint8Array(lastNameBytesMax)
  readonly #named = new Map<number, T>()

  /** By the name in `bytes` at `at`. */
  find(bytes: Uint8Array, at: number): T | null {
    if (bytes[at] === 0) return this.#unnamed
    if (this.#isLast(bytes, at)) return this.#last
    const found = this.#named.get(nameKey(bytes, at)) ?? null
    this.#remember(bytes, at, found)
    return found
  }

  set(bytes: Uint8Array, at: number, value: T): void {
    if (bytes[at] === 0) {
      this.#unnamed = value
      return
    }
    const key = nameKey(bytes, at)
    this.#lastLength = 0
    if (this.#named.size < namesMax || this.#named.has(key)) this.#named.set(key, value)
  }

  delete(bytes: Uint8Array, at: number): void {
    if (bytes[at] === 0) this.#unnamed = null
    else {
      this.#lastLength = 0
      this.#named.delete(nameKey(bytes, at))
    }
  }

  #isLast(bytes: Uint8Array, at: number): boolean {
    const length = this.#lastLength
    const name = this.#lastName
    for (let index = 0; index < length; index++) if (bytes[at + index] !== name[index]) return false
    return length > 0
  }

  #remember(bytes: Uint8Array, at: number, value: T | null): void {
    const name = this.#lastName
    this.#last = value
    this.#lastLength = 0
    for (let length = 0; length < lastNameBytesMax;) {
      const byte = bytes[at + length] ?? 0
      name[length++] = byte
      if (byte !== 0) continue
      this.#lastLength = length
      return
    }
  }
}

/** Of the name at `at`, as a number of 53 bits. */
function nameKey(bytes: Uint8Array, start: number): number {
  let first = 0
  let second = 0
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte === 0) break
    first = (Math.imul(first, 31) + byte) | 0
    second = (Math.imul(second ^ byte, 0x01000193) + 0x9e37) | 0
  }
  return (first >>> 0) * 2 ** 21 + (second >>> 11)
}
