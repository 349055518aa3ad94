/**
 * The taking of a snapshot, on the host's side: an activity that ends with the snapshot, or with the reason why there
 * is none.
 */

import { fromWireError, type WorkbenchError } from '../../../contract/error.ts'
import type { EngineSnapshot } from '../engine.ts'
import type { Activity, ActivityMessage } from './activity.ts'

export class SnapshotTaking implements Activity {
  readonly number: number
  readonly cancellableTurn = null
  readonly #taken = Promise.withResolvers<EngineSnapshot>()
  /** Rejects with the worker's reason, or with the engine's end. */
  readonly taken = this.#taken.promise

  constructor(number: number) {
    this.number = number
  }

  onMessage(message: ActivityMessage): boolean {
    if (message.kind === 'snapshot-taken') this.#taken.resolve(message.snapshot)
    else if (message.kind === 'snapshot-failed') this.#taken.reject(fromWireError(message.error))
    else return false
    return true
  }

  fail(error: WorkbenchError): void {
    this.#taken.reject(error)
  }

  async turnEnded(): Promise<void> {
    await this.taken.catch(() => undefined)
  }
}
