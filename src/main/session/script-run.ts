/**
 * Runs what a client has sent: one statement, or a script statement by statement up to the first error. Turns
 * what the session tells into the events of the contract. Knows no client and no engine.
 */

import type { Clock } from '../../base/clock.ts'
import type { CacheUse } from '../../contract/cache.ts'
import { batchBytesTarget } from '../../contract/limits.ts'
import type { Infer } from '../../contract/schema.ts'
import type { runResultSchema, StatementEvent, StatementOutcome } from '../../contract/statement.ts'
import type { ScriptStatement, SplitScript } from '../parser/parser-client.ts'
import type { Session, SessionEvent } from './session.ts'
import { describeProblem, type SqlProblem, type SqlText } from './sql-text.ts'

/** Who splits scripts. */
export interface ScriptSplitter {
  split(text: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<SplitScript>
}

export interface RunRequest {
  /** Taken over. */
  readonly text: SqlText
  readonly mode: 'statement' | 'script'
  /** Payload of a statement's result; a script shares it among its results. */
  readonly resultBytesMax: number
  /** Results with columns whose rows are told; null: all of them. */
  readonly resultsMax: number | null
  readonly useCache?: CacheUse
}

/** An event of the contract, with its batch. */
export interface RunChunk {
  readonly value: StatementEvent
  readonly buffers?: readonly ArrayBuffer[]
}

export type RunResult = Infer<typeof runResultSchema>

export interface RunEnvironment {
  readonly session: Session
  readonly splitter: ScriptSplitter
  readonly clock: Clock
  /** The client has turned away. */
  readonly signal: AbortSignal
}

/**
 * Runs `request` in the session of `environment`. Throws `in-use` or `closed` at once, and what is wrong with a
 * script as such (`limit-exceeded`); what is wrong with a statement is its outcome.
 */
export async function* runText(
  environment: RunEnvironment,
  request: RunRequest,
): AsyncGenerator<RunChunk, RunResult, void> {
  const { session, clock, signal } = environment
  const startedMs = clock.monotonicMs()
  const reservation = session.beginRun()
  const onAbort = (): void => session.cancel()
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) session.cancel()
  try {
    session.useCache(request.useCache ?? 'default')
    if (request.text.problem) return yield* refuse(session, request.text, request.text.problem)
    const { text, statements } = await split(environment, request)
    if (statements.length > 1) session.noteScript(text)
    const run = new Run(session, request, statements.length)
    for (const [index, statement] of statements.entries()) {
      const outcome = yield* run.execute(index, statement, cut(text, statement))
      if (!outcome || outcome.status === 'failed' || outcome.status === 'cancelled') break
    }
    const { statementsRun } = run
    return { statementsRun, statementsTotal: statements.length, durationMs: clock.monotonicMs() - startedMs }
  } finally {
    signal.removeEventListener('abort', onAbort)
    reservation.dispose()
  }
}

/** The statements of one request, and what they have used up. */
class Run {
  readonly #session: Session
  readonly #count: number
  /** The last results of a long script still get a batch each, so that they show what they are. */
  readonly #laterBytesMin: number
  readonly #resultsMax: number
  #budgetBytes: number
  /** Statements that had columns, the running one included. */
  #resultCount = 0
  statementsRun = 0

  constructor(session: Session, request: RunRequest, count: number) {
    this.#session = session
    this.#count = count
    this.#resultsMax = request.resultsMax ?? Number.POSITIVE_INFINITY
    this.#budgetBytes = request.resultBytesMax
    this.#laterBytesMin = Math.min(batchBytesTarget, this.#budgetBytes)
  }

  async *execute(
    index: number,
    { start, length }: ScriptStatement,
    sql: Uint8Array<ArrayBuffer>,
  ): AsyncGenerator<RunChunk, StatementOutcome | null, void> {
    const bytesMax = Math.max(this.#budgetBytes, this.#laterBytesMin)
    const started = { kind: 'started', index, count: this.#count, start, length } as const
    let isStarted = false
    let outcome: StatementOutcome | null = null
    for await (const event of this.#session.execute({ sql, parameters: [], resultBytesMax: bytesMax })) {
      // A statement that was cancelled while it waited is told like any other.
      if (!isStarted && event.kind !== 'waiting') yield { value: started }
      isStarted ||= event.kind !== 'waiting'
      if (event.kind === 'columns' && event.columns.length > 0) this.#resultCount++
      if (event.kind === 'completed') outcome = this.#note(event.outcome)
      const chunk = toChunk(index, event)
      const isLeftOut = event.kind === 'batch' && this.#resultCount > this.#resultsMax
      if (chunk && !isLeftOut) yield chunk
    }
    return outcome
  }

  #note(outcome: StatementOutcome): StatementOutcome {
    this.statementsRun++
    this.#budgetBytes -= outcome.resultBytes
    return outcome
  }
}

function toChunk(index: number, event: SessionEvent): RunChunk | null {
  switch (event.kind) {
    case 'waiting':
      return { value: event }
    case 'started':
      return null
    case 'columns':
      return { value: { kind: 'columns', index, columns: event.columns } }
    case 'batch': {
      const { firstRow, rowCount, buffer } = event
      return { value: { kind: 'batch', index, firstRow, rowCount }, buffers: [buffer] }
    }
    case 'notice':
      return { value: { kind: 'notice', index, notice: event.notice } }
    case 'completed':
      return { value: { kind: 'completed', index, outcome: event.outcome } }
  }
}

/** A text that cannot be sent is told like a statement that has failed. */
async function* refuse(
  session: Session,
  text: SqlText,
  problem: SqlProblem,
): AsyncGenerator<RunChunk, RunResult, void> {
  yield { value: { kind: 'started', index: 0, count: 1, start: 0, length: text.length } }
  const error = { code: 'invalid-argument', message: describeProblem(problem), sql: null } as const
  const outcome: StatementOutcome = {
    ...{ status: 'failed', error, transaction: session.state.transaction },
    ...{ commandTag: null, rowCount: 0, resultBytes: 0, durationMs: 0 },
  }
  yield { value: { kind: 'completed', index: 0, outcome } }
  return { statementsRun: 0, statementsTotal: 1, durationMs: 0 }
}

async function split(
  { splitter, signal }: RunEnvironment,
  { text, mode }: RunRequest,
): Promise<{ text: Uint8Array<ArrayBuffer>; statements: readonly ScriptStatement[] }> {
  if (mode === 'script') return splitter.split(text.bytes, signal)
  const whole = { start: 0, length: text.length, byteStart: 0, byteLength: text.bytes.length }
  return { text: text.bytes, statements: [whole] }
}

/** The bytes of one statement, which the engine takes over: a copy, unless it is the whole text. */
function cut(
  text: Uint8Array<ArrayBuffer>,
  { byteStart, byteLength }: ScriptStatement,
): Uint8Array<ArrayBuffer> {
  return byteLength === text.length ? text : text.slice(byteStart, byteStart + byteLength)
}
