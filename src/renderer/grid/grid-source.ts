/**
 * What the grid draws: the columns of one result and its batches. Says nothing of where they come from; whoever
 * owns a result satisfies this by having these members.
 */

import type { Event } from '../../base/event.ts'
import type { ColumnBatch, ColumnView } from '../../contract/column-batch.ts'
import type { ColumnDescription } from '../../contract/statement.ts'

/** A result as the grid sees it. Rows are appended while the statement runs and never change; all may go at once. */
export interface GridSource {
  readonly columns: readonly ColumnDescription[]
  readonly rowCount: number
  /** The batch that holds `row` and the row's index in it; null when there is no such row. */
  locate(row: number): BatchRow | null
  /** Fires after rows were appended, or given up. */
  readonly onDidAppend: Event<void>
}

/** A row's place. */
export interface BatchRow {
  readonly batch: ColumnBatch
  readonly row: number
}

/** A cell's place. */
export interface CellSlot {
  readonly column: ColumnView
  readonly row: number
}

/** The slot of one cell; null when the row or the column is not there. */
export function cellSlot(source: GridSource, row: number, column: number): CellSlot | null {
  const found = source.locate(row)
  if (!found || !(column >= 0 && column < found.batch.columnCount)) return null
  return { column: found.batch.column(column), row: found.row }
}
