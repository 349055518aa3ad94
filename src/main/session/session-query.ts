/**
 * Asks a session a question of the host's own, whose answer is small and wanted as text. One question at a time;
 * the others wait in order. Knows no question.
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { assert } from '../../base/assert.ts'
import { ColumnBatch, columnKinds, isNull, textBytes } from '../../contract/column-batch.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Session } from './session.ts'

/** A cell as Postgres printed it; null for NULL. */
export type TextRow = readonly (string | null)[]

/** The largest answer. What is asked is limited in rows; this is for comments and definitions of any length. */
const answerBytesMax = 64 << 20

/** After more, others have their turn of the event loop: the next batch is often there already. */
const rowsPerTurn = 1_000

const encoder = new TextEncoder()

export class SessionQueries {
  readonly #session: Session
  #last: Promise<unknown> = Promise.resolve()

  constructor(session: Session) {
    this.#session = session
  }

  /** Rows of `sql`, whose columns must be of type text. Throws what Postgres says, or `cancelled`. */
  rows(sql: string, parameters: readonly (string | null)[], signal: AbortSignal): Promise<TextRow[]> {
    const answer = this.#last.then(() => this.#ask(sql, parameters, signal))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  async #ask(sql: string, parameters: readonly (string | null)[], signal: AbortSignal): Promise<TextRow[]> {
    if (signal.aborted) throw new WorkbenchError('cancelled', 'Nobody waits for the answer any more')
    const reservation = this.#session.beginRun()
    const onAbort = (): void => this.#session.cancel()
    signal.addEventListener('abort', onAbort)
    try {
      return await this.#read(sql, parameters)
    } finally {
      signal.removeEventListener('abort', onAbort)
      reservation.dispose()
    }
  }

  async #read(sql: string, parameters: readonly (string | null)[]): Promise<TextRow[]> {
    const rows: TextRow[] = []
    const statement = { sql: encoder.encode(sql), parameters, resultBytesMax: answerBytesMax }
    for await (const event of this.#session.execute(statement)) {
      if (event.kind === 'batch') {
        const batch = new ColumnBatch(event.buffer)
        rows.push(...textRows(batch))
        if (batch.rowCount > rowsPerTurn) await nextTurn()
      }
      if (event.kind !== 'completed' || event.outcome.status === 'ok') continue
      const { error } = event.outcome
      throw new WorkbenchError(error?.code ?? 'limit-exceeded', error?.message ?? 'The answer is too large', {
        sql: error?.sql ?? null,
      })
    }
    return rows
  }
}

/** The rows of a batch all of whose columns are text. */
export function textRows(batch: ColumnBatch): TextRow[] {
  const decoder = new TextDecoder()
  const columns = Array.from({ length: batch.columnCount }, (_, index) => batch.column(index))
  for (const { kind } of columns) assert(kind === columnKinds.text, 'a column of type text')
  return Array.from({ length: batch.rowCount }, (_, row) =>
    columns.map((column) => (isNull(column, row) ? null : decoder.decode(textBytes(column, row)))),
  )
}
