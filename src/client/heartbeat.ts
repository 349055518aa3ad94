/**
 * Finds out that a socket is dead although nobody has closed it, as after a laptop slept: while something is waited for
 * and nothing is heard, it asks, and gives up when there is no answer. Knows no socket.
 */

import type { Clock } from '../base/clock.ts'
import type { Disposable } from '../base/disposable.ts'

/** As often as the endpoint itself pings (docs/protocol.md, "Close codes"). */
export const heartbeatMs = 20_000

export interface HeartbeatActions {
  /** Whether anybody would notice a dead socket. */
  isNeeded(): boolean
  ping(): void
  giveUp(): void
}

export class Heartbeat implements Disposable {
  readonly #clock: Clock
  readonly #actions: HeartbeatActions
  #heardMs: number
  #hasPinged = false
  #timer: Disposable | null = null

  constructor(clock: Clock, actions: HeartbeatActions) {
    this.#clock = clock
    this.#actions = actions
    this.#heardMs = clock.monotonicMs()
  }

  /** Something came. */
  heard(): void {
    this.#heardMs = this.#clock.monotonicMs()
    this.#hasPinged = false
  }

  /** Something is waited for from now on. */
  start(): void {
    if (this.#timer) return
    // What was heard long ago, when nobody listened, says nothing.
    this.#heardMs = this.#clock.monotonicMs()
    this.#hasPinged = false
    this.#schedule(heartbeatMs)
  }

  dispose(): void {
    this.#timer?.dispose()
    this.#timer = null
  }

  #schedule(delayMs: number): void {
    this.#timer = this.#clock.after(delayMs, () => this.#look())
  }

  #look(): void {
    this.#timer = null
    if (!this.#actions.isNeeded()) return
    const silentMs = this.#clock.monotonicMs() - this.#heardMs
    if (silentMs < heartbeatMs) {
      this.#schedule(heartbeatMs - silentMs)
      return
    }
    if (this.#hasPinged) {
      this.#actions.giveUp()
      return
    }
    this.#hasPinged = true
    this.#schedule(heartbeatMs)
    this.#actions.ping()
  }
}
