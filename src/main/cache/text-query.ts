/**
 * Asks an engine a small question of the cache's own in the turn that somebody has, and gathers the answer as text.
 * Knows no question.
 */

import { ColumnBatch } from '../../contract/column-batch.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { StatementRunner } from '../session/statement-execution.ts'
import { textRows, type TextRow } from '../session/session-query.ts'

/** Names of some thousand relations are a few hundred kilobytes. */
const answerBytesMax = 8 << 20

const encoder = new TextEncoder()

/** Rows of `sql`, whose columns must be of type text. Throws what Postgres says, `limit-exceeded`. */
export async function textQuery(
  runner: Pick<StatementRunner, 'execute'>,
  sql: string,
  parameters: readonly (string | null)[] = [],
): Promise<TextRow[]> {
  const rows: TextRow[] = []
  const statement = { sql: encoder.encode(sql), parameters, resultBytesMax: answerBytesMax }
  for await (const event of runner.execute(statement)) {
    if (event.kind === 'batch') rows.push(...textRows(new ColumnBatch(event.buffer)))
    if (event.kind !== 'completed' || event.outcome.status === 'ok') continue
    const { error } = event.outcome
    throw new WorkbenchError(error?.code ?? 'limit-exceeded', error?.message ?? 'The answer is too large', {
      sql: error?.sql ?? null,
    })
  }
  return rows
}
