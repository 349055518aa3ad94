/**
 * Raises an error of Postgres's own from a function that Postgres calls, so that the statement fails and the
 * engine goes on. Knows no reason for it.
 */

import type { PgliteModule } from './pglite-module.ts'

/** elog.h */
const errorLevel = 21

export interface RaisedError {
  /** SQLSTATE. */
  readonly state: string
  readonly message: string
  /** Said to be where it was raised. */
  readonly file: string
  readonly routine: string
}

/** It leaves by a long jump, so nothing returns; the 0 is for the type of imported functions. */
export function raiseError(module: PgliteModule, { state, message, file, routine }: RaisedError): number {
  if (module._errstart(errorLevel, 0)) {
    module._errcode(encodeSqlState(state))
    module._errmsg_internal(module.stringToUTF8OnStack(message), 0)
    module._errfinish(module.stringToUTF8OnStack(file), 0, module.stringToUTF8OnStack(routine))
  }
  return 0
}

/** MAKE_SQLSTATE (PostgreSQL, utils/elog.h): six bits for each character. */
function encodeSqlState(state: string): number {
  return Array.from(state).reduce(
    (code, char, index) => code + ((char.charCodeAt(0) - 48) & 0x3f) * 64 ** index,
    0,
  )
}
