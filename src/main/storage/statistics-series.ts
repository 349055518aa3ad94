/**
 * Statements over time, as columns of numbers: rates and latencies of equal parts of a range. Synchronous, for the
 * storage worker; changes nothing.
 */

import type Database from 'better-sqlite3'
import type { ParamsOf } from '../../contract/contract-table.ts'
import type { statisticsCalls } from '../../contract/statistics-calls.ts'
import { statementSeriesNames, type Series } from '../../contract/statistics.ts'
import { LatencyHistogram } from '../statistics/latency-histogram.ts'

type Wish = ParamsOf<(typeof statisticsCalls)['statistics.overTime']>

interface Row {
  readonly startMs: number
  readonly lengthMs: number
  readonly calls: number
  readonly errors: number
  readonly rows: number
  readonly hits: number
  readonly totalMs: number
  readonly maxMs: number
  readonly waitMs: number
  readonly histogram: Buffer | null
}

/** What is known of one point. */
interface Point {
  calls: number
  errors: number
  rows: number
  hits: number
  totalMs: number
  maxMs: number
  waitMs: number
  lengthMs: number
  readonly histogram: LatencyHistogram
}

const columnCount = statementSeriesNames.length + 1

/** As the contract has it: the head, and the buffer beside it. `bucketMs`: how long parts are at first. */
export function readSeries(
  database: Database.Database,
  wish: Wish,
  bucketMs: number,
): { readonly series: Series; readonly buffer: ArrayBuffer } {
  const wanted = Math.ceil((wish.toMs - wish.fromMs) / wish.pointsMax / bucketMs) * bucketMs
  const intervalMs = Math.max(bucketMs, wanted)
  const points = new Map<number, Point>()
  const rows = database
    .prepare<unknown[], Row>(
      `SELECT p.start_ms AS startMs, p.length_ms AS lengthMs, p.calls, p.errors, p.rows, p.cache_hits AS hits,
         p.total_ms AS totalMs, p.max_ms AS maxMs, p.wait_ms AS waitMs, d.histogram
       FROM statement_part p JOIN statement s ON s.id = p.statement_id
         LEFT JOIN statement_detail d ON d.start_ms = p.start_ms AND d.statement_id = p.statement_id
       WHERE p.start_ms >= @fromMs - p.length_ms AND p.start_ms > @fromMs - 3600000 AND p.start_ms < @toMs
         AND (@instanceId IS NULL OR s.instance_id = @instanceId)
         AND (@fingerprint IS NULL OR s.fingerprint = @fingerprint)`,
    )
    .iterate({ ...wish, pointsMax: null })
  for (const row of rows) addRow(points, row, intervalMs)
  return toSeries(points, intervalMs)
}

function addRow(points: Map<number, Point>, row: Row, intervalMs: number): void {
  // Old parts are longer than a point; the whole of one counts at its middle.
  const at = row.lengthMs > intervalMs ? row.startMs + row.lengthMs / 2 : row.startMs
  const startMs = at - (at % intervalMs)
  const point = points.get(startMs) ?? newPoint(intervalMs)
  points.set(startMs, point)
  point.calls += row.calls
  point.errors += row.errors
  point.rows += row.rows
  point.hits += row.hits
  point.totalMs += row.totalMs
  point.waitMs += row.waitMs
  point.maxMs = Math.max(point.maxMs, row.maxMs)
  point.lengthMs = Math.max(point.lengthMs, row.lengthMs)
  if (row.histogram) point.histogram.addPacked(row.histogram)
}

function newPoint(lengthMs: number): Point {
  return {
    ...{ calls: 0, errors: 0, rows: 0, hits: 0, totalMs: 0, maxMs: 0, waitMs: 0, lengthMs },
    histogram: new LatencyHistogram(),
  }
}

function toSeries(
  points: ReadonlyMap<number, Point>,
  intervalMs: number,
): { readonly series: Series; readonly buffer: ArrayBuffer } {
  const starts = [...points.keys()].sort((a, b) => a - b)
  const numbers = new Float64Array(starts.length * columnCount)
  starts.forEach((startMs, index) => {
    const point = points.get(startMs)
    if (!point) return
    const values = [startMs + intervalMs, ...valuesOf(point)]
    values.forEach((value, column) => (numbers[column * starts.length + index] = value))
  })
  const series = { names: [...statementSeriesNames], intervalMs, pointCount: starts.length }
  return { series, buffer: numbers.buffer }
}

/** In the order of statementSeriesNames. */
function valuesOf(point: Point): number[] {
  const seconds = point.lengthMs / 1_000
  const { calls, errors, rows, hits, maxMs } = point
  const rates = [calls, errors, rows, hits].map((count) => count / seconds)
  if (calls === 0) return [...rates, ...Array.from({ length: columnCount - 1 - rates.length }, () => NaN)]
  const percentiles = point.histogram.percentiles([0.5, 0.95, 0.99], maxMs)
  return [...rates, point.totalMs / calls, ...percentiles, maxMs, point.waitMs / calls]
}
