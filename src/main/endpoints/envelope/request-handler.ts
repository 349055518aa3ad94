/**
 * How requests are answered: a table from the type to what runs it, and what that is given. Whoever adds a type adds a
 * handler in a file of its own, and a line where the table is put together (`envelope-handlers.ts`). Types alone.
 */

import type { Event } from '../../../base/event.ts'
import type { AnswerEnvelope } from '../../../protocol/answer-frame.ts'
import type { Encoding } from '../../../protocol/protocol-limits.ts'
import type { AcceptedSocket, TokenGrant, WebContext } from '../web/web-access.ts'
import type { EnvelopeSession } from './envelope-session.ts'
import type { LiveRequest } from './live-request.ts'
import type { RowEncoder } from './row-encoder.ts'
import type { SocketSessions } from './socket-sessions.ts'
import type { WireBackend } from '../postgres/wire-backend.ts'

/** One socket, as the handlers of its requests see it. */
export interface EnvelopePeer {
  readonly socketId: string
  readonly context: WebContext
  readonly accepted: AcceptedSocket
  readonly encoding: Encoding
  /** As of the last hello. */
  readonly grant: TokenGrant
  /** hello's `client`: the application's name. */
  readonly client: string
  readonly sessions: SocketSessions
  /** The client reads more slowly than it is written to. */
  readonly isCongested: boolean
  /** It is not any more. */
  readonly onDidEase: Event<void>
  /** The socket is closed, whoever closed it. */
  readonly onDidClose: Event<void>
  /** The request of that id that has not ended; null if there is none. */
  request(id: string): LiveRequest | null
  /** Whether a request of that id has ended not long ago. */
  hasEnded(id: string): boolean
  /** The tenant that a request is for; throws `unknown_tenant` where the token may not see it. */
  tenantOf(request: LiveRequest): string
  /** The session that a request is for. Throws EnvelopeFailure. */
  sessionOf(request: LiveRequest): EnvelopeSession
  /** What stands behind a tenant. Throws `unknown_tenant`. */
  backend(tenant: string): Promise<WireBackend>
  /** For the rows of one result. */
  makeEncoder(): RowEncoder
  /** A frame that answers no request. */
  send(envelope: AnswerEnvelope): void
  /** Somebody who looks after the endpoint ends it, with an error that its client is told. */
  stop(error: unknown): void
  /** Something of the product is wrong: into the log. */
  onDefect(error: unknown): void
}

/** Answers the requests of one type. What it throws, or rejects with, is the request's error. */
export type RequestHandler = (request: LiveRequest, peer: EnvelopePeer) => void | Promise<void>

/** By type. */
export type RequestHandlers = Readonly<Record<string, RequestHandler>>

/** What belongs to one socket and is told of its beginning; LIVE queries resume here. */
export interface HelloExtension {
  /** More fields of hello_ok, given hello's `data`; `onGreeted` is called when hello_ok is out. */
  greet(peer: EnvelopePeer, data: unknown): { readonly fields: object; onGreeted(): void }
}
