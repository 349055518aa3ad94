/** One statement of a client on its session, with its rows: what a `query` runs. Knows no socket. */

import type { EnvelopeError } from '../../../protocol/envelope-error.ts'
import type { QueryData } from '../../../protocol/request-data.ts'
import type { BackendMessageView } from './backend-reader.ts'
import {
  endedError,
  EnvelopeFailure,
  isDefect,
  statementError,
  toEnvelopeError,
  type CancelReason,
} from './envelope-failure.ts'
import type { EnvelopeSession } from './envelope-session.ts'
import type { FrontendWriter } from './frontend-writer.ts'
import type { LiveRequest } from './live-request.ts'
import { bindable } from './bindable.ts'
import { ResultStream } from './result-stream.ts'
import type { RowEncoder } from './row-encoder.ts'
import type { NextStep, SessionJob, TransactionStatus } from './session-job.ts'
import type { SessionStatement } from './session-statement.ts'
import { StatementRun } from './statement-run.ts'

/** What takes longer than this is run alone: others behind it would be answered as late. */
const quickMs = 20

export interface QueryJobOptions {
  readonly session: EnvelopeSession
  readonly request: LiveRequest
  readonly data: QueryData
  readonly encoder: RowEncoder
  /** Rows are batches. */
  readonly isBinary: boolean
  /** What is run, if not what `data` says; throws EnvelopeFailure. Asked when everything before is done. */
  readonly find?: () => SessionStatement
  /** What the terminal frame says, if not what that of every statement does. */
  readonly fields?: (rowCount: number) => Readonly<Record<string, unknown>>
  /** How an error is told, if not as Postgres tells it. */
  readonly mapError?: (error: EnvelopeError) => EnvelopeError
  onDefect(error: unknown): void
}

export class QueryJob implements SessionJob {
  cancelReason: CancelReason | null = null
  readonly #options: QueryJobOptions
  readonly #rows: ResultStream
  readonly #answer = (write: (writer: FrontendWriter) => void): void => this.#options.session.send(write)
  #run: StatementRun | null = null
  #startedAtMs = 0
  /** Its statement is over, and the transaction that it has left is being rolled back. */
  #leftOpen: EnvelopeError | null = null
  #failure: EnvelopeError | null = null
  #isCopyEnded = false
  #isRetryable = false

  constructor(options: QueryJobOptions) {
    this.#options = options
    this.#rows = new ResultStream(options.request, options.encoder)
    const { session, request } = options
    request.onCancel = (reason) => session.cancel(this, reason)
    request.onCredit = () => session.process()
  }

  begin(): boolean {
    if (!this.#run) {
      const { data, isBinary } = this.#options
      const statement = this.#options.find?.() ?? this.#find(data)
      this.#run = new StatementRun({
        ...{ statement, isBinary, params: bindable(data.params), rowLimit: data.row_limit ?? 0 },
        sink: this.#rows,
      })
    }
    const { statement } = this.#run
    return statement.isPrepared && statement.isQuick
  }

  write(writer: FrontendWriter): void {
    this.#startedAtMs = this.#options.session.options.clock.monotonicMs()
    if (this.#leftOpen) writer.query('rollback')
    else this.#run?.write(writer)
  }

  take(message: BackendMessageView): boolean {
    const run = this.#run
    if (!run || this.#leftOpen) return true
    if (this.#failure) return true
    try {
      const isTaken = run.take(message, this.#answer)
      if (!isTaken && this.cancelReason !== null) {
        // The backend has answered everything already; whoever has asked for the end grants no more credit.
        this.#failure = endedError(this.cancelReason)
        return true
      }
      if (run.isInCopy && !this.#isCopyEnded) {
        this.#isCopyEnded = true
        this.#options.session.cancelStatement()
      }
      return isTaken
    } catch (error) {
      this.#failure = this.#defect(error)
      return true
    }
  }

  ready(status: TransactionStatus, isFollowed: boolean): NextStep {
    const { session } = this.#options
    // What was sent behind it has been run by now, and would have been before it.
    const mayRepeat = status === 'idle' && !(isFollowed && session.options.isNamed)
    const run = this.#run
    if (!run) return 'done'
    if (this.#leftOpen) {
      this.fail(this.#leftOpen)
      return 'done'
    }
    if (!this.#failure && this.cancelReason === null && run.ready(mayRepeat)) return 'again'
    const isStruck = this.#isStruck(run)
    if (isStruck && mayRepeat && !this.#rows.hasSent) {
      this.#rows.drop()
      this.#run = null
      return 'again'
    }
    this.#isRetryable = status === 'idle' && (isStruck || run.hasFoundWorthless)
    this.#learn(run)
    if (status === 'idle' || session.options.isNamed) {
      this.#finish(run)
      return 'done'
    }
    this.#leftOpen = this.#errorOf(run) ?? leftOpen()
    return 'again'
  }

  cancel(reason: CancelReason): void {
    // Rows that wait for credit are offered again by the session, and dropped then.
    this.cancelReason ??= reason
  }

  fail(error: EnvelopeError): void {
    this.#rows.drop()
    this.#options.request.fail(error)
  }

  #find({ sql, prepared, types }: QueryData): SessionStatement {
    const { statements } = this.#options.session
    if (sql !== undefined) return statements.of(sql, types)
    const named = statements.named(prepared ?? '')
    if (!named) throw new EnvelopeFailure('not_found', `There is no prepared statement ${prepared}`)
    return named
  }

  #learn(run: StatementRun): void {
    const { session } = this.#options
    const tookMs = session.options.clock.monotonicMs() - this.#startedAtMs
    run.statement.isQuick = tookMs < quickMs && run.isPlain(session.options.isNamed)
    if (run.hasForgotten) session.statements.forgetAll()
  }

  /** What ended it was meant for another that was sent with it. */
  #isStruck(run: StatementRun): boolean {
    return (
      this.cancelReason === null &&
      run.result.error?.code === '57014' &&
      this.#options.session.mayHaveStruckOthers
    )
  }

  #errorOf(run: StatementRun): EnvelopeError | null {
    if (this.#failure) return this.#failure
    const { error, isTooLarge } = run.result
    if (!error) return null
    const { isReadOnly } = this.#options.session.options
    const told = statementError(error, { isReadOnly, isTooLarge, cancelReason: this.cancelReason })
    if (this.#isRetryable) return { ...told, retryable: true }
    return this.#options.mapError?.(told) ?? told
  }

  #finish(run: StatementRun): void {
    const error = this.#errorOf(run)
    if (error) {
      this.fail(error)
      return
    }
    const { command, rowCount, isCut, notices } = run.result
    const more = {
      ...(isCut ? { truncated: true } : {}),
      ...(notices.length > 0 ? { notices } : {}),
    }
    try {
      this.#rows.complete(this.#options.fields?.(rowCount) ?? { command, row_count: rowCount, ...more })
    } catch (thrown) {
      this.fail(this.#defect(thrown))
    }
  }

  #defect(thrown: unknown): EnvelopeError {
    if (isDefect(thrown)) this.#options.onDefect(thrown)
    return toEnvelopeError(thrown)
  }
}

function leftOpen(): EnvelopeError {
  const message =
    'The request has left a transaction open, which was rolled back: name a session to keep one over requests'
  return new EnvelopeFailure('transaction_left_open', message).error
}
