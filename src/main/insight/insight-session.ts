/**
 * The session in which an instance is looked into: transactions that cannot write, that do not wait for long for
 * somebody who has the backend, and that do not keep others waiting for long. Knows no question.
 */

import type { Clock } from '../../base/clock.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import type { Session } from '../session/session.ts'
import { SessionQueries, type TextRow } from '../session/session-query.ts'

/** Rows of `sql`, whose columns are of type text (or another that travels as text). */
export type Ask = (sql: string, parameters?: readonly (string | null)[]) => Promise<TextRow[]>

export interface ReadWish {
  /** Whoever waits for the answer has gone. */
  readonly signal: AbortSignal
  /** Names are looked up as in a console; else in pg_catalog alone, so that no user's function answers. */
  readonly usesSearchPath?: boolean
  /** Statements that run longer, all together, are cancelled. */
  readonly timeoutMs?: number
}

/** Whoever looks at a page sees who has the backend sooner than that it does not answer. */
const patienceMs = 3_000
/** Others wait meanwhile. The catalog of ten thousand tables is read in a second. */
export const readTimeoutMs = 5_000

/** What was counted is told of a second later, unless it is asked for (PostgreSQL 18, section 27.2.2). */
const flushQuery = 'SELECT pg_catalog.pg_stat_force_next_flush()::pg_catalog.text'

export class InsightSession {
  readonly #session: Session
  readonly #queries: SessionQueries
  readonly #clock: Clock
  #last: Promise<unknown> = Promise.resolve()

  constructor(session: Session, clock: Clock) {
    this.#session = session
    this.#queries = new SessionQueries(session)
    this.#clock = clock
  }

  /**
   * Has what the backend has counted so far be seen by what is read next. Of a server elsewhere that has many backends
   * this tells of one alone, so it is for engines here.
   */
  flushCounters(signal: AbortSignal): Promise<void> {
    return this.#inOrder(() =>
      this.#bounded({ signal }, async (bound) => void (await this.#queries.rows(flushQuery, [], bound))),
    )
  }

  /**
   * Runs `work` in a transaction of its own that cannot write and is rolled back. Throws `in-use` when somebody keeps
   * the backend for longer than is waited, `limit-exceeded` when it takes too long, `cancelled`, what Postgres says.
   */
  read<T>(wish: ReadWish, work: (ask: Ask) => Promise<T>): Promise<T> {
    return this.#inOrder(() => this.#bounded(wish, (bound) => this.#transaction(wish, bound, work)))
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }

  async #transaction<T>(
    { usesSearchPath = false }: ReadWish,
    bound: AbortSignal,
    work: (ask: Ask) => Promise<T>,
  ): Promise<T> {
    const ask: Ask = (sql, parameters = []) => this.#queries.rows(sql, parameters, bound)
    try {
      await ask('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      if (!usesSearchPath) await ask('SET LOCAL search_path = pg_catalog')
      return await work(ask)
    } finally {
      // Also after a cancel, which must not leave it open.
      if (this.#session.state.transaction !== 'idle') {
        await this.#queries.rows('ROLLBACK', [], new AbortController().signal)
      }
    }
  }

  /** `work` within the bounds; what ends it is told as what it was. */
  async #bounded<T>(
    { signal, timeoutMs = readTimeoutMs }: ReadWish,
    work: (bound: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const over = new AbortController()
    const expire = (error: WorkbenchError): void => over.abort(error)
    let timer = this.#clock.after(patienceMs, () => expire(this.#isHeld()))
    const started = this.#session.onDidStartStatement(() => {
      started.dispose()
      timer.dispose()
      timer = this.#clock.after(timeoutMs, () => expire(tookTooLong(timeoutMs)))
    })
    try {
      return await work(AbortSignal.any([signal, over.signal]))
    } catch (error) {
      const { code, sql } = toWireError(error)
      const wasEnded = code === 'cancelled' || sql?.code === '57014'
      const reason: unknown = over.signal.reason
      throw wasEnded && reason instanceof WorkbenchError ? reason : error
    } finally {
      started.dispose()
      timer.dispose()
    }
  }

  #isHeld(): WorkbenchError {
    const holder = this.#session.state.waitingFor ?? 'Another session'
    return new WorkbenchError('in-use', `${holder} has the backend; try again when it has ended`)
  }
}

function tookTooLong(timeoutMs: number): WorkbenchError {
  const message = `It took longer than ${timeoutMs / 1000} s, and was ended so that others need not wait for it`
  return new WorkbenchError('limit-exceeded', message)
}
