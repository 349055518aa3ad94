/**
 * The lines of a COPY within a script, up to the one that is `\.` alone (PostgreSQL 18 documentation, COPY, "Text
 * Format"). Takes bytes in any pieces and passes them on without looking for more than that line.
 */

const newline = 10

/** The longest form of the end: `\n\.\r\n`; one byte less may be its beginning. */
const heldBytesMax = 4
/** The end, where the script ends with it. */
const lastEnd = /\n\\\.\r?$/

export interface CopyDataPart {
  readonly data: Uint8Array
  /** What follows the end; null while it has not come. */
  readonly rest: Uint8Array | null
}

export class CopyDataReader {
  /** Lines so far, the last one included. */
  lineCount = 0
  /** What may be the beginning of the end. The data begins as if after a line. */
  #held = Buffer.from('\n')
  #isFirst = true

  add(bytes: Uint8Array): CopyDataPart {
    const text = Buffer.concat([this.#held, bytes])
    const end = findEnd(text)
    if (!end) {
      const cut = Math.max(text.length - heldBytesMax, 0)
      const data = this.#take(text, cut)
      this.#held = Buffer.from(text.subarray(cut))
      return { data, rest: null }
    }
    const data = this.#take(text, end.start + 1)
    this.lineCount++
    return { data, rest: text.subarray(end.end) }
  }

  /** The script has ended within the data. */
  finish(): Uint8Array {
    const tail = lastEnd.exec(this.#held.toString('latin1'))
    return this.#take(this.#held, tail ? tail.index + 1 : this.#held.length)
  }

  /** The first `cut` bytes, without the line break that is not the data's own. */
  #take(text: Buffer, cut: number): Uint8Array {
    const data = text.subarray(this.#isFirst && cut > 0 ? 1 : 0, cut)
    if (cut > 0) this.#isFirst = false
    for (let at = data.indexOf(newline); at >= 0; at = data.indexOf(newline, at + 1)) this.lineCount++
    return data
  }
}

function findEnd(text: Buffer): { readonly start: number; readonly end: number } | null {
  for (let at = text.indexOf('\n\\.'); at >= 0; at = text.indexOf('\n\\.', at + 1)) {
    if (text[at + 3] === newline) return { start: at, end: at + 4 }
    if (text[at + 3] === 13 && text[at + 4] === newline) return { start: at, end: at + 5 }
  }
  return null
}
