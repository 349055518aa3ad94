/**
 * The receiving half that all ports share: keeps what arrives before anybody listens, delivers in order, and
 * tells of the end exactly once. Knows no carrier.
 */

import { assert } from '../base/assert.ts'
import type { PortListener, PortMessage } from './port.ts'

/** Messages kept before `listen`; a listener comes within the same turn or two, so more is a defect. */
const pendingMessagesMax = 1024

/** Collects the messages of one port for its one listener. */
export class PortInbox {
  readonly #pending: PortMessage[] = []
  #listener: PortListener | null = null
  #closeReason: string | null = null
  #closeTold = false

  get isClosed(): boolean {
    return this.#closeReason !== null
  }

  /** Starts delivery, of what has been kept first. */
  listen(listener: PortListener): void {
    assert(this.#listener === null, 'a port has one listener')
    this.#listener = listener
    for (const message of this.#pending.splice(0)) {
      // The listener may close the port in the middle; it is told nothing more then.
      if (!this.#closeTold) listener.onMessage(message)
    }
    this.#tellClose()
  }

  /** Hands `message` on; drops it once closed. Answers whether there was room for it. */
  deliver(message: PortMessage): boolean {
    if (this.isClosed) return true
    if (this.#listener) this.#listener.onMessage(message)
    else if (this.#pending.length >= pendingMessagesMax) return false
    else this.#pending.push(message)
    return true
  }

  /** Tells the listener, now or when it comes; answers false when that was done before. */
  close(reason: string): boolean {
    if (this.isClosed) return false
    this.#closeReason = reason
    this.#tellClose()
    return true
  }

  #tellClose(): void {
    if (this.#closeReason === null || this.#listener === null || this.#closeTold) return
    this.#closeTold = true
    this.#listener.onClose(this.#closeReason)
  }
}
