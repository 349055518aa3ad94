/** Numbers of charts are short, and none is misread. */

import { describe, expect, it } from 'vitest'
import { formatTick, formatValue, type ChartUnit } from './chart-units.ts'

const written: readonly (readonly [value: number, unit: ChartUnit, text: string, tick: string])[] = [
  [0, 'ms', '0 ms', '0 ms'],
  [0.0423, 'ms', '42.3 µs', '42.3 µs'],
  [1.5, 'ms', '1.50 ms', '1.5 ms'],
  [12.34, 'ms', '12.3 ms', '12.3 ms'],
  [340, 'ms', '340 ms', '340 ms'],
  [2_000, 'ms', '2.00 s', '2 s'],
  [90_000, 'ms', '1.50 min', '1.5 min'],
  [0.52, 'cores', '0.52 cores', '0.52'],
  [12, 'cores', '12.0 cores', '12'],
  [0, 'bytes', '0 B', '0 B'],
  [1_023, 'bytes', '1.00 KB', '1 KB'],
  [148 * 1_048_576, 'bytes', '148 MB', '148 MB'],
  [1.5 * 1_073_741_824, 'bytes', '1.50 GB', '1.5 GB'],
  [2_048, 'bytes/s', '2.00 KB/s', '2 KB'],
  [1_204, '1/s', '1,204/s', '1.2K'],
  [0.25, '1/s', '0.25/s', '0.25'],
  [0.354, 'ratio', '35.4 %', '35.4%'],
  [1, 'ratio', '100 %', '100%'],
  [0.99999, 'ratio', '100 %', '100%'],
  [0, 'ratio', '0 %', '0%'],
  [40_000, 'count', '40,000', '40K'],
  [Number.NaN, 'ms', '–', '–'],
]

describe('a number of a chart', () => {
  it.each(written)('%d of %s is written %s', (...[value, unit, text, tick]) => {
    expect([formatValue(value, unit), formatTick(value, unit)]).toEqual([text, tick])
  })
})
