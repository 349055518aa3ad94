/**
 * What of the protocol outlives a request: subscriptions, which may outlive their sockets, and answers that are kept
 * for their keys. One for each start of the endpoint. Composition alone.
 */

import type { Disposable } from '../../../base/disposable.ts'
import { readResume, readSubscribeData, readUnsubscribeData } from '../../../protocol/subscription-data.ts'
import type { WebContext } from '../web/web-access.ts'
import { EnvelopeFailure } from './envelope-failure.ts'
import { EventBudget } from './event-log.ts'
import { IdempotencyStore } from './idempotency-store.ts'
import { handleIntrospect } from './introspect-handler.ts'
import { ParkedSubscriptions } from './parked-subscriptions.ts'
import type { EnvelopePeer, HelloExtension, RequestHandler, RequestHandlers } from './request-handler.ts'
import { SocketSubscriptions } from './socket-subscriptions.ts'

/** Of what is kept of events that were sent, and of those that wait. */
const eventBytesMax = 64 << 20

/** What may be run once: everything else changes nothing, or belongs to a session. */
const keyedTypes: ReadonlySet<string> = new Set(['query', 'batch'])

export interface LiveFeatures extends Disposable {
  readonly handlers: RequestHandlers
  readonly hello: HelloExtension
  /** The same handlers, which run a request with a key once. */
  once(handlers: RequestHandlers): RequestHandlers
}

export function createLiveFeatures({ access, clock }: Pick<WebContext, 'access' | 'clock'>): LiveFeatures {
  const parked = new ParkedSubscriptions(clock)
  const budget = new EventBudget(eventBytesMax)
  const store = new IdempotencyStore(clock)
  const revoking = access.onDidRevoke(({ tokenId }) => parked.revoke(tokenId))
  const known = new WeakMap<EnvelopePeer, SocketSubscriptions>()
  const of = (peer: EnvelopePeer): SocketSubscriptions => {
    const found = known.get(peer) ?? new SocketSubscriptions({ peer, parked, budget })
    known.set(peer, found)
    return found
  }
  return {
    handlers: {
      subscribe: (request, peer) => of(peer).subscribe(request, readSubscribeData(request.data)),
      unsubscribe(request, peer) {
        of(peer).unsubscribe(readUnsubscribeData(request.data).subscription)
        request.complete()
      },
      introspect: handleIntrospect,
    },
    hello: {
      greet(peer, data) {
        const wishes = readResume(data)
        if (wishes.length === 0) return { fields: {}, onGreeted: () => undefined }
        const resumption = of(peer).resume(wishes)
        const { resumed, mustRefetch } = resumption
        return {
          fields: { resumed, must_refetch: mustRefetch },
          onGreeted: () => of(peer).onGreeted(wishes, resumption),
        }
      },
    },
    once: (handlers) =>
      Object.fromEntries(
        Object.entries(handlers).map(([type, handle]) => [type, onceOnly(type, handle, store)]),
      ),
    dispose() {
      revoking.dispose()
      parked.dispose()
    },
  }
}

function onceOnly(type: string, handle: RequestHandler, store: IdempotencyStore): RequestHandler {
  return (request, peer) => {
    const { idempotency_key: key, session } = request.meta
    if (key === undefined) return handle(request, peer)
    if (!keyedTypes.has(type)) throw refused('meta.idempotency_key is for query and batch')
    // What the session does later could undo what is answered now.
    if (session !== undefined) throw refused('meta.idempotency_key is for requests without meta.session')
    const { grant, encoding } = peer
    const owner = { tokenId: grant.tokenId, tenant: peer.tenantOf(request), encoding }
    return store.admit(request, owner) ? handle(request, peer) : undefined
  }
}

function refused(message: string): EnvelopeFailure {
  return new EnvelopeFailure('invalid_request', message)
}
