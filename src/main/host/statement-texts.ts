/** Runs a statement of the host's own outside of any of the users' sessions. Knows no statement. */

import { ColumnBatch, textBytes } from '../../contract/column-batch.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { StatementRunner } from '../session/statement-execution.ts'

/** What is asked so is a word or two. */
const answerBytesMax = 1 << 20

/** The first column, which is of type text. Throws what the server says. */
export async function textsOf(session: StatementRunner, sql: string): Promise<readonly string[]> {
  const texts: string[] = []
  const utf8 = new TextDecoder()
  const statement = { sql: new TextEncoder().encode(sql), parameters: [], resultBytesMax: answerBytesMax }
  for await (const event of session.execute(statement)) {
    if (event.kind === 'batch') {
      const column = new ColumnBatch(event.buffer).column(0)
      for (let row = 0; row < event.rowCount; row++) texts.push(utf8.decode(textBytes(column, row)))
    }
    if (event.kind !== 'completed' || !event.outcome.error) continue
    const { code, message, sql: fields } = event.outcome.error
    throw new WorkbenchError(code, message, { sql: fields })
  }
  return texts
}
