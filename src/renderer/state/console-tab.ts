/**
 * One editor tab: its text, its session, what it runs, and what came of it. The session is opened at the first
 * run and lives as long as the tab. Knows no editor and no grid; they read its stores.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { toWireError, WorkbenchError, type WireError } from '../../contract/error.ts'
import type { SessionState } from '../../contract/instance.ts'
import { scriptResultsShownMax } from '../../contract/limits.ts'
import type { RunStatement } from '../../contract/statement.ts'
import type { Tab, TextEdit } from '../../contract/workspace.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import {
  idleProgress,
  type ConsoleMessage,
  type ErrorMark,
  type RunProgress,
  type RunRequest,
  type RunSummary,
  type ShownResults,
} from './console-model.ts'
import { ConsoleRun, type RunSink } from './console-run.ts'
import type { ResultBudget } from './result-budget.ts'
import { statementTextLengthMax, type ResultState } from './result-state.ts'
import { Store } from './store.ts'
import { TabText } from './tab-text.ts'
import { uploadText } from './text-upload.ts'

/** Code units of a statement that still fit one message however they are escaped; longer ones are uploaded. */
const inlineUnitsMax = 96 << 10

/** Which tabs may be answered from kept results, from one window to the next. */
export interface CacheChoices {
  usesCache(tabId: string): boolean
  setUsesCache(tabId: string, isOn: boolean): void
}

const noChoices: CacheChoices = { usesCache: () => true, setUsesCache: () => undefined }

export interface ConsoleTabOptions {
  readonly client: WorkbenchClient
  readonly clock: Clock
  readonly budget: ResultBudget
  readonly tab: Tab
  /** Unless given, nobody remembers any. */
  readonly choices?: CacheChoices
}

export interface TabLabel {
  readonly title: string
  /** Null when its instance is gone. */
  readonly instanceId: string | null
}

export class ConsoleTab implements Disposable, RunSink {
  readonly id: string
  readonly label: Store<TabLabel>
  readonly text: TabText
  readonly progress = new Store<RunProgress>(idleProgress)
  readonly shown = new Store<ShownResults>({ results: [], isStale: false })
  /** Results that stay when the next run brings its own; the same result may be shown and pinned. */
  readonly pinned = new Store<readonly ResultState[]>([])
  readonly messages = new Store<readonly ConsoleMessage[]>([])
  /** Which pane below the editor is in front: the id of a result, or `messages`. */
  readonly frontPane = new Store<string>('messages')
  readonly errorMark = new Store<ErrorMark | null>(null)
  readonly session = new Store<SessionState | null>(null)
  /** Whether its statements may be answered by what its database keeps of results. */
  readonly usesCache: Store<boolean>
  readonly summary = new Store<RunSummary | null>(null)
  readonly #client: WorkbenchClient
  readonly #clock: Clock
  readonly #budget: ResultBudget
  readonly #choices: CacheChoices
  #run: ConsoleRun | null = null
  #isCancelRequested = false
  /** What is to be said when the running statement has told how it ended. */
  #remarkAfterRun: string | null = null
  #isDisposed = false

  constructor({ client, clock, budget, tab, choices = noChoices }: ConsoleTabOptions) {
    this.id = tab.id
    this.label = new Store<TabLabel>({ title: tab.title, instanceId: tab.instanceId })
    this.text = new TabText({ client, clock, tab })
    this.usesCache = new Store(choices.usesCache(tab.id))
    this.#client = client
    this.#clock = clock
    this.#budget = budget
    this.#choices = choices
  }

  get isRunning(): boolean {
    return this.progress.value.phase !== 'idle'
  }

