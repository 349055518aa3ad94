/**
 * The geometry of the grid: which rows and columns are visible, where they lie in the view, what lies under a
 * point, and how far to scroll so that a cell is seen. Pure numbers in CSS pixels; knows no canvas and no cells.
 */

import type { ColumnWidths } from './column-widths.ts'
import { ScrollMapping } from './scroll-mapping.ts'
import type { CellPosition } from './selection.ts'

export const headerHeightPx = 28
/** Room after the last column, so that its edge can be grabbed. */
const trailingPx = 32
/** How near to a column's edge the pointer must be to drag it. */
const edgeGripPx = 4
/** Width of a digit of the row numbers, and the space around them. */
const gutterDigitPx = 7.5
const gutterPaddingPx = 20
/** Results rarely pass 99,999 rows; one that does widens the gutter once, to the digits of ten millions. */
const gutterDigitsSmall = 5
const gutterDigitsLarge = 8

/** Inclusive; empty when `last` < `first`. */
export interface Span {
  readonly first: number
  readonly last: number
}

/** What lies under a point. Rows and columns are -1 where there are none. */
export interface Hit {
  readonly area: 'cell' | 'header' | 'gutter' | 'corner' | 'edge' | 'outside'
  readonly row: number
  readonly column: number
}

export class GridViewport {
  readonly widths: ColumnWidths
  readonly scroll = new ScrollMapping()
  #widthPx = 0
  #heightPx = 0
  #leftPx = 0
  #rowCount = 0
  #rowHeightPx = 24

  constructor(widths: ColumnWidths) {
    this.widths = widths
  }

  get widthPx(): number {
    return this.#widthPx
  }

  get heightPx(): number {
    return this.#heightPx
  }

  get rowCount(): number {
    return this.#rowCount
  }

  get rowHeightPx(): number {
    return this.#rowHeightPx
  }

  get leftPx(): number {
    return this.#leftPx
  }

