/**
 * The beginning of a session, on the host's side: an activity that ends with what the session reports, or with
 * Postgres's reason against it.
 */

import type { WorkbenchError } from '../../../contract/error.ts'
import type { Activity, ActivityMessage } from './activity.ts'
import { sqlError } from './engine-endings.ts'
import type { OpenedSession } from './engine-message.ts'

export class SessionOpening implements Activity {
  readonly number: number
  readonly cancellableTurn = null
  /** Rejects with `sql-error`, or with the engine's end. */
  readonly opened: Promise<OpenedSession>
  #resolve: (opened: OpenedSession) => void = () => undefined
  #reject: (error: WorkbenchError) => void = () => undefined

  constructor(number: number) {
    this.number = number
    this.opened = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  onMessage(message: ActivityMessage): boolean {
    if (message.kind === 'session-opened') this.#resolve(message)
    else if (message.kind === 'session-refused') {
      this.#reject(sqlError(message.error))
    } else return false
    return true
  }

  fail(error: WorkbenchError): void {
    this.#reject(error)
  }

  async turnEnded(): Promise<void> {
    await this.opened.catch(() => undefined)
  }
}
