/**
 * The sessions of one socket: those that its client has named, and one for each tenant that requests without a name
 * have in common (docs/protocol.md, "Sessions"). Knows no SQL.
 */

import type { Disposable } from '../../../base/disposable.ts'
import type { EnvelopeError } from '../../../protocol/envelope-error.ts'
import { sessionsPerSocketMax } from '../../../protocol/protocol-limits.ts'
import type { RequestMeta } from '../../../protocol/request-frame.ts'
import { EnvelopeFailure } from './envelope-failure.ts'
import type { EnvelopeSession } from './envelope-session.ts'

/** Makes a session; `onEnd` is called when it has ended by itself. */
export type OpenEnvelopeSession = (options: {
  readonly tenant: string
  readonly name: string | null
  onEnd(error: EnvelopeError | null): void
}) => EnvelopeSession

/** A session, or why there is none any more, which its client has not been told. */
interface Place {
  readonly tenant: string
  session: EnvelopeSession
  untold: EnvelopeError | null
}

export class SocketSessions implements Disposable {
  readonly #open: OpenEnvelopeSession
  readonly #named = new Map<string, Place>()
  readonly #unnamed = new Map<string, Place>()
  readonly #leaving = new Set<EnvelopeSession>()

  constructor(open: OpenEnvelopeSession) {
    this.#open = open
  }

  get size(): number {
    return this.#named.size + this.#unnamed.size + this.#leaving.size
  }

  /** The session that a request is for; made if need be. Throws EnvelopeFailure. */
  of(meta: Pick<RequestMeta, 'session'>, tenant: string | null): EnvelopeSession {
    const places = meta.session === undefined ? this.#unnamed : this.#named
    const key = meta.session ?? tenant ?? ''
    const known = places.get(key)
    if (!known) return this.#make(places, key, tenant)
    if (tenant !== null && known.tenant !== tenant) {
      throw new EnvelopeFailure('invalid_request', `The session ${key} is one of ${known.tenant}`)
    }
    const { untold } = known
    if (!untold) return known.session
    places.delete(key)
    if (meta.session === undefined) return this.#make(places, key, tenant)
    throw new EnvelopeFailure(untold.code, untold.message, untold)
  }

  /** A session that there is, by its name; null if there is none. */
  named(name: string): EnvelopeSession | null {
    return this.#named.get(name)?.session ?? null
  }

  /** Frees a session's name at once; it ends with what it has to do still, by `end`. null if there is none. */
  release(name: string): EnvelopeSession | null {
    const place = this.#named.get(name)
    if (!place) return null
    this.#named.delete(name)
    this.#leaving.add(place.session)
    return place.session
  }

  /** A session that was released has done everything. */
  end(session: EnvelopeSession): void {
    this.#leaving.delete(session)
    session.dispose()
  }

  *[Symbol.iterator](): Generator<EnvelopeSession> {
    for (const { session } of this.#named.values()) yield session
    for (const { session } of this.#unnamed.values()) yield session
    yield* this.#leaving
  }

  /** Ends those that can have a transaction open. */
  disposeNamed(): void {
    for (const { session } of [...this.#named.values()]) session.dispose()
    for (const session of [...this.#leaving]) session.dispose()
    this.#named.clear()
    this.#leaving.clear()
  }

  dispose(): void {
    for (const session of [...this]) session.dispose()
    this.#named.clear()
    this.#unnamed.clear()
    this.#leaving.clear()
  }

  #make(places: Map<string, Place>, key: string, tenant: string | null): EnvelopeSession {
    if (tenant === null) throw new EnvelopeFailure('invalid_request', 'meta.tenant is missing, in hello too')
    if (this.size >= sessionsPerSocketMax) {
      throw new EnvelopeFailure(
        'limit_exceeded',
        `A socket has at most ${sessionsPerSocketMax} sessions; close some with close_session`,
      )
    }
    const place: Place = {
      tenant,
      untold: null,
      session: this.#open({
        tenant,
        name: places === this.#named ? key : null,
        onEnd: (error) => {
          if (error) place.untold = error
          else if (places.get(key) === place) places.delete(key)
        },
      }),
    }
    places.set(key, place)
    return place.session
  }
}
