/**
 * One run of a statement or script: asks for it, takes what arrives, and keeps the tab's stores up to date, at a
 * pace that a screen can follow. Knows the session as an id, and no editor.
 */

import type { Clock } from '../../base/clock.ts'
import type { WireError } from '../../contract/error.ts'
import { scriptResultsShownMax } from '../../contract/limits.ts'
import type { StatementEvent, StatementOutcome } from '../../contract/statement.ts'
import type { TextEdit } from '../../contract/workspace.ts'
import type { ConsoleMessage, ErrorMark, RunProgress, RunRequest, ShownResults } from './console-model.ts'
import { codePointOffset, followEdits, tokenAt, type TextSpan } from './error-position.ts'
import { ResultState, statementTextLengthMax } from './result-state.ts'
import type { Store } from './store.ts'

/** Progress is shown this often at most: numbers that change faster cannot be read. */
const progressIntervalMs = 50

/** Edits remembered while a statement runs, to follow the place of its error; after more it is not marked. */
const editsFollowedMax = 10_000

/** Lines of the Messages pane; a script of thousands of statements says the rest in its summary. */
export const messagesMax = 1_000

/** The stores of the tab that a run writes. */
export interface RunSink {
  readonly progress: Store<RunProgress>
  readonly shown: Store<ShownResults>
  readonly messages: Store<readonly ConsoleMessage[]>
  readonly errorMark: Store<ErrorMark | null>
  /** A new result is being kept. */
  didAddResult(result: ResultState): void
  /** The first result of this run takes the place of what was shown. */
  willShowResults(results: readonly ResultState[]): void
  /** A result is no longer shown. */
  didDropResult(result: ResultState): void
}

type MessageBody = ConsoleMessage extends infer M
  ? M extends ConsoleMessage
    ? Omit<M, 'id' | 'statementIndex'>
    : never
  : never

type Started = Extract<StatementEvent, { kind: 'started' }>

export class ConsoleRun {
  readonly #request: RunRequest
  readonly #sink: RunSink
  readonly #clock: Clock
  readonly #edits: TextEdit[] = []
  readonly #results: ResultState[] = []
  #current: ResultState | null = null
  #statement: Started | null = null
  #hasShownResults = false
  #hasSaidAnything = false
  #hasLeftOut = false
  #progressDue = false
  #isPaced = false
  #rowCount = 0
  #nextId = 0
  lastOutcome: StatementOutcome | null = null
  statementsRun = 0

  constructor(request: RunRequest, sink: RunSink, clock: Clock) {
    this.#request = request
    this.#sink = sink
    this.#clock = clock
  }

  /** Follows edits made while the statement runs, so that its error is marked where the token is by then. */
  noteEdits(edits: readonly TextEdit[]): void {
    if (this.#edits.length <= editsFollowedMax) this.#edits.push(...edits)
  }

  /** Takes one event and the buffers that came with it. */
  take(event: StatementEvent, buffers: readonly ArrayBuffer[]): void {
    switch (event.kind) {
      case 'waiting':
        return this.#wait(event.holder, event.holderInTransaction)
      case 'started':
        return this.#start(event)
      case 'columns':
        return this.#open(event)
      case 'batch':
        return this.#append(event.firstRow, buffers)
      case 'notice':
        return this.say({ kind: 'notice', notice: event.notice }, event.index)
      case 'completed':
        return this.#complete(event.index, event.outcome)
    }
  }

  /** Adds a line to the messages; the first one of a run replaces those of the run before. */
  say(body: MessageBody, statementIndex: number = this.#statement?.index ?? 0): void {
    const before = this.#hasSaidAnything ? this.#sink.messages.value : []
    this.#hasSaidAnything = true
    // What went wrong and what is missing is told however much was said before; both are few.
    const isAlwaysTold = body.kind === 'failed' || body.kind === 'remark'
    if (before.length >= messagesMax && !isAlwaysTold) return
    const id = `${statementIndex}.${this.#nextId++}`
    this.#sink.messages.set([...before, { ...body, id, statementIndex }])
  }

  /** The run is over, however it ended; `failure` is why, when it was not a statement that failed. */
  finish(failure: WireError | null): void {
    if (failure) {
      const statement = this.#statementText()
      this.say({ kind: 'failed', statement, error: failure, durationMs: null, mark: null })
    }
    this.#settle(this.#current, failure)
    // Nothing new to look at: what was there would be mistaken for the result of this run.
    if (!this.#hasShownResults) this.#show([])
    if (!this.#hasSaidAnything) this.#sink.messages.set([])
  }

  #wait(holder: string, isHolderInTransaction: boolean): void {
    const { progress } = this.#sink
    const phase = progress.value.phase === 'cancelling' ? 'cancelling' : 'waiting'
    progress.patch({ phase, holder, isHolderInTransaction })
  }

  #start(event: Started): void {
    this.#statement = event
    this.#current = null
    this.#rowCount = 0
    this.#publishSoon()
  }

  #open(event: Extract<StatementEvent, { kind: 'columns' }>): void {
    this.#current = null
    if (event.columns.length === 0) return
    if (this.#results.length >= scriptResultsShownMax) return this.#leaveOut()
    const result = new ResultState({
      id: crypto.randomUUID(),
      statementIndex: event.index,
      statementText: this.#statementText(),
      columns: event.columns,
      start: this.#request.start + (this.#statement?.start ?? 0),
    })
    this.#current = result
    this.#results.push(result)
    this.#sink.didAddResult(result)
  }

  /** Of a result beyond the limit the host tells the columns and the count, and sends no rows. */
  #leaveOut(): void {
    if (this.#hasLeftOut) return
    this.#hasLeftOut = true
    const shown = `Only the first ${scriptResultsShownMax} results of this run are shown`
    this.say({ kind: 'remark', text: `${shown}; run the later statements separately to see their rows.` })
  }

  #append(firstRow: number, buffers: readonly ArrayBuffer[]): void {
    const [buffer] = buffers
    if (this.#current && buffer) {
      this.#current.append(firstRow, buffer)
      this.#rowCount = this.#current.rowCount
      this.#showNewResults()
    }
    this.#publishSoon()
  }

