/** Why an engine has ended or is ended, in words for its users. Ends nothing itself. */

import { WorkbenchError } from '../../../contract/error.ts'

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
