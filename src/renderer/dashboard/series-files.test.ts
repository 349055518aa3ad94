/** Exported numbers are those that there are, each at its moment. */

import { describe, expect, it } from 'vitest'
import { decodeSeries } from '../state/time-series.ts'
import { seriesCsv, seriesJson } from './series-files.ts'

const of = (names: readonly string[], ...numbers: readonly number[]) =>
  decodeSeries(Float64Array.from(numbers).buffer, names)
const series = {
  statements: of(['p50'], 0, 1_000, 0.5, Number.NaN),
  resources: of(['rss', 'a"b'], 1_000, 2_000, 7, 8, 1, 2),
}

describe('exported numbers', () => {
  it('are a row for each moment, empty where nothing was measured', () => {
    expect(seriesCsv(series).split('\r\n')).toEqual([
      'time,statements.p50,resources.rss,"resources.a""b"',
      '1970-01-01T00:00:00.000Z,0.5,,',
      '1970-01-01T00:00:01.000Z,,7,1',
      '1970-01-01T00:00:02.000Z,,8,2',
      '',
    ])
  })

  it('are columns as JSON', () => {
    expect(JSON.parse(seriesJson(series, { scope: 'shop', window: { fromMs: 0, toMs: 2_000 } }))).toEqual({
      ...{ scope: 'shop', from: '1970-01-01T00:00:00.000Z', to: '1970-01-01T00:00:02.000Z' },
      statements: { timeMs: [0, 1_000], p50: [0.5, null] },
      resources: { timeMs: [1_000, 2_000], rss: [7, 8], 'a"b': [1, 2] },
    })
  })
})
