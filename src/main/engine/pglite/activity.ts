/**
 * What an engine does at the moment, as its host side sees it: a statement or a channel. Each knows its number
 * and how to take the worker's messages; the engine knows which one is current.
 */

import type { WorkbenchError } from '../../../contract/error.ts'
import type { WorkerMessage } from './engine-message.ts'

/** A message that belongs to one activity. */
export type ActivityMessage = Extract<WorkerMessage, { activity: number }>

export interface Activity {
  readonly number: number
  /** Which turn a cancel is meant for; null when nothing runs. */
  readonly cancellableTurn: number | null
  /** Answers true when the activity has ended with this message. */
  onMessage(message: ActivityMessage): boolean
  /** The worker has ended, or is asked to. */
  fail(error: WorkbenchError): void
  /** Resolves when `turn` has ended, or the activity has. */
  turnEnded(turn: number): Promise<void>
}

/** Promises that are resolved when a count passes them. */
export class TurnWaiters {
  readonly #waiters = new Set<{ readonly turn: number; resolve(): void }>()

  wait(turn: number): Promise<void> {
    return new Promise((resolve) => this.#waiters.add({ turn, resolve }))
  }

  /** Resolves what waits for a turn before `turn`. */
  reached(turn: number): void {
    for (const waiter of this.#waiters) {
      if (waiter.turn >= turn) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }
}
