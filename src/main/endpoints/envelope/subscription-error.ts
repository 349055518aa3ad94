/** Why a subscription is refused, or ends, as its client is told. Knows no frame. */

import { WorkbenchError } from '../../../contract/error.ts'
import { envelopeError, type EnvelopeError } from '../../../protocol/envelope-error.ts'
import { ResultTooLargeError } from '../live-reader.ts'
import { toEnvelopeError } from './envelope-failure.ts'

/** For anything thrown. */
export function subscriptionError(thrown: unknown): EnvelopeError {
  if (thrown instanceof ResultTooLargeError) return envelopeError('result_too_large', thrown.message)
  const isBound = thrown instanceof WorkbenchError && thrown.code === 'limit-exceeded' && !thrown.sql
  return isBound ? envelopeError('limit_exceeded', thrown.message) : toEnvelopeError(thrown)
}
