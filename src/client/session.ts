/**
 * A session of one's own on the endpoint: settings, temporary tables, prepared statements, cursors and transactions.
 * Knows how transactions nest, and nothing of sockets.
 */

import type { Clock } from '../base/clock.ts'
import type { Runner } from './collect-result.ts'
import type { Settings } from './connect-options.ts'
import { Cursor } from './cursor.ts'
import { Queryable } from './queryable.ts'
import type { QueryOptions } from './query-options.ts'
import type { ConnectionProvider } from './request-call.ts'
import { Requester } from './requester.ts'
import type { ReadingContext } from './result-field.ts'
import type { SessionLane } from './session-lane.ts'
import { statementOf, type Statement } from './sql-text.ts'
import {
  innerTransaction,
  outerTransaction,
  type TransactionOptions,
  type TransactionText,
} from './transaction-text.ts'
import { WardianError } from './wardian-error.ts'

/** What a session is made from. */
export interface SessionParts {
  readonly lane: SessionLane
  readonly clock: Clock
  readonly settings: Settings
  readonly context: ReadingContext
}

/** Cursors, and pieces of work that are all or nothing, in sessions and in transactions. */
class SessionQueryable extends Queryable {
  readonly #parts: SessionParts
  readonly #runner: Runner

  constructor(parts: SessionParts, provider: ConnectionProvider) {
    const { clock, settings, context, lane } = parts
    const requester = new Requester({ provider, clock, settings, session: lane.name })
    const runner = { requester, context, resultBytesMax: settings.resultBytesMax }
    super(runner)
    this.#runner = runner
    this.#parts = parts
  }

  /** A result that stays with Postgres, to be fetched in pieces. */
  cursor<Row = Record<string, unknown>>(
    statement: Statement,
    params: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<Cursor<Row>> {
    const cursor = { name: this.#parts.lane.nextName('c'), statement: statementOf(statement, params) }
    return Cursor.open<Row>(this.#runner, cursor, options)
  }

  /** Whether its connection is still there. */
  get isAlive(): boolean {
    return this.#parts.lane.isAlive
  }
}

/** A session; `close` it, or use `client.session`, which does. */
export class Session extends SessionQueryable {
  readonly #parts: SessionParts

  constructor(parts: SessionParts) {
    super(parts, parts.lane)
    this.#parts = parts
  }

  /** Runs `body` in a transaction: committed when it resolves, rolled back when it rejects. */
  transaction<T>(body: TransactionBody<T>, options: TransactionOptions = {}): Promise<T> {
    return runTransaction(this.#parts, outerTransaction(options), body)
  }

  /** Ends it: what it has set, prepared or opened is gone. */
  close(): void {
    this.#parts.lane.close()
  }
}

/** What runs in a transaction. */
export type TransactionBody<T> = (transaction: Transaction) => Promise<T>

/** A transaction while its body runs. */
export class Transaction extends SessionQueryable {
  readonly #parts: SessionParts

  constructor(parts: SessionParts, guard: TransactionGuard) {
    super(parts, guard)
    this.#parts = parts
  }

  /** Runs `body` within a savepoint: what it has done is undone when it rejects, and nothing else. */
  transaction<T>(body: TransactionBody<T>): Promise<T> {
    return runTransaction(this.#parts, innerTransaction(this.#parts.lane.nextName('wardian_')), body)
  }
}

/** Ends what a transaction can be used for when it has ended: later requests would run outside of it. */
class TransactionGuard implements ConnectionProvider {
  readonly #lane: SessionLane
  hasEnded = false

  constructor(lane: SessionLane) {
    this.#lane = lane
  }

  serve(customer: Parameters<ConnectionProvider['serve']>[0]): void {
    if (this.hasEnded) customer.fail(new WardianError('closed', 'The transaction has ended'))
    else this.#lane.serve(customer)
  }

  leave(): void {
    this.#lane.leave()
  }
}

async function runTransaction<T>(
  parts: SessionParts,
  text: TransactionText,
  body: TransactionBody<T>,
): Promise<T> {
  const { lane, clock, settings } = parts
  const requester = new Requester({ provider: lane, clock, settings, session: lane.name })
  await requester.ask('query', { sql: text.begin })
  const guard = new TransactionGuard(lane)
  let value: T
  try {
    value = await body(new Transaction(parts, guard))
  } catch (error) {
    guard.hasEnded = true
    await rollBack(requester, text)
    throw error
  }
  guard.hasEnded = true
  const { command } = (await requester.ask('query', { sql: text.commit })) as { readonly command?: string }
  if (command !== 'ROLLBACK') return value
  throw new WardianError('rolled_back', 'The transaction was rolled back: a statement in it had failed')
}

async function rollBack(requester: Requester, text: TransactionText): Promise<void> {
  try {
    for (const sql of text.rollback) await requester.ask('query', { sql })
  } catch (error) {
    // Without the connection or the session, the endpoint has rolled back by itself.
    if (!(error instanceof WardianError)) throw error
  }
}
