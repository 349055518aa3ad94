/** The middle of some measurements: benchmarks judge medians, because a busy machine only ever adds time. */

import { present } from '../src/base/assert.ts'

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = present(sorted[middle], 'a measurement')
  return sorted.length % 2 === 1 ? upper : (upper + present(sorted[middle - 1], 'a measurement')) / 2
}

export interface MedianInterval {
  readonly median: number
  /** With 95 % certainty the median of everything that could have been measured lies between these. */
  readonly low: number
  readonly high: number
}

/** Of six measurements or more, whatever their distribution: by ranks, from the binomial one (n/2 -+ 0.98 sqrt n). */
export function medianInterval(values: readonly number[]): MedianInterval {
  const sorted = [...values].sort((a, b) => a - b)
  const { length } = sorted
  const reach = 0.98 * Math.sqrt(length)
  const low = Math.max(0, Math.floor(length / 2 - reach))
  const high = Math.min(length - 1, Math.ceil(length / 2 + reach) - 1)
  const at = (index: number): number => present(sorted[index], 'a measurement')
  return { median: median(sorted), low: at(low), high: at(high) }
}
