/** Series are read, joined and summed up without a value being lost, twice there or made up. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { windowBetween, zoomWindow } from './time-range.ts'
import { appendTail, decodeSeries, lowerBound, nearestIndex, summarise } from './time-series.ts'

const series = (times: readonly number[], offset = 0) =>
  decodeSeries(Float64Array.from([...times, ...times.map((time) => time + offset)]).buffer, ['value'])
const ascending = fc
  .uniqueArray(fc.integer({ min: 0, max: 500 }), { maxLength: 60 })
  .map((times) => times.toSorted((a, b) => a - b))

describe('a series', () => {
  it('is refused when its buffer does not hold its columns', () => {
    expect(() => decodeSeries(new ArrayBuffer(24), ['one'])).toThrow('A series of 1 columns has 24 bytes')
  })

  it('is, after a tail, what it was before the tail, and the tail', () => {
    fc.assert(
      fc.property(ascending, ascending, fc.integer({ min: 0, max: 500 }), (before, tail, fromMs) => {
        const joined = appendTail(series(before), series(tail, 1_000), fromMs)
        const kept = before.filter((time) => time >= fromMs && (tail[0] === undefined || time < tail[0]))
        expect([...joined.timesMs]).toEqual([...kept, ...tail])
        const values = [...kept, ...tail.map((time) => time + 1_000)]
        expect([...(joined.columns.get('value') ?? [])]).toEqual(values)
      }),
    )
  })

  it('knows the moment that is nearest', () => {
    fc.assert(
      fc.property(ascending, fc.integer({ min: -10, max: 510 }), (times, at) => {
        const index = nearestIndex(Float64Array.from(times), at)
        const distances = times.map((time) => Math.abs(time - at))
        expect(index === null ? Infinity : distances[index]).toBe(Math.min(...distances))
      }),
    )
  })

  it('is summed up within a window, without what is not known', () => {
    const timesMs = Float64Array.from([1, 2, 3, 4, 5])
    const values = Float64Array.from([100, Number.NaN, 7, 9, 100])
    expect(summarise(timesMs, values, { fromMs: 2, toMs: 4 })).toEqual({
      ...{ min: 7, max: 9, mean: 8, last: 9, maxAtMs: 4 },
    })
    expect(summarise(timesMs, values, { fromMs: 2, toMs: 2 })).toBe(null)
  })

  it('is searched by halves', () => {
    expect([0, 1, 2, 5, 6].map((value) => lowerBound(Float64Array.from([1, 2, 2, 5]), value))).toEqual([
      ...[0, 0, 1, 3, 4],
    ])
  })
})

describe('a window', () => {
  it('keeps the moment under the pointer where it is when it is zoomed', () => {
    const zoomed = zoomWindow({ fromMs: 0, toMs: 100_000 }, 25_000, 0.5)
    expect(zoomed).toEqual({ fromMs: 12_500, toMs: 62_500 })
  })

  it('never gets too short to show anything', () => {
    expect(windowBetween(1_000, 999)).toEqual({ fromMs: 999, toMs: 5_999 })
    const { fromMs, toMs } = zoomWindow({ fromMs: 0, toMs: 6_000 }, 3_000, 0.01)
    expect(toMs - fromMs).toBe(5_000)
  })
})
