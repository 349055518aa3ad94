/**
 * How sessions begin in the worker, on the host's side: with an answer that is waited for, or without, where it is
 * known from others like it what a session will report. Knows no conversation and no turn.
 */

import type { SqlErrorFields, WorkbenchError } from '../../../contract/error.ts'
import { sqlError } from './engine-endings.ts'
import { noActivity, type HostMessage, type OpenedSession } from './engine-message.ts'
import type { SessionOpening } from './session-opening.ts'
import type { SessionBeginning } from './sessions/backend-sessions.ts'

/** Programs and pools begin all of theirs alike; beyond that many kinds the worker is asked. */
const kindsMax = 100

/** What of EngineThread it takes. */
export interface BeginningThread {
  readonly signals: { readonly nextTransaction: number }
  send(message: HostMessage): void
  sendQuietly(message: HostMessage): void
}

export class SessionBeginnings {
  readonly #thread: BeginningThread
  readonly #wake: () => void
  /** As long as nobody has written anything since: what ALTER ROLE sets is in a table. */
  readonly #known = new Map<string, OpenedSession>()
  #knownAt = 0

  /** `wake` is for a beginning that nobody waits for. */
  constructor(thread: BeginningThread, wake: () => void) {
    this.#thread = thread
    this.#wake = wake
  }

  /** Rejects with `sql-error`, or with the engine's end. The backend is idle. */
  async now(beginning: SessionBeginning, opening: SessionOpening): Promise<OpenedSession> {
    const { nextTransaction } = this.#thread.signals
    this.#thread.send({ kind: 'session-open', activity: opening.number, beginning })
    const { parameters, timeouts } = await opening.opened
    if (nextTransaction !== this.#knownAt || this.#known.size >= kindsMax) this.#known.clear()
    this.#knownAt = nextTransaction
    this.#known.set(kindOf(beginning), { parameters, timeouts })
    return { parameters, timeouts }
  }

  /**
   * Before anything else is run, while its client is told what it will report; null where the worker has to be asked.
   * Nothing runs, nor is there anything left to run.
   */
  later(beginning: SessionBeginning): OpenedSession | null {
    const isOld = this.#thread.signals.nextTransaction !== this.#knownAt
    const known = isOld ? undefined : this.#known.get(kindOf(beginning))
    if (!known) return null
    this.#thread.sendQuietly({ kind: 'session-open', activity: noActivity, beginning })
    this.#wake()
    return known
  }

  /** One that nobody waited for could not begin: what was known is worth nothing. Answers what its client is told. */
  failed(error: SqlErrorFields): WorkbenchError {
    this.#known.clear()
    return sqlError(error)
  }
}

/** Start-up settings are applied in their order. */
function kindOf({ role, settings, isReadOnly = false }: SessionBeginning): string {
  return JSON.stringify([role, isReadOnly, settings])
}
