/**
 * Remembers the last texts with the places of their literals. A text that differs from one of them in the digits of a
 * number or the letters of a string alone has its shape, which one comparison shows: a program sends the same few
 * texts again and again, and a scan takes five times as long. Knows no rule of SQL but where such literals end.
 */

import { literalPlacesMax, type LiteralPlaces } from './literal-places.ts'
import { shapeBytesMax } from './shape-scan.ts'

/** Each is compared with a text that is like none. */
const templatesMax = 8
/** One that takes the place of another is learned once in so many texts that are like none. */
const learnEvery = 16
const textBytesMax = 2 << 10

const quote = 39
const zero = 48
const nine = 57

/** What comes behind bytes of a pattern that a text must have, too. */
const ends = { text: 0, digits: 1, string: 2 } as const
/** Beside such bytes: how many they are, as two bytes before them, and what comes behind them. */
const partBytes = 3
const patternBytesMax = textBytesMax + (literalPlacesMax + 1) * partBytes

export class ShapeTemplates<T> {
  /** One behind the other, all in the same place, so that few lines of the processor's cache are looked at. */
  readonly #patterns = new Uint8Array(templatesMax * patternBytesMax)
  readonly #shapes: T[] = []
  /** The one that was found last. */
  #last = 0
  #missed = 0
  /** Where the text ended that `findTerminated` has found. */
  end = 0

  /** What was learned of a text like the one in `bytes` from `start` to `end`; null where there was none. */
  find(bytes: Uint8Array, start: number, end: number): T | null {
    // A scan does not read it to the end.
    if (end - start > shapeBytesMax) return null
    const count = this.#shapes.length
    let index = this.#last
    for (let tried = 0; tried < count; tried++) {
      if (this.#endOfLike(index, bytes, { start, end }) === end) {
        this.#last = index
        return this.#shapes[index] ?? null
      }
      index = index + 1 < count ? index + 1 : 0
    }
    return null
  }

  /** The same of a text that ends with a NUL, wherever that is before `end`. */
  findTerminated(bytes: Uint8Array, start: number, end: number): T | null {
    const count = this.#shapes.length
    let index = this.#last
    for (let tried = 0; tried < count; tried++) {
      const at = this.#endOfLike(index, bytes, { start, end })
      if (at >= 0 && bytes[at] === 0 && at - start <= shapeBytesMax) {
        this.#last = index
        this.end = at
        return this.#shapes[index] ?? null
      }
      index = index + 1 < count ? index + 1 : 0
    }
    return null
  }

  /** The text is like none. `places`: where a scan of it has found literals. */
  learn(
    bytes: Uint8Array,
    { start, end, places, shape }: { start: number; end: number; places: LiteralPlaces; shape: T },
  ): void {
    const count = this.#shapes.length
    const isFull = count >= templatesMax
    if (isFull && ++this.#missed % learnEvery !== 0) return
    const { bounds } = places
    if (!bounds || end - start > textBytesMax) return
    // Whatever was found last stays, and what was learned first goes.
    const index = isFull ? (this.#last + 1) % templatesMax : count
    this.#patterns.set(patternOf(bytes, { start, end, bounds }), index * patternBytesMax)
    this.#shapes[index] = shape
  }

  clear(): void {
    this.#shapes.length = 0
    this.#last = 0
  }

  /**
   * Where what is like a pattern ends, from `start`; -1 where the bytes do not begin so. A literal is passed over by
   * the rules of the scan for such a one; everything else is the same byte. So a scan would be in the same state
   * behind each, and what it hashes would be the same.
   */
  #endOfLike(index: number, bytes: Uint8Array, { start, end }: { start: number; end: number }): number {
    const patterns = this.#patterns
    let from = index * patternBytesMax
    let at = start
    for (;;) {
      const length = (patterns[from] ?? 0) | ((patterns[from + 1] ?? 0) << 8)
      // Whatever is like it beyond the end is not looked at: beyond its own end, an array is slow to read.
      if (length > end - at) return -1
      from += 2
      for (const stop = from + length; from < stop; from++, at++) if (bytes[at] !== patterns[from]) return -1
      const behind = patterns[from++]
      if (behind === ends.text) return at
      at = behind === ends.digits ? digitsEnd(bytes, at, end) : stringEnd(bytes, at, end)
      if (at < 0) return -1
    }
  }
}

/** Behind the digits from `at`; -1 if there are none. */
function digitsEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && isDigit(bytes[at])) at++
  return at > start ? at : -1
}

/** Behind the string from `start`; -1 if there is none. */
function stringEnd(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || bytes[start] !== quote) return -1
  let at = start + 1
  // A NUL ends the text that it stands in.
  while (at < end && bytes[at] !== quote && bytes[at] !== 0) at++
  return at < end && bytes[at] === quote ? at + 1 : -1
}

/**
 * Of literals that are digits and nothing else, or a string without a quote in it, only what they are; the others count
 * as text.
 */
function patternOf(
  bytes: Uint8Array,
  { start, end, bounds }: { start: number; end: number; bounds: Readonly<Int32Array> },
): number[] {
  const pattern: number[] = []
  let at = start
  const add = (stop: number, behind: number): void => {
    pattern.push((stop - at) & 255, (stop - at) >> 8, ...bytes.subarray(at, stop), behind)
  }
  for (let index = 0; index < bounds.length; index += 2) {
    const from = bounds[index] ?? 0
    const to = bounds[index + 1] ?? 0
    const isString = bytes[from] === quote
    if ((isString ? stringEnd(bytes, from, to) : digitsEnd(bytes, from, to)) !== to) continue
    add(from, isString ? ends.string : ends.digits)
    at = to
  }
  add(end, ends.text)
  return pattern
}

function isDigit(byte = 0): boolean {
  return byte >= zero && byte <= nine
}
