/** Statements of our own whose answers nobody wants, by the simple protocol. Knows no session. */

import { WorkbenchError } from '../../../contract/error.ts'
import { backendTypes, readErrorFields } from '../protocol/backend-message.ts'
import { queryMessage } from '../protocol/frontend-message.ts'
import type { PostgresConnection } from './postgres-connection.ts'

/** Throws what the server says, or why the connection has ended. */
export async function runSimply(connection: PostgresConnection, text: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let failure: WorkbenchError | null = null
  connection.listen({
    onMessage: ({ type, body }) => {
      if (type === backendTypes.errorResponse) {
        const sql = readErrorFields(body)
        failure = new WorkbenchError('sql-error', sql.message, { sql })
      } else if (type === backendTypes.readyForQuery) {
        if (failure) reject(failure)
        else resolve()
      }
    },
    onRows: () => undefined,
    onRowTooLarge: () => undefined,
    takesLargeRows: false,
    onLargeRow: () => undefined,
    onNotice: () => undefined,
    onLost: reject,
  })
  try {
    await Promise.all([connection.send([queryMessage(text)]), promise])
  } finally {
    connection.listen(null)
  }
}
