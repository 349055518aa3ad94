/**
 * The statements that have run in the window of the dashboard: ordered, searched, one of them in detail, and two
 * stretches of time compared. Asks only while somebody looks, and not more often than a list can be read.
 */

import type { Clock } from '../../base/clock.ts'
import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import type { ResultOf } from '../../contract/contract-table.ts'
import { toWireError, type WireError } from '../../contract/error.ts'
import type { SlowStatement, StatementDetails, StatementTotals } from '../../contract/statistics.ts'
import type { StatementRow, statementOrders } from '../../contract/statistics.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { statementReader } from './dashboard-sources.ts'
import type { DashboardView } from './dashboard-view.ts'
import { SeriesFeed } from './series-feed.ts'
import { Store } from './store.ts'
import type { TimeWindow } from './time-range.ts'

export type StatementOrder = (typeof statementOrders)[number]

/** One statement of one instance. */
export interface StatementKey {
  readonly instanceId: string
  readonly fingerprint: string
}

export interface StatementRows {
  readonly rows: readonly StatementRow[]
  /** Of all, also of those that are not among the rows. */
  readonly statementCount: number
  readonly totals: StatementTotals
}

export type Comparison = ResultOf<WorkbenchContract['statistics.compare']>

/** More than this is found by searching. */
const rowsMax = 100

/** A list that changes its order more often cannot be read. */
const refreshMs = 5_000

/** Typing is many searches; the last one is asked. */
const searchDelayMs = 200

export class StatementList implements Disposable {
  readonly order = new Store<StatementOrder>('totalTime')
  readonly search = new Store('')
  /** null until the first answer. */
  readonly rows = new Store<StatementRows | null>(null)
  readonly slow = new Store<readonly SlowStatement[] | null>(null)
  readonly error = new Store<WireError | null>(null)
  readonly selected = new Store<StatementKey | null>(null)
  readonly details = new Store<StatementDetails | null>(null)
  /** How the selected one fared over time. */
  readonly series: SeriesFeed
  readonly #client: WorkbenchClient
  readonly #clock: Clock
  readonly #view: DashboardView
  readonly #subscriptions = new DisposableStore()
  #lookers = 0
  #generation = 0
  #askedAtMs = Number.NEGATIVE_INFINITY
  #searching: Disposable | null = null

  constructor(client: WorkbenchClient, clock: Clock, view: DashboardView) {
    this.#client = client
    this.#clock = clock
    this.#view = view
    this.series = new SeriesFeed(clock)
    this.#subscriptions.add(view.revision.onDidChange(() => this.#follow()))
    this.#subscriptions.add(view.scopeId.onDidChange(() => this.#forget()))
  }

  /** Somebody looks, until disposed. */
  look(): Disposable {
    this.#lookers += 1
    if (this.#lookers === 1) {
      this.#loadSeries()
      this.refresh()
    }
    let isLooking = true
    return {
      dispose: () => {
        if (!isLooking) return
        isLooking = false
        this.#lookers -= 1
        if (this.#lookers === 0) this.series.clear()
      },
    }
  }

  setOrder(order: StatementOrder): void {
    this.order.set(order)
    this.refresh()
  }

  setSearch(search: string): void {
    this.search.set(search)
    this.#searching?.dispose()
    this.#searching = this.#clock.after(searchDelayMs, () => this.refresh())
  }

  select(key: StatementKey | null): void {
    this.selected.set(key)
    this.details.set(null)
    this.#loadSeries()
    this.refresh()
  }

  /** Asks again for what is looked at. */
  refresh(): void {
    if (this.#lookers === 0) return
    this.#askedAtMs = this.#clock.monotonicMs()
    this.#generation += 1
    void this.#ask(this.#generation)
  }

  /** Two stretches of time, of the selected statement or of all. */
  compare(before: TimeWindow, after: TimeWindow): Promise<Comparison> {
    const key = this.selected.value
    const instanceId = key?.instanceId ?? this.#view.scopeId.value
    const scope = { instanceId, fingerprint: key?.fingerprint ?? null }
    return this.#client.call('statistics.compare', { ...scope, before, after, limit: rowsMax })
  }

  /** Forgets one statement, or all of what is looked at. */
  async reset(key: StatementKey | null): Promise<void> {
    const scope = key ?? { instanceId: this.#view.scopeId.value, fingerprint: null }
    await this.#client.call('statistics.reset', scope)
    if (key) this.select(null)
    this.#view.reload()
  }

  dispose(): void {
    this.#searching?.dispose()
    this.#subscriptions.dispose()
    this.series.dispose()
    for (const store of [this.order, this.search, this.selected, this.error]) store.dispose()
    for (const store of [this.rows, this.slow, this.details]) store.dispose()
  }

  #forget(): void {
    this.selected.set(null)
    this.rows.set(null)
    this.slow.set(null)
    this.details.set(null)
    this.series.clear()
  }

  #loadSeries(): void {
    const key = this.selected.value
    if (key) this.series.load(statementReader(this.#client, key), this.#view.window.value)
    else this.series.clear()
  }

  /** The window has moved, or is another one. */
  #follow(): void {
    if (this.#lookers === 0) return
    if (!this.#view.isLive) this.#loadSeries()
    else if (this.selected.value) this.series.follow(this.#view.window.value)
    const isDue = this.#clock.monotonicMs() - this.#askedAtMs >= refreshMs
    if (isDue || !this.#view.isLive) this.refresh()
  }

  async #ask(generation: number): Promise<void> {
    try {
      await Promise.all([this.#askRows(generation), this.#askDetails(generation), this.#askSlow(generation)])
      if (generation === this.#generation) this.error.set(null)
    } catch (error) {
      if (generation === this.#generation) this.error.set(toWireError(error))
    }
  }

  async #askRows(generation: number): Promise<void> {
    const rows = await this.#client.call('statistics.top', {
      ...{ instanceId: this.#view.scopeId.value, ...this.#range },
      ...{ orderBy: this.order.value, search: this.search.value.trim(), limit: rowsMax },
    })
    if (generation === this.#generation) this.rows.set(rows)
  }

  async #askSlow(generation: number): Promise<void> {
    const scope = { instanceId: this.#view.scopeId.value, limit: rowsMax }
    const slow = await this.#client.call('statistics.slow', scope)
    if (generation === this.#generation) this.slow.set(slow)
  }

  async #askDetails(generation: number): Promise<void> {
    const key = this.selected.value
    if (!key) return
    const details = await this.#client.call('statistics.statement', { ...key, ...this.#range })
    if (generation === this.#generation) this.details.set(details)
  }

  get #range(): TimeWindow {
    const { fromMs, toMs } = this.#view.window.value
    return { fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs) }
  }
}
