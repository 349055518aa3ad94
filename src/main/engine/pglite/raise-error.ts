/**
 * Raises an error of Postgres's own from a function that Postgres calls, so that the statement fails and the
 * engine goes on, or warns of something. Knows no reason for it.
 */

import type { PgliteModule } from './pglite-module.ts'

/** elog.h */
const warningLevel = 19
const errorLevel = 21

export interface RaisedError {
  /** SQLSTATE. */
  readonly state: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
  /** Said to be where it was raised. */
  readonly file: string
  readonly routine: string
}

/** It leaves by a long jump, so nothing returns; the 0 is for the type of imported functions. */
export function raiseError(module: PgliteModule, error: RaisedError): number {
  report(module, errorLevel, error)
  return 0
}

/** Sends a notice of the severity WARNING. */
export function raiseWarning(module: PgliteModule, warning: RaisedError): void {
  report(module, warningLevel, warning)
}

function report(module: PgliteModule, level: number, error: RaisedError): void {
  const stack = module.stackSave()
  if (module._errstart(level, 0)) {
    module._errcode(encodeSqlState(error.state))
    module._errmsg_internal(format(module, error.message), 0)
    if (error.detail) module._errdetail_internal(format(module, error.detail), 0)
    if (error.hint) module._errhint(format(module, error.hint), 0)
    module._errfinish(module.stringToUTF8OnStack(error.file), 0, module.stringToUTF8OnStack(error.routine))
  }
  module.stackRestore(stack)
}

/** A format without parameters. */
function format(module: PgliteModule, text: string): number {
  return module.stringToUTF8OnStack(text.replaceAll('%', '%%'))
}

/** MAKE_SQLSTATE (PostgreSQL, utils/elog.h): six bits for each character. */
function encodeSqlState(state: string): number {
  return Array.from(state).reduce(
    (code, char, index) => code + ((char.charCodeAt(0) - 48) & 0x3f) * 64 ** index,
    0,
  )
}
