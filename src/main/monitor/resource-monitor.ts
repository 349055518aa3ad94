/**
 * Looks at a host and its instances again and again, and keeps what it has seen: in series, for who watches, and
 * against thresholds. What is looked at and where it is stored is given to it. Never two looks at once.
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { LiveSample, MonitorSettings, SeriesInfo, Stability } from '../../contract/monitor.ts'
import { AlertWatch } from './alert-watch.ts'
import { metricByName, type NamedMetric } from './metric-catalog.ts'
import { MetricSeries, type SampleStore } from './metric-series.ts'
import { RateKeeper, type ReadingGroup } from './rate-keeper.ts'
import { SeriesFold, type FoldedSeries } from './series-fold.ts'
import { stabilityOf, stabilityPointsMax } from './stability.ts'

/** What one look has found. */
export interface Look {
  readonly host: readonly ReadingGroup[]
  /** Those that run. */
  readonly instances: readonly InstanceLook[]
}

export interface InstanceLook {
  readonly id: string
  readonly name: string
  readonly groups: readonly ReadingGroup[]
}

export interface ResourceMonitorOptions {
  readonly clock: Clock
  readonly store: SampleStore
  /** Reads everything; must not take long, and hold nobody up. */
  look(): Promise<Look>
  /** What could not be read or stored. */
  onFailure(what: string, error: unknown): void
}

export interface SeriesQuery {
  readonly instanceId: string | null
  readonly metrics: readonly string[]
  readonly fromMs: number
  readonly toMs: number
  readonly pointsMax: number
}

/** A look that took long is followed by a pause all the same. */
const pauseMinMs = 50
const hostSeriesId = 'host'

/** One sample of all series. */
export interface Sample {
  readonly atMs: number
  /** By series: `null` is the host's. */
  readonly values: ReadonlyMap<string | null, ReadonlyMap<number, number>>
}

interface Course {
  readonly series: MetricSeries
  readonly rates: RateKeeper
}

export class ResourceMonitor implements Disposable {
  readonly alerts = new AlertWatch()
  readonly #options: ResourceMonitorOptions
  readonly #courses = new Map<string, Course>()
  readonly #didSample = new Emitter<Sample>()
  readonly onDidSample = this.#didSample.event
  #settings: MonitorSettings
  #timer: Disposable | null = null
  #looking: Promise<void> = Promise.resolve()
  #isRunning = false
  #last: Look = { host: [], instances: [] }

  constructor(options: ResourceMonitorOptions, settings: MonitorSettings) {
    this.#options = options
    this.#settings = settings
    this.alerts.setThresholds(settings.thresholds, options.clock.nowMs())
  }

  get settings(): MonitorSettings {
    return this.#settings
  }

  /** What was found last. */
  get last(): Look {
    return this.#last
  }

  /** From the next look on. */
  configure(settings: MonitorSettings): void {
    this.#settings = settings
    this.alerts.setThresholds(settings.thresholds, this.#options.clock.nowMs())
    if (!this.#isRunning) return
    this.#timer?.dispose()
    this.#timer = null
    this.#lookLater(settings.intervalMs)
  }

  /** Idempotent. */
  start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#lookLater(pauseMinMs)
  }

  /** Stores what is gathered. Idempotent. */
  async stop(): Promise<void> {
    this.#isRunning = false
    this.#timer?.dispose()
    this.#timer = null
    await this.#looking
    for (const id of [...this.#courses.keys()]) await this.#seal(id)
  }

  dispose(): void {
    this.#isRunning = false
    this.#timer?.dispose()
    this.#didSample.dispose()
    this.alerts.dispose()
  }

  /** An instance is gone; what is stored of it goes by its age. */
  forget(instanceId: string): void {
    this.#courses.delete(instanceId)
    this.alerts.forget(instanceId, this.#options.clock.nowMs())
  }

  /** Looks now, and answers when what was seen is kept; waits for a look that is under way. */
  lookNow(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look())
    return this.#looking
  }

  /** Throws `not-found` for a metric that there is not. */
  async series(query: SeriesQuery): Promise<{ readonly info: SeriesInfo; readonly buffer: ArrayBuffer }> {
    const metrics = query.metrics.map((name) => metricNamed(name).number)
    const { fromMs, toMs, pointsMax } = query
    const fold = new SeriesFold({ fromMs, toMs, pointsMax, metrics })
    const course = this.#courseOf(query.instanceId ?? hostSeriesId)
    await course.series.read(fold, { fromMs, toMs })
    const { pointCount, buffer } = await finishInTurns(fold)
    const { intervalMs } = this.#settings
    const { sampleCount } = fold
    const oldestMs = await course.series.oldestMs()
    return { info: { names: query.metrics, pointCount, sampleCount, intervalMs, oldestMs }, buffer }
  }

  /** Throws `not-found` for a metric that there is not. */
  async stability(
    query: Omit<SeriesQuery, 'metrics' | 'pointsMax'> & { metric: string },
  ): Promise<Stability> {
    const { metric, ...rest } = query
    const pointsMax = stabilityPointsMax * 2
    const { info, buffer } = await this.series({ ...rest, metrics: [metric], pointsMax })
    const values = new Float64Array(buffer)
    const points = Array.from({ length: info.pointCount }, (_, row) => ({
      atMs: values[row] ?? 0,
      value: values[info.pointCount + row] ?? Number.NaN,
    }))
    const measured = points.filter(({ value }) => !Number.isNaN(value))
    return stabilityOf(measured, info.sampleCount)
  }

  /** Each sample from now on, until `signal` aborts or the monitor ends; who is slow misses some. */
  async *live(
    { instanceId, metrics: names }: Pick<SeriesQuery, 'instanceId' | 'metrics'>,
    signal: AbortSignal,
  ): AsyncGenerator<{ value: LiveSample }, null, void> {
    const metrics = names.map(metricNamed)
    let next = Promise.withResolvers<void>()
    let newest: LiveSample | null = null
    const listening = this.onDidSample(({ atMs, values }) => {
      const own = values.get(instanceId)
      newest = { atMs, values: metrics.map(({ number }) => own?.get(number) ?? null) }
      next.resolve()
    })
    const onAbort = (): void => next.resolve()
    signal.addEventListener('abort', onAbort)
    try {
      while (!signal.aborted) {
        await next.promise
        next = Promise.withResolvers<void>()
        if (newest && !signal.aborted) yield { value: newest }
        newest = null
      }
      return null
    } finally {
      signal.removeEventListener('abort', onAbort)
      listening.dispose()
    }
  }

  #lookLater(delayMs: number): void {
    this.#timer ??= this.#options.clock.after(delayMs, () => {
      this.#timer = null
      void this.#lookAndGoOn()
    })
  }

