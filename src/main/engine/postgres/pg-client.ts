/**
 * The part of the `pg` package that is used: it connects, negotiates TLS and logs in, and then hands over its socket
 * (pinned at 8.23.1; what is not in its public types stands here, and a test of each use tells when it has changed).
 */

import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'

/** What a client has once it is connected. */
export interface PgInternals {
  /** Of the backend, as BackendKeyData told it (PostgreSQL 18 documentation, section 54.7). */
  readonly processID: number | null
  readonly secretKey: number | null
  readonly connection: PgWire
}

/** A connection before and while it logs in. */
export interface PgWire extends NodeJS.EventEmitter {
  readonly stream: Socket
  connect(port: number | string, host?: string): void
  requestSsl(): void
  cancel(processId: number, secretKey: number): void
}

export interface StartupOptions {
  readonly host: string
  readonly port: number
  readonly ssl: ConnectionOptions | false
  readonly timeoutMs: number
  readonly keepAliveDelayMs: number
  /** What the start-up packet says; `user` and `database` among it. */
  readonly startup: Readonly<Record<string, string>>
  password(): string
}

/** A client whose start-up packet is ours: pg's own cannot name the encoding or any setting. */
class StartupClient extends pg.Client {
  readonly #startup: Readonly<Record<string, string>>

  constructor(options: StartupOptions) {
    const { host, port, ssl, timeoutMs, keepAliveDelayMs, startup } = options
    super({
      ...{ host, port, ssl, user: startup['user'], database: startup['database'] },
      password: () => options.password(),
      ...{
        connectionTimeoutMillis: timeoutMs,
        keepAlive: true,
        keepAliveInitialDelayMillis: keepAliveDelayMs,
      },
    })
    this.#startup = startup
  }

  /** Called by pg when the socket, or TLS on it, is there. */
  getStartupConf(): Readonly<Record<string, string>> {
    return this.#startup
  }
}

export function createClient(options: StartupOptions): pg.Client & PgInternals {
  return new StartupClient(options) as unknown as pg.Client & PgInternals
}

/** A connection that does not log in. */
export function createWire(ssl: ConnectionOptions | false): PgWire {
  const options = ssl === false ? {} : { ssl }
  return new pg.Connection(options) as unknown as PgWire
}
