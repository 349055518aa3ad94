/** Why an engine has ended or is ended, or does not do something, in words for its users. Ends nothing itself. */

import { WorkbenchError, type SqlErrorFields } from '../../../contract/error.ts'
import type { EngineEvent } from '../engine.ts'

export function closedError(): WorkbenchError {
  return new WorkbenchError('closed', 'The instance has been closed; open it again')
}

export function unresponsive(boundMs: number): WorkbenchError {
  return new WorkbenchError(
    'engine-unresponsive',
    `The database engine did not end the statement within ${boundMs / 1000} s of being asked and was ended`,
  )
}

export function hung(): WorkbenchError {
  return new WorkbenchError(
    'engine-unresponsive',
    'The database engine hung: it was busy with nothing that anybody had asked for, answered nothing, and was ended',
  )
}

/** As Postgres has said it. */
export function sqlError(error: SqlErrorFields): WorkbenchError {
  return new WorkbenchError('sql-error', error.message, { sql: error })
}

/** The events of a statement that cannot be run. */
export function failing(error: WorkbenchError): AsyncIterable<EngineEvent> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }
}
