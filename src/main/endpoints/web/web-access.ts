/**
 * The seam between the server of the web endpoint and the protocols that it carries: what a token may do, what
 * stands behind a tenant's name, and what a protocol gets with each socket. Types alone; knows no frame and no SQL.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import type { Clock } from '../../../base/clock.ts'
import type { Event } from '../../../base/event.ts'
import type { ConnectionEncryption } from '../../../contract/connection-encryption.ts'
import type { ClientRegistry } from '../postgres/client-registry.ts'
import type { TrafficMeter } from '../postgres/traffic-meter.ts'
import type { WireBackend } from '../postgres/wire-backend.ts'

/** What a token may do. */
export interface TokenGrant {
  readonly tokenId: string
  /** Names of instances, as they are called now; null: all. */
  readonly tenants: readonly string[] | null
  readonly access: 'read-only' | 'read-write'
  /** The Postgres role that its sessions have. */
  readonly role: string
  /** null: never. */
  readonly expiresAtMs: number | null
}

export interface WebAccess {
  /**
   * null: wrong, expired or revoked; which of them is not told. In constant time. Failures are counted by address:
   * throws `limit-exceeded` where there were too many.
   */
  authenticate(token: string, address: string | null): Promise<TokenGrant | null>
  readonly onDidRevoke: Event<{ readonly tokenId: string }>
  /**
   * What stands behind a tenant's name for that grant: its sessions are the grant's role whatever role they are opened
   * with, and read-only where the grant is. null if there is none, or the grant may not see it.
   */
  backend(tenant: string, grant: TokenGrant): Promise<WireBackend | null>
}

/** Whose certificate the client has shown, and somebody trusted has signed. */
export interface ClientCertificate {
  /** Its common name. */
  readonly subject: string
  /** SHA-256 of it, in hexadecimal digits and colons. */
  readonly fingerprint: string
}

/** A socket handed over by the server after Host, Origin, subprotocol and limits were checked. */
export interface AcceptedSocket {
  readonly socket: WebSocket
  readonly request: IncomingMessage
  /** The client's, and the port that it comes from. */
  readonly address: string | null
  readonly port: number | null
  readonly isEncrypted: boolean
  /** For pg_stat_ssl; null where nothing is encrypted. */
  readonly encryption: ConnectionEncryption | null
  readonly clientCertificate: ClientCertificate | null
}

/** A path whose upgrades are answered. */
export interface SocketRoute {
  /** One of these must be offered, and the first that is is echoed; null: none is asked for, and none is echoed. */
  readonly subprotocols: readonly string[] | null
  /** A larger message closes the socket with 1009. */
  readonly messageBytesMax: number
  /** Takes the socket over, and must listen on it at once. */
  accept(accepted: AcceptedSocket): void
}

/** A path whose POST requests are answered. The preflight before them, and CORS headers, are the server's. */
export interface RequestRoute {
  /** Headers that a page may send besides Content-Type and Authorization; in lower case. */
  readonly headers: readonly string[]
  /**
   * A request that is no `application/json` must have one of these, in lower case: a page can send neither without a
   * preflight (Fetch, section 2.2.2), so that no form and no image of another site gets here. Empty: JSON alone.
   */
  readonly provingHeaders: readonly string[]
  /** One that announces a larger body is refused with 413. Whoever reads it counts. */
  readonly bodyBytesMax: number
  /** Reads the body, and answers. What it throws is a defect: logged, and answered with 500 if nothing was. */
  answer(accepted: AcceptedRequest, response: ServerResponse): Promise<void>
}

/** A request handed over by the server; nothing of its body has been read. */
export interface AcceptedRequest extends Omit<AcceptedSocket, 'socket'> {}

/** What a protocol registers with the server. */
export interface WebRoutes {
  /** By path, such as `/v1`. */
  readonly sockets: Readonly<Record<string, SocketRoute>>
  readonly requests: Readonly<Record<string, RequestRoute>>
  /** The endpoint stops: says goodbye to whoever is there. Sockets that are still open a second later are cut. */
  close(): Promise<void>
}

/** What a line of the log may say of a client: never a token, a password, a parameter, or a connection string. */
export interface WebLog {
  info(message: string): void
  /** A defect, with its stack. */
  error(message: string, error: unknown): void
}

/** What the server gives to each protocol when it starts. */
export interface WebContext {
  readonly access: WebAccess
  /** Whoever has authenticated has a place here: its limits, and what people see of it and do to it. */
  readonly clients: ClientRegistry
  readonly meter: TrafficMeter
  readonly clock: Clock
  readonly log: WebLog
  /** One start of the host. */
  readonly epoch: string
}

export type CreateWebRoutes = (context: WebContext) => WebRoutes
