/**
 * What the client throws, but for an AbortSignal's own reason: one class with a closed list of codes, those of the
 * protocol (docs/protocol.md, "Errors") and those of the client itself. No token, statement or parameter is ever in a
 * message.
 */

import type { EnvelopeError, EnvelopeErrorCode, EnvelopeSqlFields } from '../protocol/envelope-error.ts'

/** What can only be known, or go wrong, on the client's side. */
export type ClientErrorCode =
  /** What was passed makes no sense; the message says which argument. */
  | 'invalid_argument'
  /** The client, session or transaction was closed, or was closed meanwhile. */
  | 'closed'
  /** No connection could be made, or it was lost; the request has had no effect. */
  | 'connection_lost'
  /** The connection was lost after a request had been sent: whether it has had an effect is not known. */
  | 'unknown_outcome'
  /** More requests wait for a connection than the pool's `queueMax`. */
  | 'queue_full'
  /** The endpoint said what the protocol does not allow. */
  | 'broken_answer'
  /** COMMIT ended in a rollback, because a statement of the transaction had failed. */
  | 'rolled_back'

export type WardianErrorCode = EnvelopeErrorCode | ClientErrorCode

export interface WardianErrorDetails {
  readonly sqlstate?: string | null
  readonly isRetryable?: boolean
  readonly sql?: EnvelopeSqlFields | null
  /** Of a batch: the step that failed, from 0. */
  readonly step?: number | null
  readonly cause?: unknown
}

/** Everything that fails. */
export class WardianError extends Error {
  override readonly name = 'WardianError'
  readonly code: WardianErrorCode
  /** As Postgres has them (PostgreSQL 18 documentation, appendix A); null of the client's own errors. */
  readonly sqlstate: string | null
  /** The same request may be sent again as it is, and has had no effect. */
  readonly isRetryable: boolean
  /** What Postgres said besides; null where it was not Postgres. */
  readonly sql: EnvelopeSqlFields | null
  /** Of a batch: the step that failed, from 0. */
  readonly step: number | null

  constructor(code: WardianErrorCode, message: string, details: WardianErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.sqlstate = details.sqlstate ?? null
    this.isRetryable = details.isRetryable ?? false
    this.sql = details.sql ?? null
    this.step = details.step ?? null
  }
}

/** The error that the endpoint answered. */
export function answeredError(error: EnvelopeError | undefined, step: number | null = null): WardianError {
  if (error === undefined)
    return new WardianError('broken_answer', 'The endpoint answered an error without one')
  const { code, message, sqlstate, retryable, sql } = error
  return new WardianError(code, message, { sqlstate, isRetryable: retryable, sql: sql ?? null, step })
}

/** For what the caller got wrong. */
export function invalidArgument(message: string): WardianError {
  return new WardianError('invalid_argument', message)
}
