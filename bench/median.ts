/** The middle of some measurements: benchmarks judge medians, because a busy machine only ever adds time. */

import { present } from '../src/base/assert.ts'

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = present(sorted[middle], 'a measurement')
  return sorted.length % 2 === 1 ? upper : (upper + present(sorted[middle - 1], 'a measurement')) / 2
}
