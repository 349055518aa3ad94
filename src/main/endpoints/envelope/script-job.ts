/**
 * Several statements of one request, one after the other, with the session to themselves: batches, cursors, and what
 * the endpoint asks for itself. Knows no socket.
 */

import type { EnvelopeError } from '../../../protocol/envelope-error.ts'
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
import type { NextStep, SessionJob, TransactionStatus } from './session-job.ts'
import { StatementRun, type StatementResult, type StatementRunOptions } from './statement-run.ts'

/** What a script can do. */
export interface ScriptSession {
  readonly session: EnvelopeSession
  /** Why the request is to end before its time. */
  readonly cancelReason: CancelReason | null
  /** As of the last answer. */
  readonly status: TransactionStatus
  /** Rejects when the request is to end, or the session has. */
  run(options: StatementRunOptions): Promise<StatementResult>
  /** As `run` of a statement without rows, and throws what Postgres has refused. Runs whoever has asked for the end. */
  must(sql: string): Promise<void>
  /** Calls `goOn` in another turn of the event loop; what was not taken until then is offered again. */
  rest(goOn: () => void): void
  /** For what Postgres has refused. */
  errorOf(result: StatementResult): EnvelopeError | null
}

export interface ScriptJobOptions {
  readonly session: EnvelopeSession
  /** null for what the endpoint does by itself. */
  readonly request: LiveRequest | null
  /** Answers the request; what it throws is answered otherwise. */
  script(session: ScriptSession): Promise<void>
  /** Without a request: how it has failed. */
  onFailed?(error: EnvelopeError): void
  onDefect(error: unknown): void
}

export class ScriptJob implements SessionJob, ScriptSession {
  readonly session: EnvelopeSession
  cancelReason: CancelReason | null = null
  readonly #options: ScriptJobOptions
  readonly #answer = (write: (writer: FrontendWriter) => void): void => this.session.send(write)
  #run: StatementRun | null = null
  #ran: PromiseWithResolvers<StatementResult> | null = null
  #isUrgent = false
  #status: TransactionStatus
  #ended: EnvelopeError | null = null

  constructor(options: ScriptJobOptions) {
    const { session, request } = options
    this.session = session
    this.#options = options
    this.#status = session.status
    if (!request) return
    request.onCancel = (reason) => session.cancel(this, reason)
    request.onCredit = () => session.process()
  }

  get status(): TransactionStatus {
    return this.#status
  }

  begin(): boolean {
    return false
  }

  write(writer: FrontendWriter): void {
    if (this.#run) this.#run.write(writer)
    else void this.#play()
  }

  take(message: BackendMessageView): boolean {
    const run = this.#run
    if (!run) return true
    try {
      const isTaken = run.take(message, this.#answer)
      if (run.isInCopy) this.session.cancelStatement()
      return isTaken
    } catch (error) {
      this.#settle((ran) => ran.reject(error))
      return true
    }
  }

  ready(status: TransactionStatus): NextStep {
    this.#status = status
    const run = this.#run
    if (!run) return 'wait'
    if ((this.cancelReason === null || this.#isUrgent) && run.ready(status === 'idle')) return 'again'
    if (run.hasForgotten) this.session.statements.forgetAll()
    this.#settle((ran) => ran.resolve(run.result))
    return 'wait'
  }

  cancel(reason: CancelReason): void {
    this.cancelReason ??= reason
  }

  fail(error: EnvelopeError): void {
    this.#ended = error
    this.#options.request?.fail(error)
    this.#options.onFailed?.(error)
    this.#settle((ran) => ran.reject(new EnvelopeFailure(error.code, error.message)))
  }

  run(options: StatementRunOptions): Promise<StatementResult> {
    if (this.cancelReason !== null)
      throw new EnvelopeFailure(this.cancelReason, endedError(this.cancelReason).message)
    return this.#start(options)
  }

  async must(sql: string): Promise<void> {
    this.#isUrgent = true
    const ran = this.#start({ statement: this.session.statements.of(sql), sink: nowhere })
    const result = await ran.finally(() => (this.#isUrgent = false))
    const error = this.errorOf(result)
    if (error) throw new EnvelopeFailure(error.code, error.message, error)
  }

  rest(goOn: () => void): void {
    setImmediate(() => {
      goOn()
      this.session.process()
    })
  }

  errorOf({ error, isTooLarge }: StatementResult): EnvelopeError | null {
    const { isReadOnly } = this.session.options
    return error && statementError(error, { isReadOnly, isTooLarge, cancelReason: this.cancelReason })
  }

  #start(options: StatementRunOptions): Promise<StatementResult> {
    if (this.#ended) throw new EnvelopeFailure(this.#ended.code, this.#ended.message)
    const run = new StatementRun(options)
    this.#run = run
    this.#ran = Promise.withResolvers()
    this.session.send((writer) => run.write(writer))
    return this.#ran.promise
  }

  async #play(): Promise<void> {
    // Not inside the session's own work.
    await Promise.resolve()
    this.#status = this.session.status
    try {
      await this.#options.script(this)
    } catch (error) {
      if (isDefect(error)) this.#options.onDefect(error)
      const data = error instanceof EnvelopeFailure ? error.data : undefined
      this.#options.request?.fail(toEnvelopeError(error), data)
      this.#options.onFailed?.(toEnvelopeError(error))
    }
    this.session.finish(this)
  }

  #settle(how: (ran: PromiseWithResolvers<StatementResult>) => void): void {
    const ran = this.#ran
    this.#run = null
    this.#ran = null
    if (ran) how(ran)
  }
}

const nowhere = { begin: () => undefined, row: () => true, end: () => true }
