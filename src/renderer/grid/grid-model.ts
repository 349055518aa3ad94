/**
 * One result as the user left it: scroll position, column widths and selection, remembered while the result is
 * open. Owns the state and its changes; knows neither the canvas nor the events that cause them.
 */

import { measureColumn, measureColumns, type CellMeasures } from './column-measure.ts'
import { ColumnWidths } from './column-widths.ts'
import type { GridSource } from './grid-source.ts'
import { GridViewport } from './grid-viewport.ts'
import {
  clampPosition,
  moveSelection,
  selectedRange,
  type CellRange,
  type GridExtent,
  type Motion,
  type Selection,
} from './selection.ts'

/** Cells that are looked at for automatic widths: a few milliseconds, whether there are 3 columns or 1,664. */
const measuredCellsMax = 20_000
const measuredRowsMax = 200
const measuredRowsMin = 8

export class GridModel {
  readonly source: GridSource
  readonly viewport: GridViewport
  readonly widths: ColumnWidths
  #selection: Selection | null = null
  #rowsMeasured = -1
  #isSettled = false

  constructor(source: GridSource) {
    this.source = source
    this.widths = new ColumnWidths(source.columns.length)
    this.viewport = new GridViewport(this.widths)
  }

  get extent(): GridExtent {
    return {
      rowCount: this.source.rowCount,
      columnCount: this.source.columns.length,
      pageRows: this.viewport.pageRows,
    }
  }

  get selection(): Selection | null {
    return this.#selection
  }

  /** What is selected, or null when nothing is. */
  get selected(): CellRange | null {
    return this.#selection && selectedRange(this.#selection, this.extent)
  }

  select(selection: Selection | null): void {
    this.#isSettled = true
    this.#selection = selection
  }

  /** Moves the keyboard's cell and scrolls it into view; the first key selects the first visible cell. */
  move(motion: Motion, extend: boolean): void {
    const { extent } = this
    if (extent.rowCount === 0 || extent.columnCount === 0) return
    const first = clampPosition(
      { row: this.viewport.visibleRows.first, column: this.viewport.visibleColumns.first },
      extent,
    )
    const from = this.#selection
    this.select(
      from ? moveSelection(from, motion, { extent, extend }) : { anchor: first, focus: first, unit: 'cells' },
    )
    if (this.#selection) this.viewport.reveal(this.#selection.focus)
  }

  /** From now on widths stay as they are, since the user has begun to work with them. */
  settle(): void {
    this.#isSettled = true
  }

  /**
   * Measures the columns from the first rows, again while the first rows are still arriving; true when widths may
   * have changed.
   */
  measure(measures: CellMeasures): boolean {
    const { source } = this
    const rowsWanted = Math.max(
      measuredRowsMin,
      Math.min(measuredRowsMax, Math.floor(measuredCellsMax / Math.max(1, source.columns.length))),
    )
    const rows = Math.min(source.rowCount, rowsWanted)
    const isFirst = this.#rowsMeasured < 0
    if (rows <= this.#rowsMeasured || (this.#isSettled && !isFirst)) return false
    this.#rowsMeasured = rows
    this.widths.setMeasured(measureColumns(this.#measured(measures), rows))
    return true
  }

  /** Fits one column to its header, the first rows and the visible ones. */
  fitColumn(column: number, measures: CellMeasures): void {
    const visible = this.viewport.visibleRows
    const spans = [{ first: 0, last: Math.min(this.source.rowCount, measuredRowsMax) - 1 }, visible]
    this.settle()
    this.widths.fit(column, measureColumn(this.#measured(measures), column, spans))
  }

  #measured(measures: CellMeasures): Parameters<typeof measureColumn>[0] {
    return { source: this.source, measures }
  }
}
