/**
 * How long a client may have nothing to say, and how long what it has sent may wait for the backend, by the settings
 * of its session: what Postgres cannot count, because the session has not got the backend then. Knows no statement.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { SessionTimeouts } from '../engine/engine.ts'

/** Its words, by which it is known; the others are 57014. */
export const lockTimeout = 'canceling statement due to lock timeout'

export interface WireBoundsOptions {
  readonly clock: Clock
  /** It has said nothing for idle_session_timeout. */
  onIdle(): void
  /** What it has sent was not begun in time: the SQLSTATE and the words of a server. */
  onWaited(sqlState: string, message: string): void
}

const statementTimeout = 'canceling statement due to statement timeout'

export class WireBounds implements Disposable {
  readonly #options: WireBoundsOptions
  #bounds: Disposable[] = []

  constructor(options: WireBoundsOptions) {
    this.#options = options
  }

  /** It waits for its client from now on. */
  idle({ idleSessionMs }: Pick<SessionTimeouts, 'idleSessionMs'>): void {
    this.dispose()
    if (idleSessionMs > 0) this.#after(idleSessionMs, () => this.#options.onIdle())
  }

  /** It waits for the backend from now on, as for a lock. */
  wait({ lockMs, statementMs }: Pick<SessionTimeouts, 'lockMs' | 'statementMs'>): void {
    this.dispose()
    // Where both have passed at once a server names the lock (ProcessInterrupts, tcop/postgres.c).
    if (lockMs > 0) this.#after(lockMs, () => this.#waited('55P03', lockTimeout))
    if (statementMs > 0) this.#after(statementMs, () => this.#waited('57014', statementTimeout))
  }

  /** It waits for nothing that is bounded here. */
  dispose(): void {
    if (this.#bounds.length === 0) return
    for (const bound of this.#bounds) bound.dispose()
    this.#bounds = []
  }

  #waited(sqlState: string, message: string): void {
    this.dispose()
    this.#options.onWaited(sqlState, message)
  }

  #after(delayMs: number, action: () => void): void {
    this.#bounds.push(this.#options.clock.after(delayMs, action))
  }
}