  get leftMaxPx(): number {
    return Math.max(0, this.widths.totalPx + trailingPx - this.#bodyWidthPx)
  }

  get gutterPx(): number {
    const digits = this.#rowCount > 99_999 ? gutterDigitsLarge : gutterDigitsSmall
    return Math.round(digits * gutterDigitPx) + gutterPaddingPx
  }

  /** Size of the element that gives the browser its scrollbars. */
  get contentSize(): { readonly widthPx: number; readonly heightPx: number } {
    return {
      widthPx: this.widths.totalPx + trailingPx + this.gutterPx,
      heightPx: this.scroll.spanPx + headerHeightPx,
    }
  }

  /** Rows that fit wholly; at least one. */
  get pageRows(): number {
    return Math.max(1, Math.floor(this.#bodyHeightPx / this.#rowHeightPx))
  }

  get #bodyWidthPx(): number {
    return Math.max(0, this.#widthPx - this.gutterPx)
  }

  get #bodyHeightPx(): number {
    return Math.max(0, this.#heightPx - headerHeightPx)
  }

  /** Tells the size of the view and the number of rows; the first visible row stays where it is. */
  resize(size: { widthPx: number; heightPx: number; rowCount: number; rowHeightPx: number }): void {
    const topRow = this.scroll.topPx / this.#rowHeightPx
    const isRowHeightNew = size.rowHeightPx !== this.#rowHeightPx
    this.#widthPx = size.widthPx
    this.#heightPx = size.heightPx
    this.#rowCount = size.rowCount
    this.#rowHeightPx = size.rowHeightPx
    this.scroll.resize(this.#rowCount * this.#rowHeightPx, this.#bodyHeightPx)
    if (isRowHeightNew) this.scroll.moveTo(topRow * this.#rowHeightPx)
    this.scrollLeftTo(this.#leftPx)
  }

  scrollLeftTo(leftPx: number): void {
    this.#leftPx = Math.min(Math.max(0, leftPx), this.leftMaxPx)
  }

  get visibleRows(): Span {
    const top = this.scroll.topPx
    return {
      first: Math.max(0, Math.floor(top / this.#rowHeightPx)),
      last: Math.min(this.#rowCount, Math.ceil((top + this.#bodyHeightPx) / this.#rowHeightPx)) - 1,
    }
  }

  get visibleColumns(): Span {
    const { widths } = this
    const right = Math.min(this.#leftPx + this.#bodyWidthPx, widths.totalPx)
    if (widths.count === 0 || right <= this.#leftPx) return { first: 0, last: -1 }
    return { first: widths.at(this.#leftPx), last: widths.at(Math.max(this.#leftPx, right - 0.01)) }
  }

  /** Top edge of a row in the view. */
  rowTopPx(row: number): number {
    return headerHeightPx + row * this.#rowHeightPx - this.scroll.topPx
  }

  /** Left edge of a column in the view. */
  columnLeftPx(column: number): number {
    return this.gutterPx + this.widths.startOf(column) - this.#leftPx
  }

  /** What lies under a point of the view. */
  hit(xPx: number, yPx: number): Hit {
    const isHeader = yPx < headerHeightPx
    const isGutter = xPx < this.gutterPx
    const contentX = xPx - this.gutterPx + this.#leftPx
    const row = isHeader ? -1 : Math.floor((yPx - headerHeightPx + this.scroll.topPx) / this.#rowHeightPx)
    const column = isGutter ? -1 : this.widths.at(contentX)
    if (isHeader && isGutter) return { area: 'corner', row: -1, column: -1 }
    const edge = isHeader ? this.#edgeAt(contentX, column) : -1
    if (edge >= 0) return { area: 'edge', row: -1, column: edge }
    if (isHeader) return column < 0 ? outside : { area: 'header', row: -1, column }
    if (row < 0 || row >= this.#rowCount) return outside
    if (isGutter) return { area: 'gutter', row, column: -1 }
    return column < 0 ? outside : { area: 'cell', row, column }
  }

  /** The cell nearest to a point, for a drag that has left the cells. */
  nearest(xPx: number, yPx: number): CellPosition {
    const contentX = Math.min(Math.max(0, xPx - this.gutterPx + this.#leftPx), this.widths.totalPx - 0.01)
    const row = Math.floor((yPx - headerHeightPx + this.scroll.topPx) / this.#rowHeightPx)
    return {
      row: Math.max(0, Math.min(row, this.#rowCount - 1)),
      column: Math.max(0, this.widths.at(contentX)),
    }
  }

  /** Scrolls as little as possible until `position` is wholly visible (its start, when it is too large). */
  reveal(position: CellPosition): void {
    const rowTop = position.row * this.#rowHeightPx
    const { topPx } = this.scroll
    if (rowTop < topPx) this.scroll.moveTo(rowTop)
    else if (rowTop + this.#rowHeightPx > topPx + this.#bodyHeightPx) {
      this.scroll.moveTo(Math.min(rowTop, rowTop + this.#rowHeightPx - this.#bodyHeightPx))
    }
    const start = this.widths.startOf(position.column)
    const end = this.widths.startOf(position.column + 1)
    if (start < this.#leftPx) this.scrollLeftTo(start)
    else if (end > this.#leftPx + this.#bodyWidthPx)
      this.scrollLeftTo(Math.min(start, end - this.#bodyWidthPx))
  }

  #edgeAt(contentX: number, column: number): number {
    const here = column < 0 ? this.widths.count - 1 : column
    if (here < 0) return -1
    if (Math.abs(this.widths.startOf(here + 1) - contentX) <= edgeGripPx) return here
    return here > 0 && contentX - this.widths.startOf(here) <= edgeGripPx && column >= 0 ? here - 1 : -1
  }
}

const outside: Hit = { area: 'outside', row: -1, column: -1 }
