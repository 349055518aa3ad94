/**
 * hello: who is there, and what they may do (docs/protocol.md, "hello"). The first makes the socket usable, others
 * renew; a token that ends, ends the socket. Knows no other request.
 */

import type { Disposable } from '../../../base/disposable.ts'
import type { HelloOkData } from '../../../protocol/answer-frame.ts'
import {
  cursorsPerSocketMax,
  messageBytesMax,
  outstandingMax,
  protocolVersion,
  sessionsPerSocketMax,
  subscriptionsPerSocketMax,
} from '../../../protocol/protocol-limits.ts'
import { readHelloData, type HelloData } from '../../../protocol/request-data.ts'
import type { TokenGrant } from '../web/web-access.ts'
import { EnvelopeFailure, isDefect, toEnvelopeError } from './envelope-failure.ts'
import type { LiveRequest } from './live-request.ts'
import type { EnvelopePeer, HelloExtension } from './request-handler.ts'
import { TokenWatch } from './token-watch.ts'

export interface GreetingOptions {
  readonly peer: EnvelopePeer
  readonly extensions: readonly HelloExtension[]
  /** The first hello is answered. */
  onGreeted(): void
  /** The socket is to be closed. */
  onRefused(why: string): void
}

export class Greeting implements Disposable {
  readonly #options: GreetingOptions
  readonly #watch: TokenWatch
  #grant: TokenGrant | null = null
  #client = ''
  #tenant: string | null = null
  #hasBegun = false
  /** One after the other: the last one counts. */
  #turn: Promise<void> = Promise.resolve()

  constructor(options: GreetingOptions) {
    this.#options = options
    const { peer } = options
    this.#watch = new TokenWatch({
      ...{ access: peer.context.access, clock: peer.context.clock },
      onExpiring: (expiresAtMs) =>
        peer.send({ meta: { type: 'auth_expiring' }, data: { expires_at_ms: expiresAtMs } }),
      onEnded: (why) => options.onRefused(why),
    })
  }

  /** A hello has come. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** One was answered. */
  get isDone(): boolean {
    return this.#grant !== null
  }

  /** Throws before one was answered. */
  get grant(): TokenGrant {
    if (this.#grant) return this.#grant
    throw new EnvelopeFailure('unauthorized', 'hello has not been answered')
  }

  get client(): string {
    return this.#client
  }

  /** Of requests that name none. */
  get tenant(): string | null {
    return this.#tenant
  }

  greet(request: LiveRequest): void {
    this.#hasBegun = true
    this.#turn = this.#turn.then(() => this.#greet(request))
  }

  dispose(): void {
    this.#watch.dispose()
  }

  async #greet(request: LiveRequest): Promise<void> {
    const { peer } = this.#options
    try {
      const data = readHelloData(request.data)
      const grant = await this.#authenticate(request, data)
      if (request.isEnded) return
      const isFirst = this.#grant === null
      this.#take(request, { grant, data, isFirst })
      this.#watch.watch(grant)
      if (isFirst) this.#options.onGreeted()
    } catch (error) {
      const refused = toEnvelopeError(error)
      if (isDefect(error)) peer.onDefect(error)
      request.fail(refused)
      if (this.#grant === null) this.#options.onRefused(refused.message)
    }
  }

  async #authenticate({ meta }: LiveRequest, { token }: HelloData): Promise<TokenGrant> {
    const { context, accepted } = this.#options.peer
    const grant = await context.access.authenticate(token, accepted.address)
    if (!grant || (this.#grant && !haveSameRights(grant, this.#grant))) {
      // Which of them it is nobody is to learn.
      throw new EnvelopeFailure('unauthorized', 'The token is wrong, expired, revoked, or of other rights')
    }
    if (meta.tenant !== undefined && grant.tenants && !grant.tenants.includes(meta.tenant)) {
      throw new EnvelopeFailure(
        'unknown_tenant',
        `There is no instance ${meta.tenant}, or the token may not see it`,
      )
    }
    return grant
  }

  #take(
    request: LiveRequest,
    {
      grant,
      data,
      isFirst,
    }: { readonly grant: TokenGrant; readonly data: HelloData; readonly isFirst: boolean },
  ): void {
    const { peer, extensions } = this.#options
    this.#grant = grant
    if (data.client !== undefined) this.#client = data.client
    if (request.meta.tenant !== undefined) this.#tenant = request.meta.tenant
    const extended = isFirst ? extensions.map((extension) => extension.greet(peer, request.data)) : []
    request.complete(Object.assign(helloOk(peer, grant), ...extended.map(({ fields }) => fields)), 'hello_ok')
    for (const { onGreeted } of extended) onGreeted()
  }
}

function helloOk({ context, socketId }: EnvelopePeer, grant: TokenGrant): HelloOkData {
  return {
    protocol: protocolVersion,
    epoch: context.epoch,
    socket_id: socketId,
    access: grant.access,
    tenants: grant.tenants,
    token_expires_at_ms: grant.expiresAtMs,
    limits: {
      outstanding: outstandingMax,
      message_bytes: messageBytesMax,
      sessions: sessionsPerSocketMax,
      cursors: cursorsPerSocketMax,
      subscriptions: subscriptionsPerSocketMax,
    },
  }
}

function haveSameRights(one: TokenGrant, other: TokenGrant): boolean {
  const names = ({ tenants }: TokenGrant): string => JSON.stringify(tenants && [...tenants].sort())
  return one.access === other.access && one.role === other.role && names(one) === names(other)
}
