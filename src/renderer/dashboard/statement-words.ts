/** Statements in few words: on one line, with their share and their change. Pure. */

import type { StatementRow } from '../../contract/statistics.ts'
import { formatBytes, formatDuration } from '../widgets/number-format.ts'

/** Enough for the widest row. */
const lineLengthMax = 400

/** The text on one line. */
export function oneLine(text: string): string {
  return text.slice(0, lineLengthMax).replaceAll(/\s+/g, ' ').trim()
}

/** A duration in the shortest way, microseconds included. */
export function shortMs(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  return ms > 0 && ms < 1 ? `${Math.round(ms * 1_000)} µs` : formatDuration(ms)
}

/** `+1.2 s`, `-30 ms`: what it takes more or less than before. */
export function changeWords(ms: number): string {
  if (ms === 0) return '±0'
  return `${ms > 0 ? '+' : '−'}${shortMs(Math.abs(ms))}`
}

/** The change of a number in percent; null where there is nothing to compare with. */
export function changePercent(before: number, after: number): string | null {
  if (!(before > 0) || !Number.isFinite(after)) return null
  const percent = ((after - before) / before) * 100
  const size = Math.abs(percent)
  return `${percent >= 0 ? '+' : '−'}${size < 10 ? size.toFixed(1) : Math.round(size)} %`
}

export function countText(count: number): string {
  return count.toLocaleString('en')
}

/** What is told of a statement above its charts. */
export function factsOf(row: StatementRow): readonly (readonly [label: string, value: string])[] {
  return [
    ['Calls', countText(row.calls)],
    ['Total', shortMs(row.totalMs)],
    ['Mean', shortMs(row.meanMs)],
    ['p50', shortMs(row.p50Ms)],
    ['p90', shortMs(row.p90Ms)],
    ['p95', shortMs(row.p95Ms)],
    ['p99', shortMs(row.p99Ms)],
    ['p99.9', shortMs(row.p999Ms)],
    ['Longest', shortMs(row.maxMs)],
    ['Rows', countText(row.rows)],
    ['Bytes', formatBytes(row.bytes)],
    ['Errors', countText(row.errors)],
    ['Cache hits', countText(row.cacheHits)],
    ['Waited', shortMs(row.waitMs)],
  ]
}
