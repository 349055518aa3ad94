/**
 * Runs a script in a session, statement by statement up to the first error, and records what became of each: its
 * command tag, its time, what it said, and its plan where Postgres tells it. Compares nothing.
 */

import type { Clock } from '../../base/clock.ts'
import { WorkbenchError, type SqlErrorFields } from '../../contract/error.ts'
import { resultBytesMax } from '../../contract/limits.ts'
import type { StatementOutcome } from '../../contract/statement.ts'
import {
  tryStatementsMax,
  type TryFailure,
  type TryMode,
  type TryStatement,
} from '../../contract/try-report.ts'
import type { Session } from '../session/session.ts'
import { readPlan } from './recorded-plan.ts'
import type { TriedScript, TriedStatement } from './tried-script.ts'

/** Notices of one statement that are kept; a loop may raise thousands. */
const noticesMax = 20
/** Plans of one script that are kept, in characters. */
const plansLengthMax = 8 << 20

const encoder = new TextEncoder()

export interface RecordedScript {
  /** At most `tryStatementsMax`. */
  readonly statements: readonly TryStatement[]
  readonly statementsRun: number
  readonly failure: TryFailure | null
  readonly durationMs: number
}

export interface RecorderOptions {
  readonly session: Session
  readonly script: TriedScript
  readonly mode: TryMode
  readonly clock: Clock
  onStatement(index: number, count: number): void
}

interface Recorded {
  readonly outcome: StatementOutcome
  readonly notices: readonly SqlErrorFields[]
  readonly noticesLeftOut: number
  readonly plan: string | null
}

/** The session is reserved by whoever asks for it. Its transaction is left as the script leaves it. */
export async function recordScript(options: RecorderOptions): Promise<RecordedScript> {
  return new ScriptRecorder(options).run()
}

class ScriptRecorder {
  readonly #options: RecorderOptions
  readonly #statements: TryStatement[] = []
  #statementsRun = 0
  #plansLength = 0

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  async run(): Promise<RecordedScript> {
    const { clock, mode, script } = this.#options
    const startedMs = clock.monotonicMs()
    let failure = mode === 'transaction' ? await this.#control('begin', script.statements[0]) : null
    for (const statement of failure ? [] : script.statements) {
      failure = await this.#runOne(statement)
      if (failure) break
    }
    if (mode === 'transaction') failure = await this.#end(failure)
    const durationMs = clock.monotonicMs() - startedMs
    return { statements: this.#statements, statementsRun: this.#statementsRun, failure, durationMs }
  }

  async #runOne(statement: TriedStatement): Promise<TryFailure | null> {
    const { mode, onStatement, script, session } = this.#options
    onStatement(statement.index, script.statements.length)
    const recorded = await this.#execute(script.bytesOf(statement), statement.shown)
    this.#statementsRun += 1
    this.#keep(statement, recorded)
    const { outcome } = recorded
    if (outcome.status === 'failed' || outcome.status === 'cancelled')
      return this.#failure(statement, outcome)
    if (mode === 'transaction' && session.state.transaction === 'idle') {
      const error = new WorkbenchError(
        'unsupported',
        'The script ended its transaction itself; run it without one',
      )
      return this.#failure(statement, { ...outcome, error })
    }
    return null
  }

  /** COMMIT is where deferred constraints fail. */
  async #end(failure: TryFailure | null): Promise<TryFailure | null> {
    const last = this.#options.script.statements[Math.max(0, this.#statementsRun - 1)]
    if (failure === null) return this.#control('commit', last)
    if (this.#options.session.state.transaction !== 'idle') await this.#control('rollback', last)
    return failure
  }

  async #control(sql: string, near: TriedStatement | undefined): Promise<TryFailure | null> {
    const { outcome } = await this.#execute(encoder.encode(sql), sql)
    if (outcome.status === 'ok' || !near) return null
    return { ...(await this.#failure(near, outcome)), statement: sql }
  }

  async #execute(sql: Uint8Array, shown: string): Promise<Recorded> {
    const notices: SqlErrorFields[] = []
    const plans: string[] = []
    let noticesLeftOut = 0
    let outcome: StatementOutcome | null = null
    for await (const event of this.#options.session.execute({ sql, parameters: [], resultBytesMax })) {
      if (event.kind === 'completed') outcome = event.outcome
      if (event.kind !== 'notice') continue
      const plan = readPlan(event.notice, shown)
      if (plan !== null) this.#keepPlan(plans, plan)
      else if (notices.length < noticesMax) notices.push(event.notice)
      else noticesLeftOut += 1
    }
    if (!outcome) throw new WorkbenchError('internal', 'A statement ended without its outcome')
    return { outcome, notices, noticesLeftOut, plan: plans.length === 0 ? null : plans.join('\n\n') }
  }

  #keepPlan(plans: string[], plan: string): void {
    this.#plansLength += plan.length
    if (this.#plansLength <= plansLengthMax) plans.push(plan)
  }

  #keep(statement: TriedStatement, { outcome, ...rest }: Recorded): void {
    if (this.#statements.length >= tryStatementsMax) return
    const { index, start, length, title: text, traits } = statement
    const line = statement.line + statement.leadLines
    const { status, commandTag, rowCount, durationMs } = outcome
    this.#statements.push({
      ...{ index, start, length, line, text, status: status === 'cut' ? 'ok' : status },
      ...{ commandTag, rowCount, durationMs, ...rest, outside: traits.outside },
    })
  }

  async #failure(statement: TriedStatement, { error }: Pick<StatementOutcome, 'error'>): Promise<TryFailure> {
    const known = error ?? { code: 'internal', message: 'The statement failed', sql: null }
    const place = await this.#options.script.placeOf(statement, known.sql?.position ?? null)
    const { code, message, sql } = known
    return {
      statementIndex: statement.index,
      ...place,
      statement: statement.shown,
      error: { code, message, sql },
    }
  }
}
