/**
 * What a client of the wire endpoint is told when something failed: every WorkbenchError code has its SQLSTATE
 * here, and refusals of the endpoint itself are made here. Knows no bytes.
 */

import {
  WorkbenchError,
  noSqlErrorFields,
  toWireError,
  type ErrorCode,
  type SqlErrorFields,
} from '../../../contract/error.ts'

interface SqlState {
  readonly code: string
  readonly hint: string | null
}

const restarted = 'Connect again: what was committed is safe.'

/** The closed table of codes without SQL fields of their own (PostgreSQL 18 documentation, appendix A). */
const sqlStateOf: Readonly<Record<ErrorCode, SqlState>> = {
  'invalid-argument': { code: '22023', hint: null },
  'invalid-message': { code: '08P01', hint: 'Check the client: it broke the protocol.' },
  'not-found': { code: '42704', hint: null },
  'already-exists': { code: '42710', hint: null },
  'in-use': { code: '55006', hint: null },
  conflict: { code: '55000', hint: null },
  'limit-exceeded': { code: '54000', hint: null },
  cancelled: { code: '57014', hint: null },
  closed: { code: '57P01', hint: null },
  disconnected: { code: '08006', hint: null },
  unreachable: { code: '08001', hint: null },
  'sql-error': { code: 'XX000', hint: null },
  'engine-crashed': { code: '57P01', hint: restarted },
  'engine-unresponsive': { code: '57P01', hint: restarted },
  'storage-failed': { code: '58030', hint: null },
  'disk-full': { code: '53100', hint: null },
  corrupt: { code: 'XX001', hint: null },
  'permission-denied': { code: '42501', hint: null },
  unauthorized: { code: '28000', hint: null },
  unsupported: { code: '0A000', hint: null },
  internal: { code: 'XX000', hint: 'This is a defect of Wardian.' },
}

/** Postgres's names of what ends a statement, and of what ends a connection. */
export type Severity = 'ERROR' | 'FATAL'

/** What a refusal says besides its message. */
export interface RefusalOptions {
  readonly detail?: string | null
  readonly hint?: string | null
  readonly cause?: unknown
}

/** A failure with SQLSTATE `sqlState` that ends the connection. */
export function refusal(sqlState: string, message: string, options: RefusalOptions = {}): WorkbenchError {
  const fields = { ...noSqlErrorFields, severity: 'FATAL', code: sqlState, message }
  const { detail = null, hint = null, cause } = options
  return new WorkbenchError('sql-error', message, { sql: { ...fields, detail, hint }, cause })
}

/** The client sent what the protocol does not allow. */
export function protocolViolation(message: string): WorkbenchError {
  return refusal('08P01', message)
}

/** The fields of an ErrorResponse for anything thrown. */
export function failureFields(error: unknown, severity: Severity): SqlErrorFields {
  const { code, message, sql } = toWireError(error)
  if (sql) return { ...sql, severity }
  return { ...noSqlErrorFields, severity, message, ...sqlStateOf[code] }
}
