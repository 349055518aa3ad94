/**
 * A client's wait for a lock of another session, outside of the backend: how long it may take, by the settings of
 * its session. Knows no lock and no statement.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { ConversationWait } from '../engine/engine.ts'

export interface WireWaitOptions {
  readonly wait: ConversationWait
  readonly clock: Clock
  /** With the SQLSTATE and the words of a server. */
  onTimeout(sqlState: string, message: string): void
}

export class WireWait implements Disposable {
  /** What was answered before the wait; the client gets it with what ends the wait, unless that is the lock. */
  readonly answered: Uint8Array
  readonly #bounds: Disposable[] = []

  constructor({ wait, clock, onTimeout }: WireWaitOptions) {
    const { lockTimeoutMs, statementTimeoutMs } = wait
    this.answered = wait.answered
    const after = (timeoutMs: number, sqlState: string, name: string): void => {
      if (timeoutMs <= 0) return
      const message = `canceling statement due to ${name} timeout`
      this.#bounds.push(clock.after(timeoutMs, () => onTimeout(sqlState, message)))
    }
    after(lockTimeoutMs, '55P03', 'lock')
    after(statementTimeoutMs, '57014', 'statement')
  }

  dispose(): void {
    for (const bound of this.#bounds.splice(0)) bound.dispose()
  }
}
