/** What a chart shows, as data: its lines, their unit and their numbers. Knows neither their source nor pixels. */

import type { TimeWindow } from '../state/time-range.ts'
import { nearestIndex, summarise, type TimeSeries } from '../state/time-series.ts'
import { clockTime } from './clock-time.ts'
import { formatValue, type ChartUnit } from './chart-units.ts'

export interface ChartLine {
  /** The name of its column. */
  readonly name: string
  readonly label: string
  /** Which colour of the theme it has, from 1; in their order where not given. */
  readonly colour?: number
}

export interface ChartSpec {
  readonly id: string
  readonly title: string
  /** What it tells, in a sentence. */
  readonly help: string
  readonly unit: ChartUnit
  readonly lines: readonly ChartLine[]
  /** The area under the first line is filled: for amounts, not for times. */
  readonly isFilled?: boolean
  /** The largest number there can be, which the axis then ends with. */
  readonly valueMax?: number
}

/** The number of a line's colour and dashes, from 1. */
export function colourOf({ lines }: ChartSpec, index: number): number {
  return lines[index]?.colour ?? index + 1
}

/** What a threshold is drawn as. */
export interface ChartMark {
  readonly value: number
  readonly label: string
}

/** `p50 1.20 ms, p95 4.1 ms` at a moment. */
export function wordsAt({ lines, unit }: ChartSpec, series: TimeSeries, atMs: number): string {
  const index = nearestIndex(series.timesMs, atMs)
  const value = (name: string): number =>
    index === null ? Number.NaN : (series.columns.get(name)?.[index] ?? Number.NaN)
  return lines.map(({ name, label }) => `${label} ${formatValue(value(name), unit)}`).join(', ')
}

/** What the picture shows, for those who do not see it. */
export function summaryWords(spec: ChartSpec, series: TimeSeries, window: TimeWindow): string {
  const parts = spec.lines.flatMap(({ name, label }) => {
    const values = series.columns.get(name)
    const summary = values ? summarise(series.timesMs, values, window) : null
    if (!summary) return []
    const { last, mean, max, maxAtMs } = summary
    const at = clockTime(maxAtMs)
    const written = [last, mean, max].map((value) => formatValue(value, spec.unit))
    return [`${label}: now ${written[0]}, average ${written[1]}, highest ${written[2]} at ${at}.`]
  })
  return parts.length === 0 ? 'Nothing was recorded in this time.' : parts.join(' ')
}

/** Whether any of its lines has a number. */
export function hasNumbers({ lines }: ChartSpec, series: TimeSeries, window: TimeWindow): boolean {
  return lines.some(({ name }) => {
    const values = series.columns.get(name)
    return values !== undefined && summarise(series.timesMs, values, window) !== null
  })
}
