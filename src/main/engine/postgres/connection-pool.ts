/**
 * The connections to one server: as many as its user allows, opened when a session needs one, and kept for the next
 * session for a while when one has ended in good order. Knows no statement but the one that makes them as new.
 */

import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import {
  connectingWasCancelled,
  connectTimeoutMsDefault,
  openSocket,
  type ServerLogin,
} from './open-socket.ts'
import { PostgresConnection } from './postgres-connection.ts'
import { runSimply } from './simple-statements.ts'

/** Reopening a console comes within this; longer, and a server's connection would be held for nobody. */
const spareMs = 60_000

export interface PoolOptions {
  readonly login: ServerLogin
  readonly clock: Clock
  readonly connectTimeoutMs?: number
}

interface Spare {
  readonly connection: PostgresConnection
  readonly expiry: Disposable
}

export class ConnectionPool {
  readonly #options: PoolOptions
  readonly #used = new Set<PostgresConnection>()
  readonly #spare: Spare[] = []
  /** Of connections that were given back and are being made as new. */
  readonly #resets = new Set<Promise<void>>()
  #openingCount = 0
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Open at the moment, and being opened. */
  get count(): number {
    return this.#used.size + this.#spare.length + this.#openingCount + this.#resets.size
  }

  /**
   * One that nobody else uses, as new; `signal` ends waiting for it. Throws what `openSocket` throws,
   * `limit-exceeded` and `closed`.
   */
  async take(applicationName: string, signal?: AbortSignal): Promise<PostgresConnection> {
    if (this.#isClosed) throw closedError()
    for (;;) {
      const connection = this.#takeSpare()
      // One that is being made as new is there sooner than another one.
      if (!connection && this.#resets.size > 0) await untilAborted(Promise.race(this.#resets), signal)
      else {
        const taken = connection ?? (await this.#open(applicationName, signal))
        this.#used.add(taken)
        return taken
      }
    }
  }

  /** Takes one back, whatever state it is in. */
  give(connection: PostgresConnection): void {
    this.#used.delete(connection)
    if (connection.end !== null) return
    const isAtRest = connection.transaction === 'idle' && !this.#isClosed
    if (!isAtRest) return connection.dispose()
    // Nothing of a session is left on it (PostgreSQL 18 documentation, DISCARD).
    const reset: Promise<void> = runSimply(connection, 'DISCARD ALL')
      .then(() => this.#keep(connection))
      // One that cannot be made as new is of no use any more.
      .catch(() => connection.dispose())
      .finally(() => this.#resets.delete(reset))
    this.#resets.add(reset)
  }

  /** Ends all of them. */
  close(): void {
    this.#isClosed = true
    for (const { connection, expiry } of this.#spare.splice(0)) {
      expiry.dispose()
      connection.dispose()
    }
    for (const connection of [...this.#used]) connection.lose(closedError())
    this.#used.clear()
  }

  #takeSpare(): PostgresConnection | null {
    for (let spare = this.#spare.pop(); spare; spare = this.#spare.pop()) {
      spare.expiry.dispose()
      if (spare.connection.end === null) return spare.connection
    }
    return null
  }

  async #open(applicationName: string, signal: AbortSignal | undefined): Promise<PostgresConnection> {
    const { login, connectTimeoutMs: timeoutMs = connectTimeoutMsDefault } = this.#options
    const { connection: server } = login
    if (this.count >= server.connectionsMax) throw tooMany(server.connectionsMax)
    this.#openingCount += 1
    try {
      const connection = new PostgresConnection(
        await openSocket(login, { applicationName, timeoutMs, ...(signal ? { signal } : {}) }),
        server,
      )
      if (!this.#isClosed) return connection
      connection.dispose()
      throw closedError()
    } finally {
      this.#openingCount -= 1
    }
  }

  #keep(connection: PostgresConnection): void {
    if (connection.end !== null) return
    if (this.#isClosed) return connection.dispose()
    const expiry = this.#options.clock.after(spareMs, () => this.#expire(connection))
    this.#spare.push({ connection, expiry })
  }

  #expire(connection: PostgresConnection): void {
    const index = this.#spare.findIndex((spare) => spare.connection === connection)
    if (index >= 0) this.#spare.splice(index, 1)
    connection.dispose()
  }
}

function tooMany(connectionsMax: number): WorkbenchError {
  const message =
    `All ${connectionsMax} connections that Wardian may open to this server are in use. Close some consoles, or ` +
    'allow more in the connection’s settings'
  return new WorkbenchError('limit-exceeded', message)
}

function closedError(): WorkbenchError {
  return new WorkbenchError(
    'closed',
    'The connections to the server were closed; the next use connects again',
  )
}

/** What is waited for goes on. */
async function untilAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return void (await work)
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(connectingWasCancelled())
  signal.addEventListener('abort', abort)
  try {
    if (signal.aborted) abort()
    await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
