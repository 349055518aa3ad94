/** What a statement came to: its rows and what the endpoint said of it. Knows no connection. */

import type { CompleteData } from '../protocol/answer-frame.ts'
import type { ResultField } from './result-field.ts'
import { RowBatch } from './row-batch.ts'
import type { RowChunk } from './row-chunk.ts'

/** A NOTICE, WARNING or the like that Postgres sent with the statement. */
export interface Notice {
  readonly severity: string
  readonly sqlstate: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
}

/** The result of one statement. */
export class QueryResult<Row = Record<string, unknown>> extends RowBatch<Row> {
  /** The command's tag without numbers, such as `SELECT` or `INSERT`. */
  readonly command: string
  /** Rows that were selected, inserted, updated, …, as the command's tag says. */
  readonly rowCount: number
  readonly notices: readonly Notice[]
  /** Whether `rowLimit` left rows out. */
  readonly isTruncated: boolean
  /** Whether this is the answer to an earlier request with the same idempotency key. */
  readonly isReplayed: boolean

  constructor(fields: readonly ResultField[], chunks: readonly RowChunk[], end: CompletedStatement) {
    super(fields, chunks)
    this.command = end.data.command ?? ''
    this.rowCount = end.data.row_count ?? 0
    this.notices = end.data.notices ?? []
    this.isTruncated = end.data.truncated === true
    this.isReplayed = end.isReplayed
  }

  /** The first row; undefined if there is none. */
  get first(): Row | undefined {
    return this.rows[0]
  }
}

/** The terminal frame of a statement. */
export interface CompletedStatement {
  readonly data: Partial<CompleteData>
  readonly isReplayed: boolean
}
