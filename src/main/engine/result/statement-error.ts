/**
 * The errors and notices that the engine words itself, in the shape of Postgres's own. Knows no statement.
 */

import { noSqlErrorFields, type SqlErrorFields, type WireError } from '../../../contract/error.ts'

const noFields: SqlErrorFields = { severity: 'ERROR', code: 'XX000', message: '', ...noSqlErrorFields }

/** As ProcessInterrupts words it (PostgreSQL, tcop/postgres.c). */
export const cancelledFields: SqlErrorFields = {
  ...noFields,
  code: '57014',
  message: 'canceling statement due to user request',
}

/** Why a client_encoding that the user has set does not stay. */
export function clientEncodingNotice(encoding: string): SqlErrorFields {
  return {
    ...noFields,
    severity: 'WARNING',
    code: '01000',
    message: `client_encoding was set to ${encoding} and has been set back to UTF8`,
    detail: 'Results are shown and stored as UTF-8.',
    hint: 'Use convert_to(text, name) where bytes in another encoding are wanted.',
  }
}

/** What a border carries for an error of Postgres. */
export function statementError(sql: SqlErrorFields | null, isCancelled: boolean): WireError | null {
  if (!sql) return null
  return { code: isCancelled ? 'cancelled' : 'sql-error', message: sql.message, sql }
}
