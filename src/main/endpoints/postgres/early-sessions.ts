/**
 * Sessions that begin while their clients still prove who they are, so that whoever logs in does not wait for both. As
 * on a server, where a process and its place in pg_stat_activity come before the password; what impostors can cost is
 * bounded in number and time. Knows no password and no socket.
 */

import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import type { WireSession } from './wire-backend.ts'

/** At once, of all clients of an endpoint. Those beyond begin theirs when they have logged in. */
const earlySessionsMax = 4
/** Programs answer within milliseconds. Who thinks for longer gets the session later. */
export const earlyTimeMaxMs = 1_000

/** A session that has begun for a client of whom nothing is known yet. */
export interface EarlySession extends Disposable {
  /** For a client that has logged in; null when it has taken too long. Rejects as opening the session does. */
  take(): Promise<WireSession> | null
  /** The client has not logged in; no-op for a session that was taken. */
  dispose(): void
}

export class EarlySessions {
  readonly #clock: Clock
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `open` now, unless as many others as may be are on their way: then null. */
  begin(open: () => Promise<WireSession>): EarlySession | null {
    if (this.#count >= earlySessionsMax) return null
    this.#count += 1
    let opening: Promise<WireSession> | null = open()
    const leave = (): void => {
      opening = null
      this.#count -= 1
      bound.dispose()
    }
    const dispose = (): void => {
      if (!opening) return
      // Why it could not begin is told to those who log in.
      opening.then(
        (session) => session.dispose(),
        () => undefined,
      )
      leave()
    }
    const bound = this.#clock.after(earlyTimeMaxMs, dispose)
    // Who logs in hears of it, whenever that is.
    opening.catch(() => undefined)
    const take = (): Promise<WireSession> | null => {
      const taken = opening
      if (taken) leave()
      return taken
    }
    return { take, dispose }
  }
}
