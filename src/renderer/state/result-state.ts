/**
 * One result as it arrives: its columns, its batches in row order, and how it ended. Holds the bytes and counts
 * them; knows neither how they are drawn nor where they come from.
 */

import { Emitter } from '../../base/event.ts'
import { ColumnBatch } from '../../contract/column-batch.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { ColumnDescription, StatementOutcome } from '../../contract/statement.ts'
import { Store } from './store.ts'

export interface ResultOrigin {
  /** Unique within the window. */
  readonly id: string
  /** Which statement of its script, from 0. */
  readonly statementIndex: number
  /** The statement's text, cut at `statementTextLengthMax`. */
  readonly statementText: string
  readonly columns: readonly ColumnDescription[]
  /** Where it stood in the tab's text when it was run; 0 unless given. */
  readonly start?: number
}

/** Text of a statement that its result remembers: enough for a title and a tooltip. */
export const statementTextLengthMax = 2_000

export class ResultState {
  readonly id: string
  readonly statementIndex: number
  readonly statementText: string
  readonly columns: readonly ColumnDescription[]
  readonly start: number
  /** Null while rows may still come. */
  readonly outcome = new Store<StatementOutcome | null>(null)
  /** Its bytes were given up to make room for other results; it has no rows any more. */
  readonly isDiscarded = new Store(false)
  readonly #batches: ColumnBatch[] = []
  readonly #firstRows: number[] = []
  readonly #didAppend = new Emitter<void>()
  readonly onDidAppend = this.#didAppend.event
  #rowCount = 0
  #bytes = 0

  constructor(origin: ResultOrigin) {
    this.id = origin.id
    this.statementIndex = origin.statementIndex
    this.statementText = origin.statementText.slice(0, statementTextLengthMax)
    this.columns = origin.columns
    this.start = origin.start ?? 0
  }

  /** In row order, without gaps. */
  get batches(): readonly ColumnBatch[] {
    return this.#batches
  }

  get rowCount(): number {
    return this.#rowCount
  }

  /** Bytes held for its batches. */
  get bytes(): number {
    return this.#bytes
  }

  /** Adds the rows of `buffer`, whose first row must be the next one; throws `invalid-message` otherwise. */
  append(firstRow: number, buffer: ArrayBuffer): void {
    if (this.isDiscarded.value) return
    const batch = new ColumnBatch(buffer)
    if (firstRow !== this.#rowCount || batch.columnCount !== this.columns.length) {
      throw new WorkbenchError('invalid-message', 'Rows of the result are missing; run the statement again')
    }
    this.#batches.push(batch)
    this.#firstRows.push(firstRow)
    this.#rowCount += batch.rowCount
    this.#bytes += buffer.byteLength
    this.#didAppend.fire()
  }

  /** The batch that holds `row` and the row's index in it; null when there is no such row. */
  locate(row: number): { readonly batch: ColumnBatch; readonly row: number } | null {
    if (!(row >= 0 && row < this.#rowCount)) return null
    let low = 0
    let high = this.#firstRows.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#firstRows[middle] ?? 0) <= row) low = middle
      else high = middle - 1
    }
    const batch = this.#batches[low]
    return batch ? { batch, row: row - (this.#firstRows[low] ?? 0) } : null
  }

  /** Gives its bytes back. Whoever shows it says so and offers to run the statement again. */
  discard(): void {
    if (this.isDiscarded.value) return
    this.#batches.length = 0
    this.#firstRows.length = 0
    this.#rowCount = 0
    this.#bytes = 0
    this.isDiscarded.set(true)
    this.#didAppend.fire()
  }

  dispose(): void {
    this.#batches.length = 0
    this.#didAppend.dispose()
    this.outcome.dispose()
    this.isDiscarded.dispose()
  }
}