  #complete(index: number, outcome: StatementOutcome): void {
    this.statementsRun += 1
    this.lastOutcome = outcome
    this.#end(this.#current, outcome)
    this.#current = null
    const statement = this.#statementText()
    if (outcome.error) {
      const mark = this.#mark(outcome.error)
      const { durationMs } = outcome
      this.say({ kind: 'failed', statement, error: outcome.error, durationMs, mark }, index)
      if (mark) this.#sink.errorMark.set({ span: mark, error: outcome.error })
    } else {
      this.say({ kind: 'completed', statement, outcome }, index)
    }
  }

  /** The token of the document that Postgres complains about; null when it names none. */
  #mark(error: WireError): TextSpan | null {
    const position = error.sql?.position ?? 0
    if (position < 1 || !this.#statement || this.#edits.length > editsFollowedMax) return null
    const { start, length } = this.#statement
    const text = this.#request.text.slice(start, start + length)
    const token = tokenAt(text, codePointOffset(text, position))
    const inDocument = { start: this.#request.start + start + token.start, length: token.length }
    return followEdits(inDocument, this.#edits)
  }

  #statementText(): string {
    const { start, length } = this.#statement ?? { start: 0, length: this.#request.text.length }
    return this.#request.text.slice(start, start + Math.min(length, statementTextLengthMax))
  }

  /** The first rows (or the end) of a result are there: what was shown before may go. */
  #showNewResults(): void {
    const isKnown = this.#hasShownResults && this.#sink.shown.value.results.length === this.#results.length
    if (isKnown) return
    if (!this.#hasShownResults) this.#sink.willShowResults(this.#results)
    this.#hasShownResults = true
    this.#show(this.#results)
  }

  #show(results: readonly ResultState[]): void {
    for (const old of this.#sink.shown.value.results) {
      if (!results.includes(old)) this.#sink.didDropResult(old)
    }
    this.#sink.shown.set({ results: [...results], isStale: false })
  }

  /** A result whose statement never completed ends as far as it came. */
  #settle(result: ResultState | null, error: WireError | null): void {
    if (!result || result.outcome.value) return
    this.#end(result, {
      status: error?.code === 'cancelled' ? 'cancelled' : 'failed',
      commandTag: null,
      rowCount: result.rowCount,
      resultBytes: result.bytes,
      durationMs: 0,
      error,
      transaction: 'idle',
    })
  }

  /** Shows a result that has ended, unless it failed before its first row: its columns alone are no result. */
  #end(result: ResultState | null, outcome: StatementOutcome): void {
    if (!result) return
    if (outcome.status === 'failed' && result.rowCount === 0) {
      this.#results.splice(this.#results.indexOf(result), 1)
      return this.#sink.didDropResult(result)
    }
    result.outcome.set(outcome)
    this.#showNewResults()
  }

  #publishSoon(): void {
    this.#progressDue = true
    if (this.#isPaced) return
    this.#isPaced = true
    this.#publish()
    this.#clock.after(progressIntervalMs, () => {
      this.#isPaced = false
      if (this.#progressDue) this.#publish()
    })
  }

  #publish(): void {
    this.#progressDue = false
    const { progress } = this.#sink
    // A timer that fires after the end has nothing to tell.
    if (progress.value.phase === 'idle' || !this.#statement) return
    const { index, count, start, length } = this.#statement
    progress.patch({
      phase: progress.value.phase === 'cancelling' ? 'cancelling' : 'running',
      holder: null,
      statementIndex: index,
      statementCount: count,
      rowCount: this.#rowCount,
      span: { start: this.#request.start + start, length },
    })
  }
}
