/** What a session of the envelope protocol does one after the other. Types alone. */

import type { EnvelopeError } from '../../../protocol/envelope-error.ts'
import type { BackendMessageView } from './backend-reader.ts'
import type { CancelReason } from './envelope-failure.ts'
import type { FrontendWriter } from './frontend-writer.ts'

/** As ReadyForQuery tells it. */
export type TransactionStatus = 'idle' | 'open' | 'failed'

/** What is to happen when the backend is ready again: nothing more, another unit at once, or the job says itself. */
export type NextStep = 'done' | 'again' | 'wait'

export interface SessionJob {
  /** Why it is to end before its time. */
  readonly cancelReason: CancelReason | null
  /**
   * Its turn has come: everything before it has been sent, or, where it answers false, answered. Whether it may be
   * sent with others. What it throws, it has failed with.
   */
  begin(): boolean
  /** Writes messages with one Sync; nothing, where it does that itself later. */
  write(writer: FrontendWriter): void
  /** A message of the answer; false: not now. */
  take(message: BackendMessageView): boolean
  /** The backend has answered what was written. `isFollowed`: others were sent behind it. */
  ready(status: TransactionStatus, isFollowed: boolean): NextStep
  /** Is to end: what it still would do, it does not. */
  cancel(reason: CancelReason): void
  /** It was not run, or its session is gone. */
  fail(error: EnvelopeError): void
}