  /** Runs `request`; nothing happens while something runs. Failures end in the messages, never here. */
  async run(request: RunRequest): Promise<void> {
    if (this.isRunning || request.text.trim() === '') return
    const startedAtMs = this.#clock.monotonicMs()
    const run = new ConsoleRun(request, this, this.#clock)
    this.#run = run
    this.#isCancelRequested = false
    this.errorMark.set(null)
    this.shown.patch({ isStale: true })
    this.progress.set({ ...idleProgress, phase: 'opening', startedAtMs })
    const counts = { run: 0, total: 0 }
    const failure = await this.#stream(request, run, counts)
    run.finish(failure)
    this.#run = null
    if (this.#remarkAfterRun !== null) this.#remark(this.#remarkAfterRun)
    this.#remarkAfterRun = null
    this.progress.set(idleProgress)
    this.summary.set({
      durationMs: this.#clock.monotonicMs() - startedAtMs,
      statementsRun: counts.run || run.statementsRun,
      statementsTotal: counts.total || run.statementsRun,
      outcome: run.lastOutcome,
      failure,
    })
    // An error matters more than the rows before it; a result that the user has turned to meanwhile stays.
    const hasFailed = failure !== null || run.lastOutcome?.status === 'failed'
    if (hasFailed || this.shown.value.results.length === 0) this.frontPane.set('messages')
  }

  /** The result in front that was kept and not run, if it can be run again; null else. */
  get refreshable(): ResultState | null {
    const front = this.shown.value.results.find(({ id }) => id === this.frontPane.value)
    const isCached = front?.outcome.value?.cached !== undefined
    return front && isCached && front.statementText.length < statementTextLengthMax ? front : null
  }

  /** Runs the statement of a result again, although its result was kept. */
  async refresh({ statementText: text, start }: ResultState): Promise<void> {
    await this.run({ text, start, mode: 'statement', useCache: 'refresh' })
  }

  /** From its next statement on, and in every later session of this tab. */
  async setUsesCache(isOn: boolean): Promise<void> {
    this.usesCache.set(isOn)
    this.#choices.setUsesCache(this.id, isOn)
    const sessionId = this.session.value?.sessionId
    if (sessionId === undefined) return
    try {
      await this.#client.call('cache.setSession', { sessionId, isOn })
    } catch (error) {
      // The next session is told when it opens.
      if (!hasEnded(error)) throw error
    }
  }

  /** Asks what runs, or waits, to end. */
  async cancel(): Promise<void> {
    if (!this.isRunning || this.progress.value.phase === 'cancelling') return
    const wasOpening = this.progress.value.phase === 'opening'
    this.#isCancelRequested = true
    this.progress.patch({ phase: 'cancelling' })
    const sessionId = this.session.value?.sessionId
    if (sessionId === undefined || wasOpening) return
    try {
      await this.#client.call('session.cancel', { sessionId })
    } catch (error) {
      this.#run?.say({ kind: 'remark', text: `Cancelling failed: ${toWireError(error).message}` })
    }
  }

  /** Tells of edits of the text just made, each relative to the text after the one before. */
  didEdit(edits: readonly TextEdit[]): void {
    this.#run?.noteEdits(edits)
    this.text.didEdit(edits)
  }

  /** Takes what the host says of a session, if it is this tab's. */
  takeSession(state: SessionState): void {
    const known = this.session.value
    if (known?.sessionId !== state.sessionId) return
    this.session.set(state)
    if (state.wasReset && !known.wasReset) {
      const reason = state.resetReason ?? 'The engine was restarted'
      const text = `${reason}. Settings, temporary tables and the open transaction are gone.`
      // Of a run, the error that made it necessary is told first.
      if (this.#run) this.#remarkAfterRun = text
      else this.#remark(text)
    }
  }

  /** The connection was lost, and the session with it. */
  loseSession(): void {
    const wasInTransaction = this.session.value !== null && this.session.value.transaction !== 'idle'
    this.session.set(null)
    if (wasInTransaction) this.#remark('The connection was lost; the open transaction was rolled back.')
  }

  /** Ends the session, which the next run opens again, on another instance perhaps. */
  async closeSession(): Promise<void> {
    const sessionId = this.session.value?.sessionId
    this.session.set(null)
    if (sessionId === undefined) return
    try {
      await this.#client.call('session.close', { sessionId })
    } catch (error) {
      // A session that is gone already is as closed as it can be.
      if (!hasEnded(error)) throw error
    }
  }

  didAddResult(result: ResultState): void {
    this.#budget.touch(result)
  }

  willShowResults([first]: readonly ResultState[]): void {
    if (first) this.frontPane.set(first.id)
  }

  /** Keeps a result over later runs. */
  pin(result: ResultState): void {
    if (!this.pinned.value.includes(result)) this.pinned.set([...this.pinned.value, result])
  }

  /** Lets go of a pinned result; one that is not of the last run is gone. */
  unpin(result: ResultState): void {
    if (!this.pinned.value.includes(result)) return
    this.pinned.set(this.pinned.value.filter((other) => other !== result))
    if (this.shown.value.results.includes(result)) return
    if (this.frontPane.value === result.id) this.frontPane.set(this.shown.value.results[0]?.id ?? 'messages')
    this.didDropResult(result)
  }

  didDropResult(result: ResultState): void {
    if (this.pinned.value.includes(result)) return
    this.#budget.release(result)
    result.dispose()
  }

  dispose(): void {
    this.#isDisposed = true
    this.text.dispose()
    const results = new Set([...this.pinned.value, ...this.shown.value.results])
    this.pinned.set([])
    for (const result of results) this.didDropResult(result)
    const stores = [this.label, this.progress, this.shown, this.pinned, this.messages, this.frontPane]
    const others = [this.errorMark, this.session, this.summary, this.usesCache]
    for (const store of [...stores, ...others]) store.dispose()
  }

  /** Streams the run into `run`; answers why it broke off, or null. */
  async #stream(
    request: RunRequest,
    run: ConsoleRun,
    counts: { run: number; total: number },
  ): Promise<WireError | null> {
    try {
      const source = await this.#source(request.text)
      const sessionId = await this.#openSession()
      if (this.#isCancelRequested) throw new WorkbenchError('cancelled', 'Cancelled before it began')
      const resultBytesMax = this.#budget.admit()
      const resultsMax = scriptResultsShownMax
      const { mode, useCache } = request
      const cacheUse = useCache ? { useCache } : {}
      const params: RunStatement = { sessionId, source, mode, resultBytesMax, resultsMax, ...cacheUse }
      const stream = this.#client.stream('statement.run', params)
      this.progress.patch({ phase: 'running' })
      for await (const { value, buffers } of stream) {
        if (this.#isDisposed) break
        run.take(value, buffers)
      }
      const { statementsRun, statementsTotal } = await stream.result
      counts.run = statementsRun
      counts.total = statementsTotal
      return null
    } catch (error) {
      const wire = toWireError(error)
      if (wire.code === 'not-found' || wire.code === 'disconnected') this.session.set(null)
      return wire
    }
  }

  async #source(text: string): Promise<RunStatement['source']> {
    if (text.length <= inlineUnitsMax) return { kind: 'inline', text }
    return { kind: 'uploaded', textId: await uploadText(this.#client, text, 'utf-8') }
  }

  async #openSession(): Promise<string> {
    const { instanceId, title } = this.label.value
    if (instanceId === null) {
      throw new WorkbenchError('not-found', 'The database of this tab is gone; choose another one for it')
    }
    const known = this.session.value
    if (known) return known.sessionId
    const opened = await this.#client.call('session.open', { instanceId, title })
    this.session.set(opened)
    const { sessionId } = opened
    if (!this.usesCache.value) await this.#client.call('cache.setSession', { sessionId, isOn: false })
    return sessionId
  }

  #remark(text: string): void {
    const id = `remark.${crypto.randomUUID()}`
    this.messages.set([...this.messages.value, { id, statementIndex: 0, kind: 'remark', text }])
  }
}

/** Whether a session could not be told because it is gone. */
function hasEnded(error: unknown): boolean {
  return ['not-found', 'closed', 'disconnected'].includes(toWireError(error).code)
}
