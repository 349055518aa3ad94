/**
 * Those timeouts of the current session that pass while it has not got the backend, so that the host counts them, and
 * whether any pass in a transaction, which Postgres counts. Knows no clock.
 */

import type { SessionTimeouts } from '../../engine.ts'
import type { SessionSettings } from './session-settings.ts'
import type { SettingRecord } from './setting-record.ts'

/** In the order in which they are told. */
const names = [
  'lock_timeout',
  'statement_timeout',
  'idle_session_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
] as const

export class CurrentTimeouts {
  readonly #settings: SessionSettings
  readonly #records: readonly SettingRecord[]

  constructor(settings: SessionSettings) {
    this.#settings = settings
    this.#records = settings.watch(names)
  }

  /** In milliseconds. */
  get words(): readonly number[] {
    return this.#settings.fingerprint(this.#records)
  }

  /** Whether these are the words. Asked at the end of everything that a client has sent. */
  are(words: readonly number[]): boolean {
    return this.#settings.hasFingerprint(this.#records, words)
  }

  get values(): SessionTimeouts {
    return timeoutsOf(this.words)
  }
}

export function timeoutsOf([
  lockMs = 0,
  statementMs = 0,
  idleSessionMs = 0,
  idleInTransactionMs = 0,
  transactionMs = 0,
]: readonly number[]): SessionTimeouts {
  const isTransactionBounded = idleInTransactionMs > 0 || transactionMs > 0
  return { lockMs, statementMs, idleSessionMs, isTransactionBounded }
}
