/**
 * Numbers over time as the host sends them: one buffer, column after column. Decoding, joining what came later to
 * what is there, and summing up. Knows no metric and no chart. Pure.
 */

import { WorkbenchError } from '../../contract/error.ts'
import type { TimeWindow } from './time-range.ts'

/** All columns are as long as `timesMs`, which ascends. NaN is a moment of which nothing is known. */
export interface TimeSeries {
  readonly timesMs: Float64Array
  readonly columns: ReadonlyMap<string, Float64Array>
  /** Between two points of what is counted in parts, where a part without anything has none; null for samples. */
  readonly partMs: number | null
}

export const emptySeries: TimeSeries = { timesMs: new Float64Array(0), columns: new Map(), partMs: null }

/** Reads a buffer of doubles: the times, then the values of each of `names`. No copy is made. */
export function decodeSeries(buffer: ArrayBuffer, names: readonly string[]): TimeSeries {
  const columnCount = names.length + 1
  const length = buffer.byteLength / Float64Array.BYTES_PER_ELEMENT / columnCount
  if (!Number.isInteger(length)) {
    throw new WorkbenchError('internal', `A series of ${names.length} columns has ${buffer.byteLength} bytes`)
  }
  const column = (index: number): Float64Array =>
    new Float64Array(buffer, index * length * Float64Array.BYTES_PER_ELEMENT, length)
  const columns = new Map(names.map((name, index) => [name, column(index + 1)]))
  return { timesMs: column(0), columns, partMs: null }
}

/** `base` until the first moment of `tail`, then `tail`; what is older than `fromMs` is left out. */
export function appendTail(base: TimeSeries, tail: TimeSeries, fromMs: number): TimeSeries {
  const start = lowerBound(base.timesMs, fromMs)
  const [tailStartMs] = tail.timesMs
  const end = tailStartMs === undefined ? base.timesMs.length : lowerBound(base.timesMs, tailStartMs)
  if (start === 0 && end === base.timesMs.length && tail.timesMs.length === 0) return base
  const join = (left: Float64Array | undefined, right: Float64Array | undefined): Float64Array => {
    const kept = Math.max(0, end - start)
    const joined = new Float64Array(kept + tail.timesMs.length).fill(Number.NaN)
    if (left && kept > 0) joined.set(left.subarray(start, end))
    if (right) joined.set(right, kept)
    return joined
  }
  const names = new Set([...base.columns.keys(), ...tail.columns.keys()])
  return {
    timesMs: join(base.timesMs, tail.timesMs),
    columns: new Map([...names].map((name) => [name, join(base.columns.get(name), tail.columns.get(name))])),
    partMs: base.partMs ?? tail.partMs,
  }
}

/** The first index whose value is not less than `value`. */
export function lowerBound(ascending: Float64Array, value: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] ?? Number.POSITIVE_INFINITY) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** The index of the moment that is nearest to `atMs`; null where there is none. */
export function nearestIndex(timesMs: Float64Array, atMs: number): number | null {
  if (timesMs.length === 0) return null
  const after = Math.min(lowerBound(timesMs, atMs), timesMs.length - 1)
  const before = Math.max(0, after - 1)
  return atMs - (timesMs[before] ?? 0) <= (timesMs[after] ?? 0) - atMs ? before : after
}

export interface SeriesSummary {
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly last: number
  readonly maxAtMs: number
}

/** Sums up what is known within a window; null where nothing is. */
export function summarise(
  timesMs: Float64Array,
  values: Float64Array,
  { fromMs, toMs }: TimeWindow,
): SeriesSummary | null {
  let [min, max, sum, count, last, maxAtMs] = [Infinity, -Infinity, 0, 0, Number.NaN, 0]
  for (let index = lowerBound(timesMs, fromMs); index < timesMs.length; index += 1) {
    const atMs = timesMs[index] ?? 0
    if (atMs > toMs) break
    const value = values[index] ?? Number.NaN
    if (Number.isNaN(value)) continue
    count += 1
    sum += value
    last = value
    if (value < min) min = value
    if (value > max) {
      max = value
      maxAtMs = atMs
    }
  }
  return count === 0 ? null : { min, max, mean: sum / count, last, maxAtMs }
}
