/**
 * The taking of a snapshot, or the settling of files for one, on the host's side: an activity that ends with what was
 * asked for, or with the reason why there is none.
 */

import { fromWireError, type WorkbenchError } from '../../../contract/error.ts'
import type { EngineSnapshot, SettledFiles } from '../engine.ts'
import type { Activity, ActivityMessage } from './activity.ts'

export class SnapshotTaking implements Activity {
  readonly number: number
  readonly cancellableTurn = null
  readonly #taken = Promise.withResolvers<EngineSnapshot>()
  readonly #settled = Promise.withResolvers<SettledFiles>()
  /** Both reject with the worker's reason, or with the engine's end; the other one never resolves. */
  readonly taken = this.#taken.promise
  readonly settled = this.#settled.promise

  constructor(number: number) {
    this.number = number
    // Only one of them has somebody who waits for it.
    this.taken.catch(() => undefined)
    this.settled.catch(() => undefined)
  }

  onMessage(message: ActivityMessage): boolean {
    if (message.kind === 'snapshot-taken') this.#taken.resolve(message.snapshot)
    else if (message.kind === 'files-settled') this.#settled.resolve(message.files)
    else if (message.kind === 'snapshot-failed') this.fail(fromWireError(message.error))
    else return false
    return true
  }

  fail(error: WorkbenchError): void {
    this.#taken.reject(error)
    this.#settled.reject(error)
  }

  async turnEnded(): Promise<void> {
    await Promise.race([this.taken, this.settled]).catch(() => undefined)
  }
}
