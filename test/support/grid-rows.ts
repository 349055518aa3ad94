/** Results for tests of the grid: named columns and plain values in, batches as they would arrive out. */

import { Emitter, type Event } from '../../src/base/event.ts'
import { ColumnBatch, columnKinds, type ColumnKind } from '../../src/contract/column-batch.ts'
import type { ColumnDescription } from '../../src/contract/statement.ts'
import { encodeBatch, type EncodableColumn } from './encode-batch.ts'

/** Name, kind and type of a column, and its values. */
export interface TestColumn extends EncodableColumn {
  readonly name: string
  readonly typeOid?: number
  readonly typeName?: string
}

const typeNames: Record<ColumnKind, string> = {
  1: 'boolean',
  2: 'integer',
  3: 'oid',
  4: 'bigint',
  5: 'double precision',
  6: 'text',
}

/** A result whose rows came in batches of `rowsPerBatch`. */
export class TestRows {
  readonly columns: readonly ColumnDescription[]
  readonly #batches: ColumnBatch[] = []
  readonly #firstRows: number[] = []
  readonly #didAppend = new Emitter<void>()
  readonly onDidAppend: Event<void> = this.#didAppend.event
  rowCount = 0

  constructor(columns: readonly TestColumn[], rowsPerBatch = Infinity) {
    this.columns = columns.map(({ name, kind, typeOid, typeName }, at) => ({
      name,
      kind,
      typeOid: typeOid ?? (kind === columnKinds.text ? 25 : 0),
      typeModifier: -1,
      typeName: typeName ?? typeNames[kind],
      tableOid: 0,
      columnNumber: at + 1,
    }))
    const rowCount = columns[0]?.values.length ?? 0
    for (let first = 0; first < rowCount; first += rowsPerBatch) {
      const last = Math.min(rowCount, first + rowsPerBatch)
      this.append(columns.map(({ kind, values }) => ({ kind, values: values.slice(first, last) })))
    }
  }

  /** Adds one batch and announces it. */
  append(columns: readonly EncodableColumn[]): void {
    const rowCount = columns[0]?.values.length ?? 0
    this.#firstRows.push(this.rowCount)
    this.#batches.push(new ColumnBatch(encodeBatch(columns, rowCount)))
    this.rowCount += rowCount
    this.#didAppend.fire()
  }

  locate(row: number): { batch: ColumnBatch; row: number } | null {
    const index = this.#firstRows.findLastIndex((first) => first <= row)
    const batch = row < this.rowCount ? this.#batches[index] : undefined
    return batch ? { batch, row: row - (this.#firstRows[index] ?? 0) } : null
  }

  /** Gives all rows up, as a result does that had to make room. */
  discard(): void {
    this.#batches.length = 0
    this.#firstRows.length = 0
    this.rowCount = 0
    this.#didAppend.fire()
  }
}
