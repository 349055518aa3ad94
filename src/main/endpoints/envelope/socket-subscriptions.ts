/**
 * The subscriptions of one socket: begun and ended by its requests, taken over from a socket that was lost, and given
 * up to be taken over when it is lost itself (docs/protocol.md, "Subscriptions").
 */

import type { Disposable } from '../../../base/disposable.ts'
import { subscriptionsPerSocketMax } from '../../../protocol/protocol-limits.ts'
import type { ResumeWish, SubscribeData } from '../../../protocol/subscription-data.ts'
import type { LiveReader } from '../live-reader.ts'
import { endedError, EnvelopeFailure } from './envelope-failure.ts'
import type { EventBudget } from './event-log.ts'
import type { LiveRequest } from './live-request.ts'
import type { ParkedSubscriptions } from './parked-subscriptions.ts'
import type { EnvelopePeer } from './request-handler.ts'
import { SharedReader } from './shared-reader.ts'
import { SubscriberPlaces } from './subscriber-places.ts'
import { Subscription, type EventTaker } from './subscription.ts'
import { subscriptionError } from './subscription-error.ts'
import { startSubscription } from './subscription-start.ts'

export interface SocketSubscriptionsOptions {
  readonly peer: EnvelopePeer
  readonly parked: ParkedSubscriptions
  readonly budget: EventBudget
}

/** What came of the wish to go on, by name. */
export interface Resumption {
  readonly resumed: readonly string[]
  readonly mustRefetch: readonly string[]
}

/** Aborted with the EnvelopeFailure that its request is answered with. */
type Start = AbortController

export class SocketSubscriptions implements EventTaker {
  readonly #options: SocketSubscriptionsOptions
  readonly #subscriptions = new Map<string, Subscription>()
  /** What requests have asked for that are not answered. */
  readonly #starting = new Map<string, Start>()
  /** By tenant. */
  readonly #readers = new Map<string, SharedReader>()
  readonly #places: SubscriberPlaces
  readonly #watching: readonly Disposable[]
  /** Events come after hello_ok. */
  #isGreeted = true

  constructor(options: SocketSubscriptionsOptions) {
    this.#options = options
    const { peer } = options
    this.#places = new SubscriberPlaces(peer)
    this.#watching = [peer.onDidEase(() => this.#ease()), peer.onDidClose(() => this.#park())]
  }

  get isCongested(): boolean {
    return this.#options.peer.isCongested || !this.#isGreeted
  }

  sendEvent(subscription: string, eventId: number, data: object): void {
    this.#options.peer.send({ meta: { type: 'event', subscription, event_id: eventId }, data })
  }

  /** Answers the request, unless it throws EnvelopeFailure. */
  async subscribe(request: LiveRequest, data: SubscribeData): Promise<void> {
    const { subscription: name } = data
    this.#checkRoom(name)
    const start: Start = new AbortController()
    this.#starting.set(name, start)
    request.onCancel = (reason) => start.abort(new EnvelopeFailure(reason, endedError(reason).message))
    try {
      await this.#start(request, { data, start })
    } catch (error) {
      request.fail(subscriptionError(start.signal.aborted ? start.signal.reason : error))
    } finally {
      this.#starting.delete(name)
    }
  }

  /** Throws EnvelopeFailure. */
  unsubscribe(name: string): void {
    const start = this.#starting.get(name)
    const found = this.#subscriptions.get(name)
    if (!start && !found) throw new EnvelopeFailure('not_found', `There is no subscription ${name}`)
    start?.abort(new EnvelopeFailure('cancelled', 'It was unsubscribed before it began'))
    found?.dispose()
  }

  /** Takes over subscriptions of lost sockets; their events wait until `greeted`. */
  resume(wishes: readonly ResumeWish[]): Resumption {
    const { parked, peer } = this.#options
    const resumed: string[] = []
    const mustRefetch: string[] = []
    this.#isGreeted = false
    for (const { subscription: name, last_event_id: lastEventId, socket_id: socketId } of wishes) {
      const found = this.#subscriptions.has(name) ? null : parked.take(socketId, name, peer.grant)
      if (found?.rewind(lastEventId) === true) {
        this.#adopt(found)
        void this.#enter(found)
        resumed.push(name)
      } else {
        found?.dispose()
        mustRefetch.push(name)
      }
    }
    for (const { socket_id: socketId } of wishes) parked.forget(socketId, peer.grant)
    return { resumed, mustRefetch }
  }

