/**
 * The trial of one console: its script on a throw-away copy, what that would do, and whether it is applied. One at a
 * time; the next one takes its place. Knows no editor and no component.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { toWireError, WorkbenchError, type WireError } from '../../contract/error.ts'
import type { RunStatement } from '../../contract/statement.ts'
import type { TryApplied, TryMode, TryProgress, TryReport } from '../../contract/try-report.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import type { ConsoleTab } from './console-tab.ts'
import { Store } from './store.ts'
import { uploadText } from './text-upload.ts'

/** What is tried: `text` begins at `start` (UTF-16 code units) of the tab's text. */
export interface TrialRequest {
  readonly text: string
  readonly start: number
}

export type TrialPhase =
  | { readonly kind: 'none' }
  | { readonly kind: 'trying'; readonly startedAtMs: number; readonly progress: TryProgress | null }
  | { readonly kind: 'tried'; readonly report: TryReport }
  | {
      readonly kind: 'applying'
      readonly startedAtMs: number
      readonly progress: TryProgress | null
      readonly report: TryReport
    }
  | { readonly kind: 'applied'; readonly applied: TryApplied; readonly report: TryReport }
  /** The trial itself did not come about; with a report, its being applied. */
  | { readonly kind: 'failed'; readonly error: WireError; readonly report: TryReport | null }

/** Code units of a script that still fit one message however they are escaped; longer ones are uploaded. */
const inlineUnitsMax = 96 << 10

/** How the pane of a trial is called among the panes below the editor. */
export const trialPaneId = 'trial'

interface TabTrialOptions {
  readonly client: WorkbenchClient
  readonly clock: Clock
  readonly tab: ConsoleTab
  /** What the tree shows of the database may be outdated. */
  onDidApply(instanceId: string): void
}

export class TabTrial implements Disposable {
  readonly phase = new Store<TrialPhase>({ kind: 'none' })
  readonly #options: TabTrialOptions
  #request: TrialRequest | null = null
  #mode: TryMode = 'script'
  /** The stream of what runs. */
  #running: Disposable | null = null
  #runCount = 0

  constructor(options: TabTrialOptions) {
    this.#options = options
  }

  get isBusy(): boolean {
    const { kind } = this.phase.value
    return kind === 'trying' || kind === 'applying'
  }

  /** What was tried last; null before. */
  get request(): TrialRequest | null {
    return this.#request
  }

  get mode(): TryMode {
    return this.#mode
  }

  /** Tries a script; nothing happens while one is tried or applied. Failures are a phase. */
  async try(request: TrialRequest, mode: TryMode = 'script'): Promise<void> {
    if (this.isBusy || request.text.trim() === '') return
    const { client, clock, tab } = this.#options
    this.#request = request
    this.#mode = mode
    tab.frontPane.set(trialPaneId)
    const startedAtMs = clock.monotonicMs()
    const run = this.#begin()
    this.phase.set({ kind: 'trying', startedAtMs, progress: null })
    try {
      const source = await this.#source(request.text)
      const place = this.#place()
      if (run.isOver()) return
      const stream = client.stream('try.run', { ...place, source, mode })
      const report = await this.#follow(stream, (progress) =>
        this.phase.set({ kind: 'trying', startedAtMs, progress }),
      )
      if (!run.isOver()) this.phase.set({ kind: 'tried', report })
    } catch (error) {
      if (!run.isOver()) this.phase.set({ kind: 'failed', error: toWireError(error), report: null })
    }
  }

  /** Tries the same text again. */
  async again(mode: TryMode = this.#mode): Promise<void> {
    if (this.#request) await this.try(this.#request, mode)
  }

  /** Runs on the database what was tried. */
  async apply(wish: { readonly despiteWrites: boolean }): Promise<void> {
    const { report } = { report: null, ...this.phase.value }
    const request = this.#request
    if (!report || !request || this.isBusy) return
    const { client, clock } = this.#options
    const startedAtMs = clock.monotonicMs()
    const run = this.#begin()
    this.phase.set({ kind: 'applying', startedAtMs, progress: null, report })
    try {
      const source = await this.#source(request.text)
      const { sha256, position, fitsOneTransaction: inOneTransaction } = report
      const params = { ...this.#place(), source, sha256, position, inOneTransaction, ...wish }
      const stream = client.stream('try.apply', params)
      const applied = await this.#follow(stream, (progress) =>
        this.phase.set({ kind: 'applying', startedAtMs, progress, report }),
      )
      if (run.isOver()) return
      this.phase.set({ kind: 'applied', applied, report })
      this.#options.onDidApply(params.instanceId)
    } catch (error) {
      if (!run.isOver()) this.phase.set({ kind: 'failed', error: toWireError(error), report })
    }
  }

  /** Ends what runs; what was being applied as one transaction is rolled back. */
  cancel(): void {
    const { value } = this.phase
    if (!this.isBusy) return
    this.#end()
    const error = new WorkbenchError('cancelled', 'The trial was cancelled, and nothing of it is left')
    if (value.kind === 'applying') {
      const stopped = new WorkbenchError(
        'cancelled',
        'Applying was cancelled; the console tells what was run',
      )
      this.phase.set({ kind: 'failed', error: toWireError(stopped), report: value.report })
    } else this.phase.set({ kind: 'failed', error: toWireError(error), report: null })
  }

  /** Forgets the trial; its copy is gone already. */
  discard(): void {
    if (this.isBusy) this.#end()
    const { tab } = this.#options
    this.phase.set({ kind: 'none' })
    if (tab.frontPane.value === trialPaneId) tab.frontPane.set(tab.shown.value.results[0]?.id ?? 'messages')
  }

  dispose(): void {
    this.#end()
    this.phase.dispose()
  }

  #begin(): { isOver(): boolean } {
    this.#runCount += 1
    const number = this.#runCount
    return { isOver: () => this.#runCount !== number }
  }

  #end(): void {
    this.#runCount += 1
    this.#running?.dispose()
    this.#running = null
  }

  #place(): { readonly instanceId: string; readonly sessionId: string | null } {
    const { instanceId } = this.#options.tab.label.value
    if (instanceId !== null) {
      return { instanceId, sessionId: this.#options.tab.session.value?.sessionId ?? null }
    }
    throw new WorkbenchError('not-found', 'The database of this tab is gone; choose another one for it')
  }

  async #follow<R>(
    stream: AsyncIterable<{ readonly value: TryProgress }> & Disposable & { readonly result: Promise<R> },
    onProgress: (progress: TryProgress) => void,
  ): Promise<R> {
    this.#running = stream
    for await (const { value } of stream) onProgress(value)
    this.#running = null
    return stream.result
  }

  async #source(text: string): Promise<RunStatement['source']> {
    if (text.length <= inlineUnitsMax) return { kind: 'inline', text }
    return { kind: 'uploaded', textId: await uploadText(this.#options.client, text, 'utf-8') }
  }
}
