/** Where nothing ran, nothing is drawn as if it had: neither a line across nor the last number for ever. */

import { describe, expect, it } from 'vitest'
import { withQuietParts } from './quiet-parts.ts'
import { decodeSeries } from './time-series.ts'

const window = { fromMs: 0, toMs: 1_000 }
const of = (times: readonly number[]) => ({
  ...decodeSeries(Float64Array.from([...times, ...times.map(() => 5), ...times.map(() => 7)]).buffer, [
    'calls',
    'p50',
  ]),
  partMs: 10,
})

describe('parts in which nothing ran', () => {
  it('are zero of what is counted and unknown of what is timed', () => {
    const filled = withQuietParts(of([0, 10, 50]), window, 55)
    expect([...filled.timesMs]).toEqual([0, 10, 20, 40, 50])
    expect([...(filled.columns.get('calls') ?? [])]).toEqual([5, 5, 0, 0, 5])
    expect([...(filled.columns.get('p50') ?? [])]).toEqual([7, 7, Number.NaN, Number.NaN, 7])
  })

  it('last until now, or until the window ends, but not while a part may be on its way', () => {
    expect([...withQuietParts(of([0]), window, 19).timesMs]).toEqual([0])
    expect([...withQuietParts(of([0]), window, 25).timesMs]).toEqual([0, 10, 25])
    expect([...withQuietParts(of([0]), { fromMs: 0, toMs: 30 }, 5_000).timesMs]).toEqual([0, 10, 30])
  })

  it('are not made up where nothing is counted in parts', () => {
    const samples = { ...of([0, 500]), partMs: null }
    expect(withQuietParts(samples, window, 2_000)).toBe(samples)
  })
})
