/**
 * What the dashboard looks at: whose numbers, of which time, moving or held; and the numbers over time themselves
 * while it is open. Zooming is a stack of windows, so that one gets back. What statements, alerts and settings there
 * are is known elsewhere.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { seriesPointsMax } from '../../contract/statistics.ts'
import { SeriesFeed, type SeriesReader } from './series-feed.ts'
import { Store } from './store.ts'
import type { TimeSeries } from './time-series.ts'
import { defaultRange, isMoving, windowOf, type TimeRange, type TimeWindow } from './time-range.ts'

/** The tabs of the page by their ids; which there are is decided where the page is put together. */
export type DashboardTab = string

/** Where the numbers of a source come from, for an instance, or for the host (null). */
export type SourceReader = (instanceId: string | null) => SeriesReader

export interface DashboardSources {
  readonly statements: SourceReader
  readonly resources: SourceReader
}

/** More zooms than anybody remembers. */
const zoomsMax = 30

/** What is new is read once a second; for a whole day, where a second cannot be seen, less often. */
const tickMinMs = 1_000
const tickMaxMs = 5_000
const ticksPerWindow = 2_000

/** As many as the host answers at once. */
const filePointsMax = seriesPointsMax

/** Turning the wheel is many zooms; the last one is read. */
const zoomDelayMs = 150

export class DashboardView implements Disposable {
  /** null: the host with all its databases. */
  readonly scopeId = new Store<string | null>(null)
  readonly range = new Store<TimeRange>(defaultRange)
  /** When it was held; null while it moves with the clock. */
  readonly pausedAtMs = new Store<number | null>(null)
  readonly window: Store<TimeWindow>
  readonly tab = new Store<DashboardTab>('overview')
  readonly canZoomBack = new Store(false)
  /** Counts what is to be read anew by whoever keeps numbers of the window: each tick of a slower clock. */
  readonly revision = new Store(0)
  readonly statements: SeriesFeed
  readonly resources: SeriesFeed
  readonly #clock: Clock
  readonly #sources: DashboardSources
  #zooms: { readonly range: TimeRange; readonly pausedAtMs: number | null }[] = []
  #lookers = 0
  #tick: Disposable | null = null
  #loading: Disposable | null = null

  constructor(clock: Clock, sources: DashboardSources) {
    this.#clock = clock
    this.#sources = sources
    this.window = new Store(windowOf(defaultRange, clock.nowMs()))
    this.statements = new SeriesFeed(clock)
    this.resources = new SeriesFeed(clock)
  }

  /** Whether the window moves with the clock. */
  get isLive(): boolean {
    return this.pausedAtMs.value === null && isMoving(this.range.value)
  }

  /** Somebody looks, until disposed; otherwise nothing is asked for. */
  look(): Disposable {
    this.#lookers += 1
    if (this.#lookers === 1) this.reload()
    let isLooking = true
    return {
      dispose: () => {
        if (!isLooking) return
        isLooking = false
        this.#lookers -= 1
        if (this.#lookers > 0) return
        this.#stop()
        this.statements.clear()
        this.resources.clear()
      },
    }
  }

  /** Reads everything of the window that is looked at now. */
  reload(): void {
    this.#stop()
    this.#moveWindow()
    if (this.#lookers === 0) return
    const { value: window } = this.window
    const instanceId = this.scopeId.value
    this.statements.load(this.#sources.statements(instanceId), window)
    this.resources.load(this.#sources.resources(instanceId), window)
    this.revision.set(this.revision.value + 1)
    this.#schedule()
  }

  /** Everything of the window, in as many points as a file may have. */
  async readWhole(): Promise<Readonly<Record<keyof DashboardSources, TimeSeries>>> {
    const { value: window } = this.window
    const read = (source: SourceReader): Promise<TimeSeries> =>
      source(this.scopeId.value)(window, filePointsMax)
    const { statements, resources } = this.#sources
    const [statementSeries, resourceSeries] = await Promise.all([read(statements), read(resources)])
    return { statements: statementSeries, resources: resourceSeries }
  }

  setScope(instanceId: string | null): void {
    if (instanceId === this.scopeId.value) return
    this.scopeId.set(instanceId)
    this.reload()
  }

  /** Chooses a time; what was zoomed is forgotten, and it moves if it can. */
  setRange(range: TimeRange): void {
    this.#zooms = []
    this.canZoomBack.set(false)
    this.#show(range, null)
    this.reload()
  }

  /** Shows a stretch of time; `zoomBack` shows what was before. Read once zooming has come to rest. */
  zoom(window: TimeWindow): void {
    this.#zooms = [...this.#zooms, { range: this.range.value, pausedAtMs: this.pausedAtMs.value }].slice(
      -zoomsMax,
    )
    this.canZoomBack.set(true)
    this.#show({ kind: 'fixed', ...window }, null)
    this.#stop()
    this.#moveWindow()
    this.#loading = this.#clock.after(zoomDelayMs, () => this.reload())
  }

  zoomBack(): void {
    const before = this.#zooms.pop()
    if (!before) return
    this.canZoomBack.set(this.#zooms.length > 0)
    this.#show(before.range, before.pausedAtMs)
    this.reload()
  }

  /** Holds what is shown, or lets it move again; a fixed stretch becomes the last minutes again. */
  setLive(isLive: boolean): void {
    if (!isLive) {
      this.pausedAtMs.set(this.#clock.nowMs())
      this.#stop()
      return
    }
    const { value: range } = this.range
    this.setRange(
      isMoving(range) ? range : (this.#zooms.find((zoom) => isMoving(zoom.range))?.range ?? defaultRange),
    )
  }

  dispose(): void {
    this.#stop()
    this.statements.dispose()
    this.resources.dispose()
    const stores = [this.scopeId, this.range, this.pausedAtMs, this.window, this.tab, this.canZoomBack]
    for (const store of [...stores, this.revision]) store.dispose()
  }

  #show(range: TimeRange, pausedAtMs: number | null): void {
    this.range.set(range)
    this.pausedAtMs.set(pausedAtMs)
  }

  #moveWindow(): void {
    this.window.set(windowOf(this.range.value, this.pausedAtMs.value ?? this.#clock.nowMs()))
  }

  #schedule(): void {
    if (!this.isLive) return
    const { fromMs, toMs } = this.window.value
    const delayMs = Math.min(tickMaxMs, Math.max(tickMinMs, (toMs - fromMs) / ticksPerWindow))
    this.#tick = this.#clock.after(delayMs, () => {
      this.#moveWindow()
      this.statements.follow(this.window.value)
      this.resources.follow(this.window.value)
      this.revision.set(this.revision.value + 1)
      this.#schedule()
    })
  }

  #stop(): void {
    this.#tick?.dispose()
    this.#loading?.dispose()
    this.#tick = null
    this.#loading = null
  }
}