  async #lookAndGoOn(): Promise<void> {
    const startedMs = this.#options.clock.monotonicMs()
    if (this.#settings.isOn) await this.lookNow()
    if (!this.#isRunning) return
    const tookMs = this.#options.clock.monotonicMs() - startedMs
    this.#lookLater(Math.max(pauseMinMs, this.#settings.intervalMs - tookMs))
  }

  async #look(): Promise<void> {
    try {
      const look = await this.#options.look()
      this.#last = look
      await this.#keep(look)
    } catch (error) {
      this.#options.onFailure('The monitor could not read what is used', error)
    }
  }

  async #keep({ host, instances }: Look): Promise<void> {
    const atMs = Math.round(this.#options.clock.nowMs())
    const values = new Map<string | null, ReadonlyMap<number, number>>()
    values.set(null, await this.#add(hostSeriesId, atMs, host))
    this.alerts.check({ instanceId: null, instanceName: null }, atMs, values.get(null) ?? new Map())
    for (const { id, name, groups } of instances) {
      const own = await this.#add(id, atMs, groups)
      values.set(id, own)
      this.alerts.check({ instanceId: id, instanceName: name }, atMs, own)
    }
    await this.#rest(new Set(instances.map(({ id }) => id)), atMs)
    this.#didSample.fire({ atMs, values })
  }

  async #add(id: string, atMs: number, groups: readonly ReadingGroup[]): Promise<Map<number, number>> {
    const { series, rates } = this.#courseOf(id)
    const values = rates.values(groups)
    try {
      await series.add(atMs, values)
    } catch (error) {
      this.#options.onFailure('What was measured could not be stored', error)
    }
    return values
  }

  /** Those that do not run any more: what is gathered of them is stored, and their counters begin anew. */
  async #rest(running: ReadonlySet<string>, atMs: number): Promise<void> {
    for (const id of [...this.#courses.keys()]) {
      if (id === hostSeriesId || running.has(id)) continue
      await this.#seal(id)
      this.#courses.delete(id)
      this.alerts.forget(id, atMs)
    }
  }

  async #seal(id: string): Promise<void> {
    try {
      await this.#courses.get(id)?.series.seal()
    } catch (error) {
      this.#options.onFailure('What was measured could not be stored', error)
    }
  }

  #courseOf(id: string): Course {
    const known = this.#courses.get(id)
    if (known) return known
    const course = { series: new MetricSeries(id, this.#options.store), rates: new RateKeeper() }
    this.#courses.set(id, course)
    return course
  }
}

/** Others have their turns meanwhile. */
async function finishInTurns(fold: SeriesFold): Promise<FoldedSeries> {
  const finishing = fold.finishInParts()
  for (;;) {
    const { done, value } = finishing.next()
    if (done === true) return value
    await nextTurn()
  }
}

function metricNamed(name: string): NamedMetric {
  const metric = metricByName.get(name)
  if (metric) return metric
  throw new WorkbenchError('not-found', `There is no metric ${name}; monitor.metrics tells which there are`)
}
