/** A series in the form that uPlot draws: lists with null where nothing is known. Pure. */

import type { AlignedData } from 'uplot'
import type { TimeWindow } from '../state/time-range.ts'
import { lowerBound, summarise, type TimeSeries } from '../state/time-series.ts'
import type { ChartMark, ChartSpec } from './chart-model.ts'

/** Nothing was recorded between two points that are so many times as far apart as the others: no line joins them. */
const gapFactor = 8

/** Never a gap: the samples of a busy host come late. */
const gapMinMs = 10_000

/** Above the highest value, so that its line does not touch the edge. */
const headroom = 1.08

/** What lies within the window, and one point on either side, so that lines reach the edges. */
export function plotData({ lines }: ChartSpec, series: TimeSeries, window: TimeWindow): AlignedData {
  const { timesMs } = series
  const start = Math.max(0, lowerBound(timesMs, window.fromMs) - 1)
  const end = Math.min(timesMs.length, lowerBound(timesMs, window.toMs) + 1)
  const gapMs = Math.max(gapMinMs, (gapFactor * (window.toMs - window.fromMs)) / Math.max(1, end - start))
  const times: number[] = []
  const columns = lines.map((): (number | null)[] => [])
  const values = lines.map(({ name }) => series.columns.get(name))
  for (let index = start; index < end; index += 1) {
    const atMs = timesMs[index] ?? 0
    const beforeMs = times.at(-1)
    if (beforeMs !== undefined && atMs - beforeMs > gapMs) {
      times.push(beforeMs + 1)
      for (const column of columns) column.push(null)
    }
    times.push(atMs)
    for (const [line, column] of columns.entries()) {
      const value = values[line]?.[index] ?? Number.NaN
      column.push(Number.isFinite(value) ? value : null)
    }
  }
  return [times, ...columns]
}

/** Where a value stands between two that are not known, so that no line leads to it. */
export function lonePoints(values: ArrayLike<number | null | undefined>): number[] {
  const isKnown = (index: number): boolean => typeof values[index] === 'number'
  const alone: number[] = []
  for (let index = 0; index < values.length; index += 1) {
    if (isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1)) alone.push(index)
  }
  return alone
}

interface RangedContent {
  readonly series: TimeSeries
  readonly window: TimeWindow
  readonly marks: readonly ChartMark[]
  readonly hidden: ReadonlySet<string>
}

/** From zero to a little more than the highest value that is shown; thresholds are shown where they are near. */
export function valueRange(spec: ChartSpec, content: RangedContent): [min: number, max: number] {
  if (spec.valueMax !== undefined) return [0, spec.valueMax]
  let [min, max] = [0, 0]
  for (const { name } of spec.lines) {
    const values = content.hidden.has(name) ? undefined : content.series.columns.get(name)
    const summary = values ? summarise(content.series.timesMs, values, content.window) : null
    if (!summary) continue
    max = Math.max(max, summary.max)
    min = Math.min(min, summary.min)
  }
  for (const { value } of content.marks) if (value <= max * 2) max = Math.max(max, value)
  return [min, max > min ? max * headroom : min + 1]
}
