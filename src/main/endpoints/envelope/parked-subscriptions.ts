/**
 * Subscriptions whose sockets were lost, for as long as their clients may come back for them. Knows no socket.
 */

import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import type { TokenGrant } from '../web/web-access.ts'
import type { Subscription } from './subscription.ts'

/** As docs/protocol.md says under "Subscriptions". */
const parkedMs = 60_000
/** Lost sockets whose subscriptions are kept; of more, those that were lost first are given up. */
const lotsMax = 256

interface Lot {
  readonly grant: TokenGrant
  readonly subscriptions: Map<string, Subscription>
  readonly timer: Disposable
}

export class ParkedSubscriptions implements Disposable {
  readonly #clock: Clock
  /** By the id of the socket; the first was lost first. */
  readonly #lots = new Map<string, Lot>()
  #isDisposed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes over what a socket has had, which was lost just now. */
  park(socketId: string, grant: TokenGrant, subscriptions: readonly Subscription[]): void {
    if (subscriptions.length === 0) return
    const lot: Lot = {
      grant,
      subscriptions: new Map(subscriptions.map((subscription) => [subscription.name, subscription])),
      timer: this.#clock.after(parkedMs, () => this.#giveUp(socketId)),
    }
    for (const subscription of subscriptions) {
      subscription.onEnded = ({ name }) => void lot.subscriptions.delete(name)
      subscription.attach(null)
    }
    this.#lots.set(socketId, lot)
    const [first] = this.#lots.keys()
    if (this.#isDisposed || this.#lots.size > lotsMax)
      this.#giveUp(this.#isDisposed ? socketId : (first ?? ''))
  }

  /** A subscription of a lost socket, which its taker has from then on; null where it is not there for that grant. */
  take(socketId: string, name: string, grant: TokenGrant): Subscription | null {
    const lot = this.#lots.get(socketId)
    const found = lot?.subscriptions.get(name)
    if (!lot || !found || !areSameRights(lot.grant, grant)) return null
    lot.subscriptions.delete(name)
    return found
  }

  /** Nobody comes for what is left of that socket. */
  forget(socketId: string, grant: TokenGrant): void {
    const lot = this.#lots.get(socketId)
    if (lot && areSameRights(lot.grant, grant)) this.#giveUp(socketId)
  }

  /** The token is not to see anything any more. */
  revoke(tokenId: string): void {
    for (const [socketId, { grant }] of [...this.#lots]) if (grant.tokenId === tokenId) this.#giveUp(socketId)
  }

  dispose(): void {
    this.#isDisposed = true
    for (const socketId of [...this.#lots.keys()]) this.#giveUp(socketId)
  }

  #giveUp(socketId: string): void {
    const lot = this.#lots.get(socketId)
    this.#lots.delete(socketId)
    lot?.timer.dispose()
    for (const subscription of [...(lot?.subscriptions.values() ?? [])]) subscription.dispose()
  }
}

/** A client may come back with another token that allows the same. */
function areSameRights(one: TokenGrant, other: TokenGrant): boolean {
  const tenants = ({ tenants: names }: TokenGrant): string => JSON.stringify(names && [...names].sort())
  return one.access === other.access && one.role === other.role && tenants(one) === tenants(other)
}
