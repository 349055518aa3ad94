/**
 * One session on a server: a connection of its own, on which it runs one statement at a time. Knows neither the
 * other sessions nor how connections are made.
 */

import { assert } from '../../../base/assert.ts'
import type { Clock } from '../../../base/clock.ts'
import { onDispose, type Disposable } from '../../../base/disposable.ts'
import { Emitter, type Event } from '../../../base/event.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import type { EngineEvent, EngineNotification, EngineStatement, StatementSession } from '../engine.ts'
import type { TypeNames } from '../result/type-names.ts'
import { addressWords } from './connection-failure.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import { RunningStatement } from './running-statement.ts'

export interface PostgresSessionOptions {
  readonly connection: PostgresConnection
  readonly typeNames: TypeNames
  readonly clock: Clock
  readonly cancelBoundMs: number
  /** The session has ended and does nothing more with its connection, which is at rest if it is still open. */
  onEnded(connection: PostgresConnection): void
}

export class PostgresSession implements StatementSession {
  readonly processId: number
  readonly parameters: Readonly<Record<string, string>>
  readonly onDidEnd: Event<WorkbenchError>
  readonly onDidNotify: Event<EngineNotification>
  readonly #didSignal = new Emitter<'cancel' | 'terminate'>()
  /** Never: the server tells its own backends. */
  readonly onDidSignal = this.#didSignal.event
  readonly #options: PostgresSessionOptions
  readonly #tracking: Disposable
  #running: RunningStatement | null = null
  /** Of what ran last: a cancel under way must not reach what runs next. */
  #settled: Promise<void> = Promise.resolve()
  #isEnded = false
  /** Ends the connection when nothing has run for a while. */
  #idleBound: Disposable | null = null

  constructor(options: PostgresSessionOptions) {
    const { connection } = options
    this.#options = options
    this.processId = connection.processId
    this.parameters = Object.fromEntries(connection.parameters)
    this.onDidEnd = connection.onDidEnd
    this.onDidNotify = connection.onDidNotify
    this.#tracking = onDispose('postgres-session', () => this.#end())
    this.#boundIdleTime()
  }

  execute(statement: EngineStatement): AsyncIterable<EngineEvent> {
    assert(this.#running === null, 'A session runs one thing at a time')
    const refusal = refusalOf(statement) ?? this.#options.connection.end
    if (refusal) return failing(refusal)
    const { connection, typeNames, clock, cancelBoundMs } = this.#options
    const running = new RunningStatement({
      ...{ connection, statement, typeNames, clock, cancelBoundMs, after: this.#settled },
      onEnded: () => this.#onStatementEnd(),
    })
    this.#running = running
    this.#idleBound?.dispose()
    return running.events
  }

  async cancel(): Promise<void> {
    await this.#running?.cancel()
  }

  dispose(): void {
    this.#tracking.dispose()
  }

  #onStatementEnd(): void {
    this.#settled = this.#running?.settled ?? Promise.resolve()
    this.#running = null
    this.#boundIdleTime()
  }

  /** An open transaction is its user's, and for the server to bound (idle_in_transaction_session_timeout). */
  #boundIdleTime(): void {
    const { connection, clock } = this.#options
    const { idleMinutes } = connection.server
    if (idleMinutes === undefined || connection.transaction !== 'idle' || this.#isEnded) return
    this.#idleBound = clock.after(idleMinutes * 60_000, () =>
      connection.lose(wasIdle(connection, idleMinutes)),
    )
  }

  #end(): void {
    this.#isEnded = true
    this.#idleBound?.dispose()
    this.#didSignal.dispose()
    const { connection, onEnded } = this.#options
    if (this.#running) connection.dispose()
    onEnded(connection)
  }
}

function refusalOf({ sql }: EngineStatement): WorkbenchError | null {
  // Buffer searches with memchr; a typed array's own search takes 60 ms for a statement of 50 MB.
  if (!Buffer.from(sql.buffer, sql.byteOffset, sql.byteLength).includes(0)) return null
  return new WorkbenchError(
    'invalid-argument',
    'The statement contains a NUL character, which Postgres cannot read; remove it',
  )
}

function wasIdle({ server }: PostgresConnection, minutes: number): WorkbenchError {
  const time = minutes === 1 ? 'a minute' : `${minutes} minutes`
  const message =
    `The connection to ${addressWords(server)} was closed after ${time} without a statement, as its settings say. ` +
    'The next statement connects again'
  return new WorkbenchError('closed', message)
}

function failing(error: WorkbenchError): AsyncIterable<EngineEvent> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }
}
