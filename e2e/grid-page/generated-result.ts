/**
 * Results of any size made in the page: as many distinct rows as fit a few batches, repeated. Scrolling costs the
 * same as with distinct rows, since the grid keeps nothing of a cell, and a million rows are there at once.
 */

import { Emitter } from '../../src/base/event.ts'
import { ColumnBatch, columnKinds, type ColumnKind } from '../../src/contract/column-batch.ts'
import type { ColumnDescription } from '../../src/contract/statement.ts'
import type { GridSource } from '../../src/renderer/grid/grid-source.ts'
import { encodeBatch } from '../../test/support/encode-batch.ts'

/** Rows of the one batch that is repeated. */
const batchRowCount = 20_000

const kinds: readonly { readonly kind: ColumnKind; readonly typeName: string }[] = [
  { kind: columnKinds.int32, typeName: 'integer' },
  { kind: columnKinds.text, typeName: 'text' },
  { kind: columnKinds.float64, typeName: 'double precision' },
]

/** `columnCount` columns of int4, text and float8 in turn; every eleventh value of wide results is NULL. */
export function generatedResult(rowCount: number, columnCount: number): GridSource {
  const columns = Array.from({ length: columnCount }, (_, at) => description(at))
  const perBatch = Math.max(100, Math.min(batchRowCount, Math.floor(2_000_000 / columnCount)))
  const encodable = columns.map(({ kind }, column) => ({
    kind,
    values: Array.from({ length: perBatch }, (_, row) => valueOf({ row, column, kind, columnCount })),
  }))
  const batch = new ColumnBatch(encodeBatch(encodable, perBatch))
  return {
    columns,
    rowCount,
    locate: (row) => (row >= 0 && row < rowCount ? { batch, row: row % perBatch } : null),
    onDidAppend: new Emitter<void>().event,
  }
}

function description(at: number): ColumnDescription & { readonly kind: ColumnKind } {
  const { kind, typeName } = kinds[at % 3] ?? { kind: columnKinds.text, typeName: 'text' }
  return {
    name: ['id', 'label', 'ratio'][at] ?? `column_${at + 1}`,
    typeOid: 0,
    typeModifier: -1,
    typeName,
    kind,
    tableOid: 0,
    columnNumber: at + 1,
  }
}

function valueOf(cell: {
  row: number
  column: number
  kind: ColumnKind
  columnCount: number
}): number | string | null {
  const { row, column, kind } = cell
  if (cell.columnCount > 3 && (row + column) % 11 === 0) return null
  if (kind === columnKinds.int32) return row * (column + 1)
  if (kind === columnKinds.float64) return Math.sin(row + column) * 1_000
  return `row number ${row + 1}`
}
