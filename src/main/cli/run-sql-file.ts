/** Runs a file of SQL whose results nobody wants to see. Stops at the first statement that fails. */

import { WorkbenchError } from '../../contract/error.ts'
import type { CommandContext } from './command-context.ts'
import type { WorkbenchClient } from './host-connection.ts'
import { closeSession, statementError } from './query-command.ts'
import { sqlErrorText } from './sql-error-text.ts'
import { readSql, uploadSql } from './sql-input.ts'
import { visibleText } from './terminal-text.ts'

/** Nothing of a result is kept. */
const limits = { resultBytesMax: Number.MAX_SAFE_INTEGER, resultsMax: null } as const

export interface SqlFile {
  readonly client: WorkbenchClient
  readonly instanceId: string
  readonly file: string
}

/** Throws what the failing statement was told, with the file and the statement's number. */
export async function runSqlFile(
  context: CommandContext,
  { client, instanceId, file }: SqlFile,
): Promise<void> {
  const { terminal, interrupt } = context
  const sql = await readSql(terminal, { argument: undefined, file })
  const { sessionId } = await client.call('session.open', { instanceId, title: `wardian run --from ${file}` })
  try {
    const source = await uploadSql(client, sql)
    const params = { sessionId, source, mode: 'script', ...limits } as const
    let place = ''
    let text: string | null = null
    for await (const { value } of client.stream('statement.run', params, { signal: interrupt })) {
      if (value.kind === 'started') {
        place = `${visibleText(file)}, statement ${value.index + 1}: `
        text = sql.slice(value.start, value.start + value.length)
      } else if (value.kind === 'notice') {
        terminal.note(sqlErrorText(value.notice, text))
      } else if (value.kind === 'completed' && value.outcome.status !== 'ok') {
        throw statementError(value.outcome, { label: place, source: text })
      }
    }
  } catch (error) {
    if (error instanceof WorkbenchError && error.code === 'invalid-argument') {
      throw new WorkbenchError(error.code, `${visibleText(file)}: ${error.message}`, { cause: error })
    }
    throw error
  } finally {
    await closeSession(client, sessionId)
  }
}
