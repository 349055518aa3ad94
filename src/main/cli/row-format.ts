/**
 * The form in which rows leave the command line: pure text in pieces, so that a result of any size is written as it
 * arrives. Knows no stream and no session.
 */

import type { ColumnBatch } from '../../contract/column-batch.ts'
import type { ColumnDescription, StatementOutcome } from '../../contract/statement.ts'

/** Rows of one batch, from `first` up to and without `end`. */
export interface RowRange {
  readonly batch: ColumnBatch
  readonly first: number
  readonly end: number
}

/** Each method returns text to write, in order; '' when there is none yet. */
export interface RowFormat {
  /** A statement begins; `count` is that of the whole script. */
  begin(statement: { readonly index: number; readonly count: number }): string
  /** It has rows, with these columns. */
  columns(columns: readonly ColumnDescription[]): string
  rows(range: RowRange): string
  /** It ended well. A failed statement is not ended: what was written must not look complete. */
  end(outcome: StatementOutcome): string
  /** All went well. */
  finish(): string
  /** What to tell the reader about what they see, if anything. */
  remark(): string | null
}
