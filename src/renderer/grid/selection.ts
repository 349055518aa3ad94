/**
 * What is selected and how keys and clicks change it. Pure: every function takes a selection and gives a new one.
 * Knows positions only, no cells and no pixels.
 */

export interface CellPosition {
  readonly row: number
  readonly column: number
}

/** Rows and columns there are, and how many rows one page moves. */
export interface GridExtent {
  readonly rowCount: number
  readonly columnCount: number
  readonly pageRows: number
}

/**
 * A rectangle from `anchor` (where it began) to `focus` (where the keyboard is). `unit` widens it: whole rows,
 * whole columns (also of rows that are still to come), or everything.
 */
export interface Selection {
  readonly anchor: CellPosition
  readonly focus: CellPosition
  readonly unit: 'cells' | 'rows' | 'columns' | 'all'
}

/** Inclusive bounds; empty (first > last) when the grid has no rows or no columns. */
export interface CellRange {
  readonly firstRow: number
  readonly lastRow: number
  readonly firstColumn: number
  readonly lastColumn: number
}

export type Motion =
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'row-start'
  | 'row-end'
  | 'first-row'
  | 'last-row'
  | 'grid-start'
  | 'grid-end'

/** One cell. */
export function selectCell(position: CellPosition): Selection {
  return { anchor: position, focus: position, unit: 'cells' }
}

/** The row, column or whole grid to which `position` belongs. */
export function selectUnit(unit: Selection['unit'], position: CellPosition): Selection {
  return { anchor: position, focus: position, unit }
}

/** Moves the free corner to `position` and keeps the other and the unit. */
export function extendTo(selection: Selection, position: CellPosition): Selection {
  return {
    anchor: selection.anchor,
    focus: position,
    unit: selection.unit === 'all' ? 'cells' : selection.unit,
  }
}

/** What a selection covers in a grid of this extent. */
export function selectedRange(selection: Selection, extent: GridExtent): CellRange {
  const { anchor, focus, unit } = selection
  const isAllRows = unit === 'columns' || unit === 'all'
  const isAllColumns = unit === 'rows' || unit === 'all'
  return {
    firstRow: isAllRows ? 0 : Math.min(anchor.row, focus.row),
    lastRow: isAllRows ? extent.rowCount - 1 : Math.min(Math.max(anchor.row, focus.row), extent.rowCount - 1),
    firstColumn: isAllColumns ? 0 : Math.min(anchor.column, focus.column),
    lastColumn: isAllColumns
      ? extent.columnCount - 1
      : Math.min(Math.max(anchor.column, focus.column), extent.columnCount - 1),
  }
}

/** Cells in a range; null is none. */
export function cellCount(range: CellRange | null): number {
  if (!range) return 0
  const rows = Math.max(0, range.lastRow - range.firstRow + 1)
  return rows * Math.max(0, range.lastColumn - range.firstColumn + 1)
}

export function rangeHolds(range: CellRange, position: CellPosition): boolean {
  return (
    position.row >= range.firstRow &&
    position.row <= range.lastRow &&
    position.column >= range.firstColumn &&
    position.column <= range.lastColumn
  )
}

/** Moves the keyboard's cell; with `extend` the other corner stays. */
export function moveSelection(
  selection: Selection,
  motion: Motion,
  options: { readonly extent: GridExtent; readonly extend: boolean },
): Selection {
  const { extent, extend } = options
  const focus = clampPosition(moved(selection.focus, motion, extent), extent)
  return extend ? extendTo(selection, focus) : selectCell(focus)
}

/** The nearest position that exists. */
export function clampPosition(position: CellPosition, extent: GridExtent): CellPosition {
  return {
    row: Math.max(0, Math.min(position.row, extent.rowCount - 1)),
    column: Math.max(0, Math.min(position.column, extent.columnCount - 1)),
  }
}

function moved({ row, column }: CellPosition, motion: Motion, extent: GridExtent): CellPosition {
  switch (motion) {
    case 'left':
      return { row, column: column - 1 }
    case 'right':
      return { row, column: column + 1 }
    case 'up':
      return { row: row - 1, column }
    case 'down':
      return { row: row + 1, column }
    case 'page-up':
      return { row: row - extent.pageRows, column }
    case 'page-down':
      return { row: row + extent.pageRows, column }
    case 'row-start':
      return { row, column: 0 }
    case 'row-end':
      return { row, column: extent.columnCount - 1 }
    case 'first-row':
      return { row: 0, column }
    case 'last-row':
      return { row: extent.rowCount - 1, column }
    case 'grid-start':
      return { row: 0, column: 0 }
    case 'grid-end':
      return { row: extent.rowCount - 1, column: extent.columnCount - 1 }
  }
}
