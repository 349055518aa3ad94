/**
 * How wide each column is and where it starts. Owns the widths while a result is open, whether measured or set by
 * hand; knows no cells (who measures passes the numbers in).
 */

/** Narrower than this a cell shows nothing but its ellipsis. */
export const columnWidthMinPx = 40
/** Widest that a column becomes by itself, so that one long text leaves room for the others. */
export const columnWidthAutoMaxPx = 360
/** Widest that auto-fit by double click makes it. */
export const columnWidthFitMaxPx = 1_200
/** Widest by hand: beyond this only the detail view helps. */
export const columnWidthMaxPx = 4_000

const widthUnknownPx = 120

export class ColumnWidths {
  readonly #widths: Float64Array
  readonly #starts: Float64Array
  readonly #isByHand: Uint8Array

  constructor(columnCount: number) {
    this.#widths = new Float64Array(columnCount).fill(widthUnknownPx)
    this.#starts = new Float64Array(columnCount + 1)
    this.#isByHand = new Uint8Array(columnCount)
    this.#place(0)
  }

  get count(): number {
    return this.#widths.length
  }

  get totalPx(): number {
    return this.#starts[this.count] ?? 0
  }

  widthOf(column: number): number {
    return this.#widths[column] ?? 0
  }

  /** Left edge of `column`; of the column after the last one, the total width. */
  startOf(column: number): number {
    return this.#starts[column] ?? 0
  }

  /** The column that covers `xPx`, which lies within 0 and the total width; -1 outside. */
  at(xPx: number): number {
    if (!(xPx >= 0 && xPx < this.totalPx)) return -1
    let low = 0
    let high = this.count - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.startOf(middle) <= xPx) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Sets measured widths, all at once; columns that were set by hand keep theirs. */
  setMeasured(measuredPx: ArrayLike<number>): void {
    for (let column = 0; column < this.count; column += 1) {
      if (this.#isByHand[column] === 1) continue
      this.#widths[column] = clamp(measuredPx[column] ?? widthUnknownPx, columnWidthAutoMaxPx)
    }
    this.#place(0)
  }

  /** Sets a width by hand (a drag). */
  setByHand(column: number, widthPx: number): void {
    this.#widths[column] = clamp(widthPx, columnWidthMaxPx)
    this.#isByHand[column] = 1
    this.#place(column)
  }

  /** Fits a column to its measured content (a double click). */
  fit(column: number, contentPx: number): void {
    this.setByHand(column, Math.min(contentPx, columnWidthFitMaxPx))
  }

  #place(from: number): void {
    for (let column = from; column < this.count; column += 1) {
      this.#starts[column + 1] = this.startOf(column) + this.widthOf(column)
    }
  }
}

function clamp(widthPx: number, maxPx: number): number {
  return Math.round(Math.min(Math.max(widthPx, columnWidthMinPx), maxPx))
}
