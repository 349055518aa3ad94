/**
 * One client's view of an instance: executes one statement at a time, in its turn, and knows the state of its
 * transaction. Knows neither scripts nor windows nor files, and nothing of what follows from a statement: that
 * hangs off its events.
 */

import type { Clock } from '../../base/clock.ts'
import { onDispose, type Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import { noSqlErrorFields, toWireError, WorkbenchError } from '../../contract/error.ts'
import type { CacheUse } from '../../contract/cache.ts'
import type { SessionState } from '../../contract/instance.ts'
import type { StatementOutcome } from '../../contract/statement.ts'
import type { Engine, EngineSessionOptions, EngineStatement, SessionOpener } from '../engine/engine.ts'
import { BackendSession } from './backend-session.ts'
import {
  cancelledBeforeStart,
  endedByCrash,
  StatementExecution,
  withCrashState,
  type ResultEvent,
} from './statement-execution.ts'
import type { CachedStatement, SessionCache } from './statement-cache.ts'
import type { StatementWatch } from './statement-watch.ts'
import type { TurnQueue, TurnTicket } from './turn-queue.ts'

/** Where a session finds its engine. */
export interface EngineSource<E extends SessionOpener = Engine> {
  /** The running engine, started first if it is not. Rejects if it cannot be opened. */
  engine(): Promise<E>
  /** What becomes of the instance whose engine has just ended, as a sentence for its users. */
  readonly afterCrash?: string
}

export interface SessionOptions {
  readonly id: string
  readonly instanceId: string
  readonly title: string
  readonly turns: TurnQueue
  readonly engines: EngineSource<SessionOpener>
  readonly clock: Clock
  /** Told of statements before they run. */
  readonly watch?: StatementWatch
  /** Answers statements that were run before. */
  readonly cache?: SessionCache
}

/** What is told while a statement waits for its turn and runs. */
export type SessionEvent =
  | { readonly kind: 'waiting'; readonly holder: string; readonly holderInTransaction: boolean }
  /** The turn has come; nothing has been executed before. */
  | { readonly kind: 'started' }
  | ResultEvent
  /** Always the last one; the turn has been given up by then. */
  | { readonly kind: 'completed'; readonly outcome: StatementOutcome }

export interface StatementStart {
  /** Names the statement until it has finished. */
  readonly key: string
  readonly sql: Uint8Array
  readonly startedAtMs: number
  /** How long it has waited for its turn. */
  readonly waitMs: number
}

export interface StatementFinish {
  readonly key: string
  readonly outcome: StatementOutcome
}

/** A statement that has its turn. */
interface Running {
  readonly key: string
  readonly execution: StatementExecution | null
}

/** The workbench's user owns the instance. */
const consoleSession: EngineSessionOptions = { role: 'postgres', settings: [['application_name', 'Wardian']] }

/** Of a statement that is told of to others. */
const toldBytesMax = 16 << 10

const rollback = new TextEncoder().encode('ROLLBACK')

export class Session {
  readonly #options: SessionOptions
  readonly #tracking: Disposable
  readonly #backend = new BackendSession(consoleSession, {
    onSignal: (signal) => this.#onSignal(signal),
    onEnd: (error) => this.#noteLoss(() => connectionWasLost(error), error.message),
  })
  readonly #didChange = new Emitter<SessionState>()
  readonly #didStartStatement = new Emitter<StatementStart>()
  readonly #didFinishStatement = new Emitter<StatementFinish>()
  readonly onDidChange = this.#didChange.event
  readonly onDidStartStatement = this.#didStartStatement.event
  readonly onDidFinishStatement = this.#didFinishStatement.event
  #state: SessionState
  #isOccupied = false
  #isCancelled = false
  #isClosed = false
  /** Why a transaction was rolled back that its user takes for open; null for none. */
  #loss: (() => WorkbenchError) | null = null
  /** It has been asked to end, and has had no moment for that yet. */
  #isToEnd = false
  #statementCount = 0
  /** The script that runs; null for a statement alone. */
  #script: Uint8Array | null = null
  /** Whoever watches has done what there is to do in this run. */
  #isWatched = false
  #cacheUse: CacheUse = 'default'
  /** Somebody asks the engine beside what is run, within the turn; never rejects. */
  #caching: Promise<unknown> | null = null
  /** Somebody has the backend before the statement that waits; never rejects. */
  #watching: Promise<boolean> | null = null
  /** Ends what is done before a statement runs. */
  #startAbort: AbortController | null = null
  #ticket: TurnTicket | null = null
  #running: Running | null = null
  /** The beginning of the last statement; a copy, since statements are given away. */
  #lastStatement: Uint8Array | null = null
  #activeSinceMs: number

  constructor(options: SessionOptions) {
    this.#options = options
    this.#activeSinceMs = options.clock.nowMs()
    this.#state = {
      ...{ sessionId: options.id, instanceId: options.instanceId, title: options.title },
      ...{ activity: 'idle', transaction: 'idle', waitingFor: null, wasReset: false, resetReason: null },
    }
    this.#tracking = onDispose('session', () => {
      this.#didChange.dispose()
      this.#didStartStatement.dispose()
      this.#didFinishStatement.dispose()
    })
  }

  get id(): string {
    return this.#options.id
  }

  get instanceId(): string {
    return this.#options.instanceId
  }

  get title(): string {
    return this.#state.title
  }

  get cache(): SessionCache | null {
    return this.#options.cache ?? null
  }

  get state(): SessionState {
    return this.#state
  }

  /** The beginning of the statement that waits, runs, or was the last; null for none. */
  get lastStatement(): string | null {
    return this.#lastStatement === null ? null : new TextDecoder().decode(this.#lastStatement)
  }

  /** Since when it waits, runs, or has its transaction as it has. */
  get activeSinceMs(): number {
    return this.#activeSinceMs
  }

  /** Whether `cancel` was asked for in this run. */
  get isCancelled(): boolean {
    return this.#isCancelled
  }

  rename(title: string): void {
    this.#change({ title })
  }

  /** Reserves the session for one statement or script; throws `in-use` while it is reserved, `closed`. */
  beginRun(): Disposable {
    if (this.#isClosed) throw new WorkbenchError('closed', 'This session was closed; open a new one')
    if (this.#isOccupied) {
      throw new WorkbenchError('in-use', 'This session runs a statement already; wait for it or cancel it')
    }
    this.#isOccupied = true
    this.#isCancelled = false
    this.#isWatched = false
    this.#cacheUse = 'default'
    this.#script = null
    return {
      dispose: () => {
        this.#isOccupied = false
        if (this.#isToEnd) void this.#endTransaction()
      },
    }
  }

  /** What is executed in this run are the statements of `text`. */
  noteScript(text: Uint8Array): void {
    this.#script = text
  }

  /** How what is executed in this run uses what was kept. */
  useCache(use: CacheUse): void {
    this.#cacheUse = use
  }

  /** Somebody else has looked after what is executed in this run. */
  skipWatch(): void {
    this.#isWatched = true
  }

  /**
   * Executes one statement when its turn comes. What fails, whatever it is, is an outcome. Whoever leaves at an
   * event cancels the statement. Callers have reserved the session.
   */
  async *execute(statement: EngineStatement): AsyncGenerator<SessionEvent, void, void> {
    const startedMs = this.#options.clock.monotonicMs()
    this.#lastStatement = statement.sql.slice(0, toldBytesMax)
    let known: StatementOutcome | undefined
    let outcome: StatementOutcome
    try {
      yield* this.#awaitTurn()
      this.#start(statement, this.#options.clock.monotonicMs() - startedMs)
      yield { kind: 'started' }
      known = yield* this.#executeInTurn(statement)
    } catch (error) {
      known = this.#failure(error, startedMs)
    } finally {
      known ??= await this.#running?.execution?.end()
      outcome = known ?? this.#failure(cancelledBeforeStart(), startedMs)
      this.#finish(outcome)
    }
    yield { kind: 'completed', outcome }
  }

  /** Asks what waits or runs now to end; it tells its outcome to whoever runs it. No-op when idle. */
  cancel(): void {
    this.#isCancelled = true
    this.#ticket?.withdraw()
    this.#startAbort?.abort()
    this.#running?.execution?.cancel()
  }

  /** Cancels what runs, rolls back an open transaction, and lets go of everything. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.cancel()
    try {
      await this.#watching
      await this.#caching
      const outcome = await this.#running?.execution?.end()
      if (outcome) this.#finish(outcome)
      const mustRollBack = this.#state.transaction !== 'idle' && !this.#backend.hasOwnBackend
      if (mustRollBack) await this.#rollBack()
    } finally {
      this.#backend.dispose()
      this.#options.turns.release(this, { inTransaction: false })
      this.#tracking.dispose()
    }
  }

  /** The engine has ended, and with it what this session had set and its transaction. */
  noteEngineReset(): void {
    this.#noteLoss(engineWasRestarted, null)
  }

  #noteLoss(loss: () => WorkbenchError, resetReason: string | null): void {
    // What runs now ends with an error of its own, and then gives up its turn.
    if (!this.#running && this.#state.transaction !== 'idle') {
      this.#loss = loss
      this.#options.turns.release(this, { inTransaction: false })
      this.#change({ transaction: 'idle' })
    }
    if (this.#statementCount > 0) this.#change({ wasReset: true, resetReason })
  }

  /** What runs ends, and with a session that is to end its transaction, too; the next statement begins another. */
  #onSignal(signal: 'cancel' | 'terminate'): void {
    if (this.#running || this.#ticket) this.cancel()
    if (signal === 'cancel') return
    this.#isToEnd = true
    if (!this.#isOccupied) void this.#endTransaction()
  }

  /** Nothing can be run meanwhile. What hinders it has ended the engine, and with it the transaction. */
  async #endTransaction(): Promise<void> {
    this.#isToEnd = false
    if (this.#isClosed) return
    if (this.#state.transaction !== 'idle') {
      this.#isOccupied = true
      try {
        this.#options.turns.request(this)
        await this.#rollBack()
        this.#loss = wasTerminated
      } catch (error) {
        this.#loss = () =>
          new WorkbenchError('engine-crashed', lossMessage, { sql: endedByCrash(lossMessage), cause: error })
      } finally {
        this.#isOccupied = false
        this.#options.turns.release(this, { inTransaction: false })
      }
    }
    this.#backend.restart()
    this.noteEngineReset()
  }

  async *#awaitTurn(): AsyncGenerator<SessionEvent, void, void> {
    const { turns } = this.#options
    const ticket = turns.request(this)
    this.#ticket = ticket
    try {
      while (!ticket.isGranted) {
        const holder = turns.holder?.title ?? 'another session'
        // Taken before anybody is told, so that a change in the meantime is not missed.
        const change = ticket.changed()
        this.#change({ activity: 'waiting', waitingFor: holder })
        yield { kind: 'waiting', holder, holderInTransaction: turns.isHeldIdle }
        await change
        if (this.#isCancelled) throw cancelledBeforeStart()
      }
    } finally {
      ticket.withdraw()
      this.#ticket = null
    }
  }

  #start({ sql }: EngineStatement, waitMs: number): void {
    const key = `${this.id}:${++this.#statementCount}`
    this.#running = { key, execution: null }
    this.#change({ activity: 'running', waitingFor: null })
    this.#didStartStatement.fire({ key, sql, startedAtMs: this.#options.clock.nowMs(), waitMs })
  }

  async *#executeInTurn(statement: EngineStatement): AsyncGenerator<SessionEvent, StatementOutcome, void> {
    this.#refuseAfterLoss()
    const engine = await this.#options.engines.engine()
    this.#startAbort = new AbortController()
    const { signal } = this.#startAbort
    const watching = this.#tellWatch(statement, signal)
    if (watching) await watching
    const backend = await this.#backend.on(engine, signal)
    this.#startAbort = null
    if (this.#isCancelled || !this.#running) throw cancelledBeforeStart()
    const { clock, engines } = this.#options
    const { transaction } = this.#state
    const turn = { opener: engine, backend, isBetween: transaction === 'idle', use: this.#cacheUse }
    const cached = this.#options.cache?.begin(statement, turn) ?? null
    const kept = cached && (await this.#aside(cached.find()))
    if (kept) {
      yield* kept.events
      return kept.outcome
    }
    if (this.#isCancelled || !this.#running) throw cancelledBeforeStart()
    const before = { clock, transaction, afterCrash: () => engines.afterCrash }
    const execution = new StatementExecution(backend, cached?.statement ?? statement, before)
    this.#running = { ...this.#running, execution }
    return yield* this.#read(execution, cached)
  }

  async *#read(
    execution: StatementExecution,
    cached: CachedStatement | null,
  ): AsyncGenerator<SessionEvent, StatementOutcome, void> {
    for (;;) {
      const event = await execution.next()
      if (event) {
        cached?.note(event)
        yield event
      } else if (execution.outcome) {
        if (cached && !this.#isClosed) await this.#aside(cached.settle(execution.outcome))
        return execution.outcome
      }
    }
  }

  /** What the cache asks the engine; whoever closes the session waits for it. */
  async #aside<T>(asking: Promise<T>): Promise<T> {
    this.#caching = asking
    try {
      return await asking
    } finally {
      this.#caching = null
    }
  }

  /** null where nobody does anything before it runs. */
  #tellWatch({ sql }: EngineStatement, signal: AbortSignal): Promise<unknown> | null {
    const { watch, instanceId } = this.#options
    const { title, transaction } = this.#state
    if (!watch || this.#isWatched || transaction === 'failed') return null
    const watching = watch.beforeStatement({
      ...{ instanceId, title, sql: this.#script ?? sql, isScript: this.#script !== null },
      ...{ inTransaction: transaction === 'open', signal },
    })
    if (!watching) return null
    this.#watching = watching
    return watching.then((isEnough) => {
      this.#isWatched = isEnough
      this.#watching = null
    })
  }

  /** What was meant for a transaction must not be committed because that one is gone. */
  #refuseAfterLoss(): void {
    const loss = this.#loss
    this.#loss = null
    if (loss) throw loss()
  }

  /** Gives up the turn, whoever comes first: the one that runs the statement, or `close`. */
  #finish(outcome: StatementOutcome): void {
    const running = this.#running
    this.#running = null
    const { transaction } = outcome
    // COMMIT AND CHAIN leaves a transaction open.
    const hasCommitted = outcome.commandTag === 'COMMIT'
    this.#options.turns.release(this, { inTransaction: transaction !== 'idle', hasCommitted })
    const hasWorked = outcome.status === 'ok' || outcome.status === 'cut'
    const wasReset = this.#state.wasReset && !hasWorked
    const resetReason = wasReset ? this.#state.resetReason : null
    this.#change({ activity: 'idle', waitingFor: null, transaction, wasReset, resetReason })
    if (running) this.#didFinishStatement.fire({ key: running.key, outcome })
  }

  /** The outcome of a statement that the engine has not seen. */
  #failure(error: unknown, startedMs: number): StatementOutcome {
    const failure = withCrashState(toWireError(error))
    return {
      ...{ status: failure.code === 'cancelled' ? 'cancelled' : 'failed', error: failure },
      ...{ commandTag: null, rowCount: 0, resultBytes: 0 },
      durationMs: this.#options.clock.monotonicMs() - startedMs,
      transaction: this.#state.transaction,
    }
  }

  async #rollBack(): Promise<void> {
    const engine = await this.#options.engines.engine()
    const statement = { sql: rollback.slice(), parameters: [], resultBytesMax: 1 }
    const { clock } = this.#options
    const { transaction } = this.#state
    const backend = await this.#backend.on(engine)
    const execution = new StatementExecution(backend, statement, { clock, transaction })
    while (!execution.outcome) await execution.next()
    this.#change({ transaction: 'idle' })
  }

  #change(change: Partial<SessionState>): void {
    const before = this.#state
    this.#state = { ...before, ...change }
    if (this.#state.activity !== before.activity) this.#activeSinceMs = this.#options.clock.nowMs()
    const keys = Object.keys(change) as (keyof SessionState)[]
    if (keys.some((key) => before[key] !== this.#state[key])) this.#didChange.fire(this.#state)
  }
}

const lossMessage =
  'The engine was restarted, which rolled back the open transaction. This statement was not run; run it ' +
  'again to run it outside of a transaction'

/** A server elsewhere has rolled back what was open when the connection ended. */
function connectionWasLost({ message, code, sql }: WorkbenchError): WorkbenchError {
  const told =
    `${message}. The open transaction was rolled back, and this statement was not run; run it again to run it ` +
    'outside of a transaction'
  return new WorkbenchError(code, told, { sql: sql && { ...sql, message: told } })
}

function engineWasRestarted(): WorkbenchError {
  return new WorkbenchError('engine-crashed', lossMessage, { sql: endedByCrash(lossMessage) })
}

/** As Postgres says it (ProcessInterrupts in tcop/postgres.c), who would have ended the connection, too. */
function wasTerminated(): WorkbenchError {
  const message = 'terminating connection due to administrator command'
  const hint =
    'The open transaction was rolled back. This statement was not run; run it again to run it outside of a transaction.'
  return new WorkbenchError('sql-error', message, {
    sql: { ...noSqlErrorFields, severity: 'FATAL', code: '57P01', message, hint },
  })
}
