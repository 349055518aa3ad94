/**
 * How wide a text is in one font and how much of it fits. Measures each glyph of a monospaced font once, so that
 * plain cells cost no measuring at all; knows no canvas beyond the function that measures.
 */

/** Distinct non-ASCII texts whose width is kept: a few screens full. */
const measuredTextsMax = 4_000

const printableAscii = /^[\x20-\x7e]*$/

export class TextFitter {
  readonly #measure: (text: string) => number
  readonly #measured = new Map<string, number>()
  readonly #isMonospaced: boolean
  /** Width of a digit. */
  readonly advancePx: number

  constructor(measure: (text: string) => number) {
    this.#measure = measure
    this.advancePx = measure('0000000000') / 10
    const widest = measure('MWMWMWMWMW')
    this.#isMonospaced = Math.abs(widest - measure('iljiljiljl')) < 0.01 && widest > 0
  }

  /** True when every printable ASCII character is `advancePx` wide and `text` has no others. */
  isEven(text: string): boolean {
    return this.#isMonospaced && printableAscii.test(text)
  }

  widthOf(text: string): number {
    if (this.isEven(text)) return text.length * this.advancePx
    const known = this.#measured.get(text)
    if (known !== undefined) return known
    const widthPx = this.#measure(text)
    if (this.#measured.size >= measuredTextsMax) this.#measured.clear()
    this.#measured.set(text, widthPx)
    return widthPx
  }

  /** How many code units of `text` fit into `roomPx`; never half of a surrogate pair. */
  fit(text: string, roomPx: number): number {
    if (this.isEven(text)) return Math.min(text.length, Math.max(0, Math.floor(roomPx / this.advancePx)))
    if (this.widthOf(text) <= roomPx) return text.length
    let low = 0
    let high = text.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#measure(text.slice(0, middle)) <= roomPx) low = middle
      else high = middle - 1
    }
    return isHighSurrogate(text.charCodeAt(low - 1)) ? low - 1 : low
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
