/**
 * A server elsewhere as sessions see it: each begins on a connection of its own, next to the others. Owns the
 * connections. Knows no instance.
 */

import type { Clock } from '../../../base/clock.ts'
import type { EngineSessionOptions, SessionOpener } from '../engine.ts'
import { TypeNames } from '../result/type-names.ts'
import { ConnectionPool } from './connection-pool.ts'
import type { ServerLogin } from './open-socket.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import { PostgresSession } from './postgres-session.ts'

/** As for an engine here: rolling back what a bulk insert has written takes a while. */
const cancelBoundMsDefault = 10_000

/** How the server's own list of sessions names ours, unless they say otherwise. */
const applicationNameDefault = 'Wardian'

export interface PostgresServerOptions {
  readonly login: ServerLogin
  readonly clock: Clock
  readonly connectTimeoutMs?: number
  readonly cancelBoundMs?: number
  /** A connection has been made, or has been lost and the next one is not known to work. */
  onConnected?(facts: ServerFacts): void
}

/** What a connection tells of the server. */
export interface ServerFacts {
  /** Such as `18.0`, without what packagers add to it. */
  readonly version: string | null
  /** Such as `TLSv1.3`; null when it is not encrypted. */
  readonly encryption: string | null
}

export class PostgresServer implements SessionOpener {
  readonly #options: PostgresServerOptions
  readonly #pool: ConnectionPool
  readonly #typeNames = new TypeNames()
  readonly #sessions = new Set<PostgresSession>()

  constructor(options: PostgresServerOptions) {
    this.#options = options
    this.#pool = new ConnectionPool(options)
  }

  /** Throws what connecting throws. The role is the one that logs in, whatever is asked for. */
  async openSession(
    { settings }: Pick<EngineSessionOptions, 'settings'>,
    signal?: AbortSignal,
  ): Promise<PostgresSession> {
    const { clock, cancelBoundMs = cancelBoundMsDefault } = this.#options
    const named = settings.find(([name]) => name === 'application_name')
    const connection = await this.#pool.take(named?.[1] ?? applicationNameDefault, signal)
    this.#options.onConnected?.(factsOf(connection))
    const session: PostgresSession = new PostgresSession({
      ...{ connection, clock, cancelBoundMs, typeNames: this.#typeNames },
      onEnded: (ended) => {
        this.#sessions.delete(session)
        this.#pool.give(ended)
      },
    })
    this.#sessions.add(session)
    return session
  }

  /** Ends all sessions, whose statements fail with `closed`. */
  close(): void {
    this.#pool.close()
    for (const session of [...this.#sessions]) session.dispose()
  }
}

export function factsOf({ parameters, encryption }: PostgresConnection): ServerFacts {
  const [version = null] = parameters.get('server_version')?.split(' ') ?? []
  return { version, encryption }
}
