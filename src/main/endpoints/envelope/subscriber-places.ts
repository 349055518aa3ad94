/**
 * The places that one socket has among the clients of the endpoint for what it follows: one for each tenant that it has
 * subscriptions of, where people see it and can end it, and where it counts. Knows no subscription.
 */

import type { Disposable } from '../../../base/disposable.ts'
import type { RegisteredClient } from '../postgres/client-registry.ts'
import { protocolLatest } from '../postgres/start-up-packet.ts'
import { EnvelopeFailure } from './envelope-failure.ts'
import type { EnvelopePeer } from './request-handler.ts'

interface Place {
  readonly entering: Promise<RegisteredClient>
  userCount: number
}

export class SubscriberPlaces implements Disposable {
  readonly #peer: EnvelopePeer
  readonly #places = new Map<string, Place>()
  #isDisposed = false

  constructor(peer: EnvelopePeer) {
    this.#peer = peer
  }

  /** For one subscription, until that is disposed. Throws what says why there is none, such as 53300. */
  async enter(tenant: string): Promise<Disposable> {
    const place = this.#places.get(tenant) ?? this.#make(tenant)
    place.userCount += 1
    let isUsed = true
    const leave = (): void => {
      if (!isUsed) return
      isUsed = false
      place.userCount -= 1
      if (place.userCount === 0) this.#give(tenant, place)
    }
    try {
      await place.entering
    } catch (error) {
      leave()
      throw error
    }
    return { dispose: leave }
  }

  dispose(): void {
    this.#isDisposed = true
    for (const [tenant, place] of [...this.#places]) this.#give(tenant, place)
  }

  #make(tenant: string): Place {
    const place = { entering: this.#register(tenant), userCount: 0 }
    this.#places.set(tenant, place)
    return place
  }

  #give(tenant: string, place: Place): void {
    if (this.#places.get(tenant) === place) this.#places.delete(tenant)
    place.entering.then(
      (entry) => entry.dispose(),
      () => undefined,
    )
  }

  async #register(tenant: string): Promise<RegisteredClient> {
    const { accepted, client, context, grant } = this.#peer
    const { address, port, isEncrypted } = accepted
    const backend = await this.#peer.backend(tenant)
    const role = await backend.findRole(grant.role)
    if (!role) {
      throw new EnvelopeFailure('unavailable', `role "${grant.role}" does not exist`, { sqlstate: '28000' })
    }
    if (this.#isDisposed) throw new EnvelopeFailure('cancelled', 'The socket was closed')
    const about = { user: grant.role, database: tenant, applicationName: client, address, port, isEncrypted }
    const entry = context.clients.register({ ...about, protocolVersion: protocolLatest, backend, role })
    entry.stop = (error) => this.#peer.stop(error)
    entry.state = 'idle'
    entry.changed()
    return entry
  }
}