  /** hello_ok is out. */
  onGreeted(wishes: readonly ResumeWish[], { mustRefetch }: Resumption): void {
    this.#isGreeted = true
    for (const { subscription: name, last_event_id: lastEventId } of wishes) {
      if (mustRefetch.includes(name)) this.sendEvent(name, lastEventId + 1, { kind: 'must_refetch' })
    }
    this.#ease()
  }

  #checkRoom(name: string): void {
    if (this.#subscriptions.has(name) || this.#starting.has(name)) {
      const message = `There is a subscription ${name} already`
      throw new EnvelopeFailure('already_exists', message, { sqlstate: '42P03' })
    }
    if (this.#subscriptions.size + this.#starting.size >= subscriptionsPerSocketMax) {
      const most = `A socket has at most ${subscriptionsPerSocketMax} subscriptions`
      throw new EnvelopeFailure('limit_exceeded', `${most}; end some with unsubscribe`)
    }
  }

  async #start(
    request: LiveRequest,
    { data, start }: { readonly data: SubscribeData; readonly start: Start },
  ): Promise<void> {
    const { peer, budget } = this.#options
    const tenant = peer.tenantOf(request)
    const shared = this.#readerOf(tenant)
    const subscription = new Subscription({ name: data.subscription, tenant, budget })
    subscription.add(shared.use())
    const { signal } = start
    try {
      const reader = await shared.reader
      subscription.add(await this.#places.enter(tenant))
      signal.throwIfAborted()
      const answer = await startSubscription({ reader, data, subscription, signal })
      signal.throwIfAborted()
      request.onCancel = null
      request.complete(answer)
      this.#adopt(subscription)
    } catch (error) {
      subscription.dispose()
      throw error
    }
  }

  /** What was taken over has its place where its socket is now; without one it ends. */
  async #enter(subscription: Subscription): Promise<void> {
    const { name, tenant } = subscription
    try {
      subscription.add(await this.#places.enter(tenant))
    } catch (error) {
      if (this.#subscriptions.get(name) === subscription) subscription.end(error)
    }
  }

  #readerOf(tenant: string): SharedReader {
    const known = this.#readers.get(tenant)
    if (known && !known.isOver) return known
    const made = new SharedReader(this.#open(tenant))
    this.#readers.set(tenant, made)
    return made
  }

  async #open(tenant: string): Promise<LiveReader> {
    const { accepted, client, grant, backend } = this.#facts
    const { address, port, encryption } = accepted
    const { openReader } = await backend(tenant)
    if (!openReader) throw new EnvelopeFailure('invalid_request', `${tenant} cannot be subscribed to`)
    return openReader({
      ...{ role: grant.role, database: tenant, address, port, encryption },
      settings: new Map([
        ['application_name', client],
        ['client_encoding', 'UTF8'],
      ]),
      title: `${client === '' ? 'client' : client} (${grant.role}, ${address ?? 'local'}:${port ?? ''})`,
    })
  }

  get #facts(): Pick<EnvelopePeer, 'accepted' | 'client' | 'grant' | 'backend'> {
    const { peer } = this.#options
    const { accepted, client, grant } = peer
    return { accepted, client, grant, backend: (tenant) => peer.backend(tenant) }
  }

  #adopt(subscription: Subscription): void {
    const { name } = subscription
    this.#subscriptions.set(name, subscription)
    subscription.onEnded = () => void this.#subscriptions.delete(name)
    subscription.attach(this)
  }

  #ease(): void {
    for (const subscription of [...this.#subscriptions.values()]) subscription.ease()
  }

  #park(): void {
    for (const watching of this.#watching) watching.dispose()
    this.#places.dispose()
    for (const start of this.#starting.values()) {
      start.abort(new EnvelopeFailure('cancelled', 'The socket was closed'))
    }
    const { parked, peer } = this.#options
    const left = [...this.#subscriptions.values()]
    this.#subscriptions.clear()
    if (left.length > 0) parked.park(peer.socketId, peer.grant, left)
  }
}
