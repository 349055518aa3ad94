/**
 * Numbers over time while somebody looks: read for a window, then kept up with what is new, a little at a time. Two
 * sources are kept side by side, each with its own moments. Knows no chart, and how a source is asked only by its
 * function.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { toWireError, type WireError } from '../../contract/error.ts'
import { Store } from './store.ts'
import type { TimeWindow } from './time-range.ts'
import { appendTail, emptySeries, type TimeSeries } from './time-series.ts'

/** Reads what there is within a window, in at most so many points. */
export type SeriesReader = (window: TimeWindow, pointsMax: number) => Promise<TimeSeries>

/** What is shown: each source's numbers, or why there are none. */
export interface FeedContent {
  readonly series: TimeSeries
  readonly error: WireError | null
  /** Whether the numbers are of what is asked for, not of what was asked for before. */
  readonly isCurrent: boolean
}

/** Twice the pixels of a chart, about: what is between two of them cannot be seen. */
export const pointsMax = 800

/** What the last seconds were may still change: samples come late, and the last point grows. */
const overlapMs = 5_000

/** With more points than this behind what was read at once, it is read at once again. */
const tailPointsMax = 600

const nothing: FeedContent = { series: emptySeries, error: null, isCurrent: false }

export class SeriesFeed implements Disposable {
  readonly content = new Store<FeedContent>(nothing)
  readonly #clock: Clock
  #read: SeriesReader | null = null
  #window: TimeWindow = { fromMs: 0, toMs: 0 }
  #pointsAtLoad = 0
  /** Counts what was asked for anew: an answer to an older question is of no use. */
  #generation = 0
  #isReading = false
  #isAskedAgain = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Shows another window, or another source; what was shown stays until the answer, marked as old. */
  load(read: SeriesReader, window: TimeWindow): void {
    this.#read = read
    this.#window = window
    this.#generation += 1
    this.content.patch({ isCurrent: false })
    void this.#run(() => this.#readAll())
  }

  /** Reads what is new since the last time; the window has moved on to `window`. */
  follow(window: TimeWindow): void {
    this.#window = window
    if (this.#isReading || !this.#read) return
    const { series, isCurrent, error } = this.content.value
    const isLong = series.timesMs.length - this.#pointsAtLoad > tailPointsMax
    const isWhole = !isCurrent || error !== null || isLong || series.timesMs.length === 0
    void this.#run(() => (isWhole ? this.#readAll() : this.#readTail(series)))
  }

  /** Forgets everything: nobody looks. */
  clear(): void {
    this.#generation += 1
    this.#read = null
    this.content.set(nothing)
  }

  dispose(): void {
    this.clear()
    this.content.dispose()
  }

  /** One at a time; what was asked meanwhile is read afterwards, and only the last of it. */
  async #run(step: () => Promise<void>): Promise<void> {
    if (this.#isReading) {
      this.#isAskedAgain = true
      return
    }
    this.#isReading = true
    const generation = this.#generation
    try {
      await step()
    } catch (error) {
      if (generation === this.#generation) this.content.patch({ error: toWireError(error), isCurrent: true })
    } finally {
      this.#isReading = false
    }
    if (!this.#isAskedAgain) return
    this.#isAskedAgain = false
    await this.#run(() => this.#readAll())
  }

  async #readAll(): Promise<void> {
    const generation = this.#generation
    const series = await this.#read?.(this.#window, pointsMax)
    if (generation !== this.#generation || !series) return
    this.#pointsAtLoad = series.timesMs.length
    this.content.set({ series, error: null, isCurrent: true })
  }

  async #readTail(series: TimeSeries): Promise<void> {
    const generation = this.#generation
    const lastMs = series.timesMs.at(-1) ?? this.#window.fromMs
    const fromMs = Math.max(this.#window.fromMs, lastMs - overlapMs)
    const tail = await this.#read?.(
      { fromMs, toMs: Math.max(this.#window.toMs, this.#clock.nowMs()) },
      pointsMax,
    )
    if (generation !== this.#generation || !tail) return
    this.content.set({ series: appendTail(series, tail, this.#window.fromMs), error: null, isCurrent: true })
  }
}
