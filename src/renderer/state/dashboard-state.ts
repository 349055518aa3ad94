/** All that the dashboard knows, joined: what is looked at, statements, and what is measured, alerted and set. */

import type { Clock } from '../../base/clock.ts'
import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import type { ReportFormat, ReportPart } from '../../contract/insight.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { dashboardSources } from './dashboard-sources.ts'
import { DashboardView } from './dashboard-view.ts'
import { InsightState } from './insight-state.ts'
import { LogState } from './log-state.ts'
import { MonitorState } from './monitor-state.ts'
import { StatementList } from './statement-list.ts'
import { Store } from './store.ts'

/** What is asked over the page. */
export type DashboardQuestion = 'range' | 'settings' | 'reset' | 'export' | null

/** A file that the host has made. */
export interface ReportFile {
  readonly name: string
  readonly file: Blob
}

export class DashboardState implements Disposable {
  readonly view: DashboardView
  readonly statements: StatementList
  readonly monitor: MonitorState
  readonly insight: InsightState
  readonly log: LogState
  readonly question = new Store<DashboardQuestion>(null)
  readonly #client: WorkbenchClient
  readonly #parts = new DisposableStore()

  constructor(client: WorkbenchClient, clock: Clock) {
    this.#client = client
    this.view = this.#parts.add(new DashboardView(clock, dashboardSources(client)))
    this.statements = this.#parts.add(new StatementList(client, clock, this.view))
    this.monitor = this.#parts.add(new MonitorState(client))
    this.insight = this.#parts.add(new InsightState(client, clock))
    this.log = this.#parts.add(new LogState(client))
  }

  /** Asks again, after connecting. */
  async refresh(): Promise<void> {
    await this.monitor.refresh()
    this.view.reload()
    this.statements.refresh()
  }

  /** It is deleted: its numbers are looked at no more. */
  forgetInstance(instanceId: string): void {
    if (this.view.scopeId.value === instanceId) this.view.setScope(null)
  }

  /** A report of one instance over the window that is shown, as a file. */
  async report(instanceId: string, format: ReportFormat, part: ReportPart): Promise<ReportFile> {
    const { fromMs, toMs } = this.view.window.value
    const range = { fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs) }
    const asked = { instanceId, ...range, format, part }
    const { value, buffers } = await this.#client.callWithBuffers('insight.report', asked)
    return { name: value.fileName, file: new Blob(buffers.slice(), { type: value.mediaType }) }
  }

  dispose(): void {
    this.#parts.dispose()
    this.question.dispose()
  }
}
