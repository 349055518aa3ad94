/**
 * A hash of 53 bits, made byte by byte of two of 32. Two of ten thousand different texts get the same one with a
 * chance of 1 : 10^8. Knows no text.
 */

/** 2^21: what is left of a double's 53 bits besides 32. */
const upperFactor = 2 ** 21

/** FNV-1a, and a multiplicative hash that turns what it has: they collide on different texts. */
const firstPrime = 0x01000193
const secondPrime = 0x85ebca6b

export class ShapeHash {
  /** Both halves. In a typed array, since a number of 32 bits in a field is an object of its own. */
  readonly #halves = new Int32Array(2)

  reset(): void {
    this.#halves[0] = 0x811c9dc5
    this.#halves[1] = 0x2f0b4c47
  }

  add(byte: number): void {
    const halves = this.#halves
    const second = halves[1] ?? 0
    halves[0] = Math.imul((halves[0] ?? 0) ^ byte, firstPrime)
    halves[1] = Math.imul(((second << 7) | (second >>> 25)) ^ byte, secondPrime)
  }

  /** Adds `bytes` from `start` up to where a byte has no `goesOn`, which is answered, each as `folded` has it. */
  addWhile(bytes: Uint8Array, start: number, table: WordTable): number {
    const { end, folded, goesOn } = table
    const halves = this.#halves
    let first = halves[0] ?? 0
    let second = halves[1] ?? 0
    let at = start
    for (; at < end; at++) {
      const byte = bytes[at] ?? 0
      if (goesOn[byte] === 0) break
      const added = folded[byte] ?? 0
      first = Math.imul(first ^ added, firstPrime)
      second = Math.imul(((second << 7) | (second >>> 25)) ^ added, secondPrime)
    }
    halves[0] = first
    halves[1] = second
    return at
  }

  addNumber(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.add((value >>> shift) & 255)
  }

  /** A whole number from 0 to 2^53 - 1. */
  get value(): number {
    const first = this.#halves[0] ?? 0
    const second = this.#halves[1] ?? 0
    return (mix(first ^ (second >>> 9)) >>> 0) * upperFactor + (mix(second) >>> 11)
  }
}

/** Which bytes belong to a word, and as what they count. */
export interface WordTable {
  readonly end: number
  readonly goesOn: Readonly<Uint8Array>
  readonly folded: Readonly<Uint8Array>
}

/** The finalizer of MurmurHash3 (32 bit): every bit of the input changes half of those of the output. */
function mix(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
