/**
 * The sockets of a client: chooses one for each request, opens another one while all are busy and after one was lost,
 * and keeps those waiting, in order and within a bound, for whom there is none yet. Knows no request.
 */

import type { Clock } from '../base/clock.ts'
import type { Disposable } from '../base/disposable.ts'
import { backoffMs } from './backoff.ts'
import type { Settings } from './connect-options.ts'
import type { Connection, ConnectionEvents } from './connection.ts'
import { WardianError } from './wardian-error.ts'

/** Makes a connection; rejects with a WardianError. */
export type OpenConnection = (events: ConnectionEvents) => Promise<Connection>

/** Whether a connection is wanted for one request, or kept for a session or for subscriptions. */
export type Purpose = 'request' | 'holder'

/** Who wants a connection. One of `use` and `fail` is called, once, maybe at once. */
export interface Customer {
  readonly purpose: Purpose
  readonly signal?: AbortSignal | undefined
  /** Uses the connection at once, so that what it has room for is known to the next customer. */
  use(connection: Connection): void
  /** With a WardianError or the signal's reason. */
  fail(error: unknown): void
}

/**
 * So many unanswered requests go on one socket before another one is used: each socket is a session of its own on the
 * endpoint, and changing from one to the other costs an instance more than a query by key.
 */
const busyFrom = 64

/** Sessions of a socket, where the endpoint has not said how many (docs/protocol.md, "hello"). */
const sessionsMaxDefault = 32

/** These stay as they are however often one tries. */
const lastingCodes: ReadonlySet<string> = new Set([
  'unauthorized',
  'unknown_tenant',
  'invalid_request',
  'broken_answer',
])

export interface PoolParts {
  readonly settings: Settings
  readonly clock: Clock
  readonly open: OpenConnection
  /** Frames that answer nobody. */
  readonly onNotice: ConnectionEvents['onNotice']
  /** A connection is gone that was open. */
  readonly onLost: (connection: Connection) => void
}

export class ConnectionPool {
  readonly #parts: PoolParts
  readonly #events: ConnectionEvents
  readonly #waiting = new Set<Customer>()
  #connections: Connection[] = []
  #isOpening = false
  #failures = 0
  #pause: Disposable | null = null
  #idleCheck: Disposable | null = null
  #isClosed = false

