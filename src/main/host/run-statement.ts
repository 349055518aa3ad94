/** One statement without rows, run to its end for the host itself. Knows no instance. */

import { WorkbenchError } from '../../contract/error.ts'
import type { Session } from '../session/session.ts'

/** Answers the command tag; throws what Postgres refuses. */
export async function runStatement(session: Session, sql: string): Promise<string> {
  const run = session.beginRun()
  try {
    const statement = { sql: Buffer.from(sql), parameters: [], resultBytesMax: 1 }
    for await (const event of session.execute(statement)) {
      if (event.kind !== 'completed') continue
      const { error, commandTag } = event.outcome
      if (error) throw new WorkbenchError(error.code, error.message, { sql: error.sql })
      return commandTag ?? ''
    }
  } finally {
    run.dispose()
  }
  throw new WorkbenchError('internal', 'A statement ended without an outcome')
}
