/**
 * The announcement that a connection has ended, made once. Whoever subscribes later is told too: a handler that
 * had to wait before it could subscribe would otherwise keep for ever what it holds for a client that is gone.
 */

import { onDispose } from '../base/disposable.ts'
import { Emitter, type Event } from '../base/event.ts'

export class CloseEvent {
  readonly #emitter = new Emitter<string>()
  #reason: string | null = null

  get hasFired(): boolean {
    return this.#reason !== null
  }

  /** Tells why; late subscribers in a microtask of their own, never before `event` has returned. */
  readonly event: Event<string> = (listener) => {
    const reason = this.#reason
    if (reason === null) return this.#emitter.event(listener)
    let isWanted = true
    const subscription = onDispose('event-subscription', () => {
      isWanted = false
    })
    queueMicrotask(() => {
      if (!isWanted) return
      subscription.dispose()
      listener(reason)
    })
    return subscription
  }

  /** Tells everybody, and ends their subscriptions; the first error of a listener is thrown after that. */
  fire(reason: string): void {
    this.#reason = reason
    try {
      this.#emitter.fire(reason)
    } finally {
      this.#emitter.dispose()
    }
  }
}