  constructor(parts: PoolParts) {
    this.#parts = parts
    this.#events = {
      onNotice: parts.onNotice,
      onRoom: () => this.#serve(),
      onEnd: (connection) => this.#forget(connection),
    }
  }

  /** Sockets that are open. */
  get size(): number {
    return this.#connections.length
  }

  /** Requests that wait for one. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Opens the first connection; rejects at once if that fails. */
  async start(): Promise<void> {
    this.#isOpening = true
    try {
      this.#add(await this.#parts.open(this.#events))
    } finally {
      this.#isOpening = false
    }
  }

  /** Gives `customer` a connection: now if one has room and nobody waits, or else in turn. */
  serve(customer: Customer): void {
    if (this.#isClosed) return customer.fail(closed())
    if (customer.signal?.aborted) return customer.fail(customer.signal.reason)
    const connection = this.#waiting.size > 0 ? null : this.#choose(customer.purpose)
    if (connection) customer.use(connection)
    else this.#wait(customer)
  }

  /** A connection that is kept until `release`. */
  hold(signal?: AbortSignal): Promise<Connection> {
    return new Promise((resolve, reject) => {
      this.serve({
        purpose: 'holder',
        signal,
        use: (connection) => {
          connection.holders += 1
          resolve(connection)
        },
        fail: reject,
      })
    })
  }

  /** A holder needs it no more. */
  release(connection: Connection): void {
    connection.holders -= 1
    connection.idleSinceMs = this.#parts.clock.monotonicMs()
    this.#serve()
  }

  close(): void {
    this.#isClosed = true
    this.#pause?.dispose()
    this.#idleCheck?.dispose()
    this.#rejectAll(closed())
    for (const connection of [...this.#connections]) connection.close()
    this.#connections = []
  }

  #choose(purpose: Purpose): Connection | null {
    let idlest: Connection | null = null
    for (const connection of this.#connections) {
      if (!this.#hasRoom(connection, purpose)) continue
      if (connection.outstanding < busyFrom) return connection
      if (!idlest || connection.outstanding < idlest.outstanding) idlest = connection
    }
    if (idlest) this.#grow()
    return idlest
  }

  #hasRoom(connection: Connection, purpose: Purpose): boolean {
    const { limits } = connection.hello
    const { outstandingMax } = this.#parts.settings
    if (connection.outstanding >= Math.min(outstandingMax, limits?.outstanding ?? outstandingMax))
      return false
    // Requests without a session share one, which counts, too.
    return purpose === 'request' || connection.holders + 1 < (limits?.sessions ?? sessionsMaxDefault)
  }

  #wait(customer: Customer): void {
    const { queueMax } = this.#parts.settings
    if (this.#waiting.size >= queueMax) {
      const message = `${queueMax} requests wait for a connection already (pool.queueMax)`
      return customer.fail(new WardianError('queue_full', message, { isRetryable: true }))
    }
    const { signal } = customer
    const onAbort = (): void => {
      this.#waiting.delete(waiter)
      customer.fail(signal?.reason)
    }
    const leave = (): void => {
      this.#waiting.delete(waiter)
      signal?.removeEventListener('abort', onAbort)
    }
    const waiter: Customer = {
      purpose: customer.purpose,
      use: (connection) => (leave(), customer.use(connection)),
      fail: (error) => (leave(), customer.fail(error)),
    }
    this.#waiting.add(waiter)
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#grow()
  }

  /** Gives what has become free to those who wait, in their order. */
  #serve(): void {
    for (const waiter of this.#waiting) {
      const connection = this.#choose(waiter.purpose)
      // One who needs more does not hold up those behind him.
      if (connection) waiter.use(connection)
      else if (waiter.purpose === 'request') break
    }
    if (this.#waiting.size > 0) this.#grow()
  }

  /** Opens another connection, one at a time, unless there are enough or it has to wait. */
  #grow(): void {
    const isEnough = this.#connections.length >= this.#parts.settings.max
    if (this.#isOpening || this.#pause || this.#isClosed || isEnough) return
    this.#isOpening = true
    void this.#open()
  }

  async #open(): Promise<void> {
    try {
      const connection = await this.#parts.open(this.#events)
      this.#isOpening = false
      this.#failures = 0
      this.#add(connection)
    } catch (error) {
      this.#isOpening = false
      this.#onFailure(error)
    }
  }

  #add(connection: Connection): void {
    if (this.#isClosed || !connection.isOpen) connection.close()
    else this.#connections.push(connection)
    this.#checkIdleLater()
    this.#serve()
  }

  #onFailure(error: unknown): void {
    this.#failures += 1
    const isLasting = error instanceof WardianError && lastingCodes.has(error.code)
    // Where there are connections, those who wait will have one of these.
    const hasOthers = this.#connections.length > 0
    if (!hasOthers && (isLasting || this.#failures >= this.#parts.settings.attemptsMax)) {
      this.#failures = 0
      this.#rejectAll(error)
      return
    }
    const { backoff, random } = this.#parts.settings
    this.#pause = this.#parts.clock.after(backoffMs(this.#failures, backoff, random), () => {
      this.#pause = null
      if (this.#waiting.size > 0) this.#grow()
    })
  }

  #forget(connection: Connection): void {
    const index = this.#connections.indexOf(connection)
    if (index < 0) return
    this.#connections.splice(index, 1)
    this.#parts.onLost(connection)
    if (this.#waiting.size > 0) this.#grow()
  }

  #rejectAll(error: unknown): void {
    for (const waiter of [...this.#waiting]) waiter.fail(error)
  }

  #checkIdleLater(): void {
    if (this.#idleCheck || this.#connections.length < 2 || this.#isClosed) return
    this.#idleCheck = this.#parts.clock.after(this.#parts.settings.idleTimeoutMs, () => {
      this.#idleCheck = null
      this.#closeIdle()
      this.#checkIdleLater()
    })
  }

  #closeIdle(): void {
    const before = this.#parts.clock.monotonicMs() - this.#parts.settings.idleTimeoutMs
    for (const connection of [...this.#connections]) {
      const isIdle =
        connection.outstanding === 0 && connection.holders === 0 && connection.idleSinceMs <= before
      if (isIdle && this.#connections.length > 1) connection.close()
    }
  }
}

function closed(): WardianError {
  return new WardianError('closed', 'The client is closed')
}
