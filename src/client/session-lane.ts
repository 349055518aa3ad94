/**
 * The way of a session's requests to the endpoint: one connection, held until the session ends. Requests of a session
 * run one after the other anyway, so only some are sent ahead. Knows no transaction.
 */

import type { Connection } from './connection.ts'
import type { ConnectionPool, Customer } from './connection-pool.ts'
import type { ConnectionProvider } from './request-call.ts'
import { WardianError } from './wardian-error.ts'

/** Sent ahead of the answers; more wait here, so that one session cannot use up what its socket may have. */
const aheadMax = 32

export class SessionLane implements ConnectionProvider {
  /** Chosen by the client, as the protocol has it. */
  readonly name: string
  readonly #pool: ConnectionPool
  readonly #connection: Connection
  readonly #queueMax: number
  #waiting: Customer[] = []
  #ahead = 0
  #end: WardianError | null = null

  constructor(pool: ConnectionPool, connection: Connection, queueMax: number) {
    this.#pool = pool
    this.#connection = connection
    this.#queueMax = queueMax
    this.name = connection.nextName('s')
  }

  /** Whether its connection is still there. */
  get isAlive(): boolean {
    return this.#end === null && this.#connection.isOpen
  }

  /** A name for a cursor or savepoint that its connection has not used before. */
  nextName(prefix: string): string {
    return this.#connection.nextName(prefix)
  }

  serve(customer: Customer): void {
    const end = this.#end ?? (this.#connection.isOpen ? null : lost())
    if (end) customer.fail(end)
    else if (this.#ahead < aheadMax) this.#use(customer)
    else if (this.#waiting.length < this.#queueMax) this.#waiting.push(customer)
    else
      customer.fail(new WardianError('queue_full', `${this.#queueMax} requests wait in this session already`))
  }

  /** A request has ended: another one may go. */
  leave(): void {
    this.#ahead -= 1
    if (!this.#connection.isOpen) this.#failAll(lost())
    const next = this.#waiting.shift()
    if (next) this.#use(next)
  }

  /** From now on requests fail with `closed`. The session's state on the endpoint is forgotten without waiting. */
  close(): void {
    if (this.#end) return
    this.#end = new WardianError('closed', 'The session or transaction has ended')
    this.#failAll(this.#end)
    // Its place is free when the endpoint says so, which it does when everything before has been answered.
    const release = (): void => this.#pool.release(this.#connection)
    this.#askToClose().then(release, release)
  }

  async #askToClose(): Promise<void> {
    await this.#connection.ask({ type: 'close_session', session: this.name, data: {} })
  }

  #use(customer: Customer): void {
    this.#ahead += 1
    customer.use(this.#connection)
  }

  #failAll(error: WardianError): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const customer of waiting) customer.fail(error)
  }
}

function lost(): WardianError {
  return new WardianError('session_lost', 'The connection of the session was lost, and the session with it', {
    sqlstate: '57P01',
  })
}
