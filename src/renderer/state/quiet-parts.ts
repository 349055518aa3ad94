/**
 * What is counted in parts has no point where nothing happened. To draw it, quiet stretches get points at both ends:
 * nothing happened there, which is zero for what is counted and unknown for what is timed. Pure.
 */

import type { TimeWindow } from './time-range.ts'
import type { TimeSeries } from './time-series.ts'

/** What is counted a second; everything else is a duration or a share, of which nothing has none. */
const counted = new Set(['calls', 'errors', 'rows', 'hits'])

/** Up to the end of the window, or to `nowMs`: what comes later has not been. */
export function withQuietParts(series: TimeSeries, window: TimeWindow, nowMs: number): TimeSeries {
  const { timesMs, columns, partMs } = series
  if (partMs === null || timesMs.length === 0) return series
  const sources = sourcesOf(timesMs, partMs, Math.min(window.toMs, nowMs))
  if (sources.length === timesMs.length) return series
  const filled = new Map(
    [...columns].map(([name, values]) => {
      const quiet = counted.has(name) ? 0 : Number.NaN
      return [
        name,
        Float64Array.from(sources, ({ from }) => (from === null ? quiet : (values[from] ?? quiet))),
      ]
    }),
  )
  return { timesMs: Float64Array.from(sources, ({ atMs }) => atMs), columns: filled, partMs }
}

interface SourcePoint {
  readonly atMs: number
  /** The point that it is; null for a quiet one. */
  readonly from: number | null
}

function sourcesOf(timesMs: Float64Array, partMs: number, endMs: number): readonly SourcePoint[] {
  const points: SourcePoint[] = []
  for (const [from, atMs] of timesMs.entries()) {
    points.push({ atMs, from })
    const nextMs = timesMs[from + 1] ?? null
    const quietFromMs = atMs + partMs
    const quietToMs = nextMs === null ? endMs : nextMs - partMs
    // A part that ended just now may still be on its way here.
    const isQuiet = nextMs === null ? quietToMs >= quietFromMs + partMs : quietToMs >= quietFromMs
    if (!isQuiet) continue
    points.push({ atMs: quietFromMs, from: null })
    if (quietToMs > quietFromMs) points.push({ atMs: quietToMs, from: null })
  }
  return points
}
