/**
 * Failures on their way to a client of the envelope protocol: which code each gets. Knows no frame.
 */

import { toWireError, type ErrorCode, type SqlErrorFields, WorkbenchError } from '../../../contract/error.ts'
import {
  envelopeError,
  postgresError,
  type EnvelopeError,
  type EnvelopeErrorCode,
} from '../../../protocol/envelope-error.ts'

/** Why somebody ends a request before it is answered. */
export type CancelReason = 'cancelled' | 'deadline_exceeded' | 'slow_consumer'

/** What a request is answered with instead of what it has asked for. */
export class EnvelopeFailure extends Error {
  override readonly name = 'EnvelopeFailure'
  readonly error: EnvelopeError
  /** Stands beside the error. */
  readonly data: object | undefined

  /** `more` may be an error that is told again, with all that it says, and `data` that stands beside it. */
  constructor(
    code: EnvelopeErrorCode,
    message: string,
    { data, ...more }: Partial<EnvelopeError> & { readonly data?: object } = {},
  ) {
    super(message)
    this.error = { ...more, ...envelopeError(code, message, more) }
    this.data = data
  }
}

/** Codes of the product that have another name here; all others are why an instance does not serve. */
const codeOf: Readonly<Partial<Record<ErrorCode, EnvelopeErrorCode>>> = {
  'invalid-argument': 'invalid_request',
  'limit-exceeded': 'too_many_requests',
  cancelled: 'cancelled',
  'engine-crashed': 'session_lost',
  'engine-unresponsive': 'session_lost',
  closed: 'session_lost',
  unauthorized: 'unauthorized',
  internal: 'internal',
}

/** For anything thrown. */
export function toEnvelopeError(thrown: unknown): EnvelopeError {
  if (thrown instanceof EnvelopeFailure) return thrown.error
  const { code, message, sql } = toWireError(thrown)
  if (sql?.code === '53300') return { ...postgresError('too_many_requests', sql), retryable: true }
  if (sql) return postgresError('sql_error', sql)
  return envelopeError(codeOf[code] ?? 'unavailable', message)
}

/** Whether it is a defect, which belongs into the log. */
export function isDefect(thrown: unknown): boolean {
  if (thrown instanceof EnvelopeFailure) return thrown.error.code === 'internal'
  return !(thrown instanceof WorkbenchError) || thrown.code === 'internal'
}

const endedStates: ReadonlyMap<CancelReason, string> = new Map([
  ['cancelled', 'The request was cancelled'],
  ['deadline_exceeded', 'The deadline of the request has passed'],
  ['slow_consumer', 'The rows of the result were not taken in time; grant credit as they are read'],
])

/** For a request that was ended before, or while, it ran. */
export function endedError(reason: CancelReason): EnvelopeError {
  return envelopeError(reason, endedStates.get(reason) ?? reason)
}

/** How an ErrorResponse is to be told. */
export interface ErrorCircumstances {
  readonly isReadOnly: boolean
  /** It is the endpoint's own. */
  readonly isTooLarge: boolean
  /** Somebody has asked for its end. */
  readonly cancelReason: CancelReason | null
}

/** For an ErrorResponse. */
export function statementError(
  fields: SqlErrorFields,
  { isReadOnly, isTooLarge, cancelReason }: ErrorCircumstances,
): EnvelopeError {
  if (isTooLarge) return envelopeError('result_too_large', fields.message)
  const { code, message } = fields
  if (code === '57014') {
    if (cancelReason) return { ...postgresError(cancelReason, fields), ...endedError(cancelReason) }
    // A timeout of Postgres's own has the same SQLSTATE.
    return postgresError(message.endsWith('timeout') ? 'sql_error' : 'cancelled', fields)
  }
  if (isReadOnly && (code === '25006' || code === '42501')) return postgresError('read_only', fields)
  return postgresError('sql_error', fields)
}
