/**
 * Remembers the last texts with the places of their literals. A text that differs from one of them in the digits of a
 * number or the letters of a string alone has its shape, which one comparison shows: a program sends the same few
 * texts again and again, and a scan takes five times as long. Knows no rule of SQL but where such literals end.
 */

import type { LiteralPlaces } from './literal-places.ts'
import { shapeBytesMax } from './shape-scan.ts'

/** Each is compared with a text that is like none. */
const templatesMax = 8
/** One that takes the place of another is learned once in so many texts that are like none. */
const learnEvery = 16
const textBytesMax = 2 << 10

const quote = 39
const zero = 48
const nine = 57

interface Template<T> {
  readonly text: Uint8Array
  /** Beginnings and ends of literals in turn; the last beginning is the end of the text. */
  readonly bounds: Readonly<Int32Array>
  readonly shape: T
}

export class ShapeTemplates<T> {
  readonly #templates: Template<T>[] = []
  /** The one that was found last. */
  #last = 0
  #missed = 0

  /** What was learned of a text like the one in `bytes` from `start` to `end`; null where there was none. */
  find(bytes: Uint8Array, start: number, end: number): T | null {
    // A scan does not read it to the end.
    if (end - start > shapeBytesMax) return null
    const templates = this.#templates
    const count = templates.length
    let index = this.#last
    for (let tried = 0; tried < count; tried++) {
      const template = templates[index]
      if (template && isLike(template, bytes, { start, end })) {
        this.#last = index
        return template.shape
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
    const isFull = this.#templates.length >= templatesMax
    if (isFull && ++this.#missed % learnEvery !== 0) return
    const { bounds } = places
    if (!bounds || end - start > textBytesMax) return
    const text = bytes.slice(start, end)
    const own = Int32Array.from([...plainBounds(text, bounds, start), text.length])
    // Whatever was found last stays, and what was learned first goes.
    const at = isFull ? (this.#last + 1) % templatesMax : this.#templates.length
    this.#templates[at] = { text, bounds: own, shape }
  }

  clear(): void {
    this.#templates.length = 0
    this.#last = 0
  }
}

/**
 * A literal is passed over by the rules of the scan for such a one; everything else is the same byte. So a scan would
 * be in the same state behind each, and what it hashes would be the same.
 */
function isLike<T>(
  { text, bounds }: Template<T>,
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  let at = start
  let from = 0
  for (let index = 0; ; index += 2) {
    const stop = bounds[index] ?? 0
    if (stop - from > end - at) return false
    while (from < stop) if (bytes[at++] !== text[from++]) return false
    if (from >= text.length) return at === end
    at = text[from] === quote ? stringEnd(bytes, at, end) : digitsEnd(bytes, at, end)
    if (at < 0) return false
    from = bounds[index + 1] ?? 0
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
  while (at < end && bytes[at] !== quote) at++
  return at < end ? at + 1 : -1
}

/** Of literals that are digits and nothing else, or a string without a quote in it; the others count as text. */
function plainBounds(text: Uint8Array, bounds: Readonly<Int32Array>, start: number): number[] {
  const plain: number[] = []
  for (let index = 0; index < bounds.length; index += 2) {
    const from = (bounds[index] ?? 0) - start
    const to = (bounds[index + 1] ?? 0) - start
    const end = text[from] === quote ? stringEnd(text, from, to) : digitsEnd(text, from, to)
    if (end === to) plain.push(from, to)
  }
  return plain
}

function isDigit(byte = 0): boolean {
  return byte >= zero && byte <= nine
}
