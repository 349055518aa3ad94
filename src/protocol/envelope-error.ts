/**
 * The closed list of errors of the envelope protocol, and the object in which one travels (docs/protocol.md,
 * "Errors"). Knows no transport, and nothing of what failed.
 */

import type { SqlErrorFields } from '../contract/error.ts'

/** Every code with the SQLSTATE that it has unless Postgres gave one (PostgreSQL 18 documentation, appendix A). */
export const errorStates = {
  sql_error: 'XX000',
  cancelled: '57014',
  deadline_exceeded: '57014',
  unauthorized: '28000',
  unknown_tenant: '3D000',
  read_only: '25006',
  invalid_request: '08P01',
  unknown_type: '08P01',
  duplicate_request_id: '08P01',
  not_found: '26000',
  already_exists: '42P05',
  too_many_requests: '53300',
  limit_exceeded: '54000',
  result_too_large: '54000',
  slow_consumer: '57014',
  transaction_left_open: '25001',
  idempotency_conflict: '08P01',
  session_lost: '57P01',
  unavailable: '57P03',
  internal: 'XX000',
} as const

export type EnvelopeErrorCode = keyof typeof errorStates

/** What Postgres said, as far as it said it; `position` counts characters from 1. */
export type EnvelopeSqlFields = { readonly severity: string } & {
  readonly [K in 'detail' | 'hint' | 'where' | 'schema' | 'table' | 'column' | 'constraint' | 'routine']?:
    string | null
} & { readonly [K in 'dataType' | 'internalQuery']?: string | null } & {
  readonly [K in 'position' | 'internalPosition']?: number | null
}

/** `error` of a frame. */
export interface EnvelopeError {
  readonly code: EnvelopeErrorCode
  readonly message: string
  readonly sqlstate: string
  /** The same request may be sent again as it is, and has had no effect. */
  readonly retryable: boolean
  readonly sql?: EnvelopeSqlFields
}

/** Transient by their nature: serialization_failure, deadlock_detected, lock_not_available, admin/crash shutdown. */
const retryableStates: ReadonlySet<string> = new Set(['40001', '40P01', '55P03', '57P01'])
const retryableCodes: ReadonlySet<EnvelopeErrorCode> = new Set([
  'too_many_requests',
  'session_lost',
  'unavailable',
])

/** An error of the endpoint itself. */
export function envelopeError(
  code: EnvelopeErrorCode,
  message: string,
  more: { readonly sqlstate?: string; readonly retryable?: boolean } = {},
): EnvelopeError {
  const { sqlstate = errorStates[code], retryable = retryableCodes.has(code) } = more
  return { code, message, sqlstate, retryable }
}

/** What Postgres refused, under `code`. */
export function postgresError(code: EnvelopeErrorCode, fields: SqlErrorFields): EnvelopeError {
  const { message, code: sqlstate, file: _file, line: _line, ...sql } = fields
  const isRetryable = code === 'sql_error' && retryableStates.has(sqlstate)
  return { code, message, sqlstate, retryable: isRetryable, sql }
}
