/**
 * How wide columns want to be: header and a sample of cells, measured without decoding more than can be shown.
 * Pure given a way to measure text; sets nothing.
 */

import { cellLine, isRightAligned } from './cell-line.ts'
import { columnWidthAutoMaxPx, columnWidthFitMaxPx } from './column-widths.ts'
import { cellSlot, type GridSource } from './grid-source.ts'
import { cellPaddingPx, headerGapPx } from './grid-painter.ts'
import type { Span } from './grid-viewport.ts'
import { shortTypeName } from './short-type-name.ts'
import type { TextFitter } from './text-fitter.ts'

/** The three fonts of the grid. */
export interface CellMeasures {
  readonly cellFitter: TextFitter
  readonly headerFitter: TextFitter
  readonly typeFitter: TextFitter
}

interface Measured {
  readonly source: GridSource
  readonly measures: CellMeasures
}

/** Measured texts end somewhere between two pixels; this keeps the last glyph whole. */
const roundingPx = 2
/** A counter in a text or a number gains digits in later rows: from the hundreds to the millions. */
const spareCharacters = 4
/** Fractions have all their digits from the first row on. */
const longNumberCharacters = 12
/** A type name this wide would widen columns for the sake of their types, such as `timestamp with time zone`. */
const typeWidthAutoMaxPx = 90

/**
 * Room that a column gets though the first rows need less: numbers grow as a result goes on, and columns must not
 * move under the eye when they do.
 */
const usualCharacters = 8

/** Wanted widths of all columns from their first `rowCount` rows. */
export function measureColumns(measured: Measured, rowCount: number): Float64Array {
  const widths = new Float64Array(measured.source.columns.length)
  const rows = [{ first: 0, last: rowCount - 1 }]
  for (let column = 0; column < widths.length; column += 1) {
    widths[column] = contentWidth(measured, {
      column,
      rows,
      maxPx: columnWidthAutoMaxPx,
      isForLaterRows: true,
    })
  }
  return widths
}

/** Wanted width of one column from the given rows. */
export function measureColumn(measured: Measured, column: number, rows: readonly Span[]): number {
  return contentWidth(measured, { column, rows, maxPx: columnWidthFitMaxPx, isForLaterRows: false })
}

function contentWidth(
  measured: Measured,
  wanted: { column: number; rows: readonly Span[]; maxPx: number; isForLaterRows: boolean },
): number {
  const { source, measures } = measured
  const description = source.columns[wanted.column]
  if (!description) return 0
  const typeWidth = measures.typeFitter.widthOf(shortTypeName(description.typeName))
  const shownType = typeWidth <= typeWidthAutoMaxPx ? headerGapPx + typeWidth : 0
  const headerWidth = measures.headerFitter.widthOf(description.name) + shownType
  const { advancePx } = measures.cellFitter
  let widest = wanted.isForLaterRows ? usualCharacters * advancePx : 0
  const spare = wanted.isForLaterRows ? spareCharacters * advancePx : 0
  const isNumber = isRightAligned(description)
  const charactersMax = Math.ceil(wanted.maxPx / advancePx)
  for (const { first, last } of wanted.rows) {
    for (let row = first; row <= last; row += 1) {
      const slot = cellSlot(source, row, wanted.column)
      if (!slot) continue
      const { text } = cellLine(slot, charactersMax)
      const isLongNumber = isNumber && text.length >= longNumberCharacters
      widest = Math.max(widest, measures.cellFitter.widthOf(text) + (isLongNumber ? 0 : spare))
    }
  }
  widest = Math.max(widest, headerWidth)
  return Math.min(wanted.maxPx, widest + 2 * cellPaddingPx + roundingPx)
}
