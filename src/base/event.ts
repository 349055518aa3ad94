/**
 * Announcements: `onDidX` subscriptions whose end is a Disposable. Events announce, they never steer: an
 * emitter does not wait for listeners and takes nothing back from them.
 */

import { onDispose, type Disposable } from './disposable.ts'

/** Subscribes `listener`; the returned Disposable ends the subscription. */
export type Event<T> = (listener: (value: T) => void) => Disposable

/** The owner's side of an Event. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Map<(value: T) => void, Disposable>()

  /** Subscribe here; a function listed twice is called once. */
  readonly event: Event<T> = (listener) => {
    const known = this.#listeners.get(listener)
    if (known) return known
    const subscription = onDispose('event-subscription', () => {
      this.#listeners.delete(listener)
    })
    this.#listeners.set(listener, subscription)
    return subscription
  }

  /** Calls every listener that is still subscribed; the first error is thrown after all were called. */
  fire(value: T): void {
    let failed = false
    let failure: unknown
    for (const listener of [...this.#listeners.keys()]) {
      // An earlier listener may have ended this subscription, or all of them.
      if (!this.#listeners.has(listener)) continue
      try {
        listener(value)
      } catch (error) {
        failure = failed ? failure : error
        failed = true
      }
    }
    if (failed) throw failure
  }

  dispose(): void {
    for (const subscription of [...this.#listeners.values()]) subscription.dispose()
  }
}
