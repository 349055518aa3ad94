/**
 * One statement on its way through an engine, with an end that is always known: whoever leaves early, the
 * statement is cancelled and read to its outcome, because only that tells the state of the transaction. Knows
 * no queue and no client.
 */

import type { Clock } from '../../base/clock.ts'
import {
  noSqlErrorFields,
  toWireError,
  WorkbenchError,
  type SqlErrorFields,
  type WireError,
} from '../../contract/error.ts'
import type { StatementOutcome, TransactionState } from '../../contract/statement.ts'
import type { EngineEvent, EngineSession, EngineStatement } from '../engine/engine.ts'

/** What an engine tells of a statement before its outcome. */
export type ResultEvent = Exclude<EngineEvent, { kind: 'completed' }>

/** What executes it. */
export type StatementRunner = Pick<EngineSession, 'execute' | 'cancel'>

export interface ExecutionStart {
  readonly clock: Clock
  /** State of the session's transaction before the statement. */
  readonly transaction: TransactionState
  /** What to say of the instance when its engine ends; asked then. */
  readonly afterCrash?: () => string | undefined
}

export class StatementExecution {
  readonly #engine: StatementRunner
  readonly #events: AsyncIterator<EngineEvent>
  #reading: Promise<ResultEvent | null> = Promise.resolve(null)
  #isStarted = false
  #isCancelled = false
  #outcome: StatementOutcome | null = null
  #rowCount = 0
  #resultBytes = 0
  readonly #clock: Clock
  readonly #transaction: TransactionState
  readonly #afterCrash: () => string | undefined
  readonly #startedMs: number

  constructor(engine: StatementRunner, statement: EngineStatement, before: ExecutionStart) {
    const { clock, transaction } = before
    this.#engine = engine
    this.#clock = clock
    this.#transaction = transaction
    this.#afterCrash = before.afterCrash ?? (() => undefined)
    this.#startedMs = clock.monotonicMs()
    this.#events = engine.execute(statement)[Symbol.asyncIterator]()
  }

  /** Null until `next` has answered null. */
  get outcome(): StatementOutcome | null {
    return this.#outcome
  }

  /** The next event; null when the statement has ended. Never throws: a failed engine is an outcome too. */
  next(): Promise<ResultEvent | null> {
    this.#reading = this.#reading.then(() => this.#read())
    return this.#reading
  }

  /** Asks the engine to end the statement. It answers through `next`. */
  cancel(): void {
    if (this.#outcome) return
    this.#isCancelled = true
    // The engine does not know of it yet, and `next` will not tell it.
    if (!this.#isStarted) return
    // If the engine cannot be cancelled it is ended, and `next` says so.
    this.#engine.cancel().catch(() => undefined)
  }

  /** Cancels the statement unless it has ended, and reads it to its outcome. */
  async end(): Promise<StatementOutcome> {
    this.cancel()
    for (;;) {
      await this.next()
      if (this.#outcome) return this.#outcome
    }
  }

  async #read(): Promise<ResultEvent | null> {
    if (this.#outcome) return null
    if (this.#isCancelled && !this.#isStarted) return this.#fail(cancelledBeforeStart())
    this.#isStarted = true
    try {
      const { done, value } = await this.#events.next()
      if (done) return this.#fail(new Error('The engine ended a statement without its outcome'))
      if (value.kind !== 'completed') return this.#count(value)
      this.#outcome = value.outcome
      // Lets the engine's generator run to its end.
      await this.#events.return?.()
      return null
    } catch (error) {
      return this.#fail(error)
    }
  }

  #toldWith(failure: WireError): WireError {
    if (!isCrash(failure)) return failure
    const after = this.#afterCrash()
    const message = after === undefined ? failure.message : `${failure.message}. ${after}`
    return withCrashState({ ...failure, message })
  }

  #count(event: ResultEvent): ResultEvent {
    if (event.kind === 'batch') {
      this.#rowCount += event.rowCount
      this.#resultBytes += event.buffer.byteLength
    }
    return event
  }

  /** An engine that has failed has lost its transaction; one that was not asked has the one it had. */
  #fail(error: unknown): null {
    const failure = this.#toldWith(toWireError(error))
    this.#outcome = {
      status: failure.code === 'cancelled' ? 'cancelled' : 'failed',
      commandTag: null,
      rowCount: this.#rowCount,
      resultBytes: this.#resultBytes,
      durationMs: this.#clock.monotonicMs() - this.#startedMs,
      error: failure,
      transaction: this.#isStarted ? 'idle' : this.#transaction,
    }
    return null
  }
}

function isCrash({ code }: WireError): boolean {
  return code === 'engine-crashed' || code === 'engine-unresponsive'
}

/** `failure` with the SQLSTATE that it has on the wire, if it is the engine's end. */
export function withCrashState(failure: WireError): WireError {
  if (!isCrash(failure) || failure.sql) return failure
  return { ...failure, sql: endedByCrash(failure.message) }
}

/** As a server tells its clients when another of its processes has crashed, and sends them away (appendix A). */
export function endedByCrash(message: string): SqlErrorFields {
  return { ...noSqlErrorFields, severity: 'FATAL', code: '57P01', message }
}

export function cancelledBeforeStart(): WorkbenchError {
  return new WorkbenchError('cancelled', 'The statement was cancelled before it began')
}
