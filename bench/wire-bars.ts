/**
 * Whether one server is as fast as it must be beside another: by the median of what it was to the other in each round,
 * since a machine's speed is not the same in the next one. Knows no server.
 */

import { assert } from '../src/base/assert.ts'
import { median } from './median.ts'

/** In the order of the rounds; null where one failed. */
export type Rates = readonly (number | null)[]

export interface Bar {
  readonly other: string
  /** How many times the other's rate is enough. */
  readonly factor: number
}

export interface Verdict {
  readonly text: string
  readonly isMissed: boolean
}

/** Both of the same rounds. Who failed in all of them is behind whoever did not. */
export function judge(ours: Rates, others: Rates, { other, factor }: Bar): Verdict {
  assert(ours.length > 0 && ours.length === others.length, 'Both were measured in every round')
  const known = ours.filter((rate) => rate !== null)
  if (known.length < ours.length) return { text: 'failed', isMissed: true }
  const ratios = known.flatMap((rate, round) => {
    const beside = others[round] ?? null
    return beside === null ? [] : [rate / beside]
  })
  if (ratios.length === 0) return { text: `${other} failed`, isMissed: false }
  const times = median(ratios)
  const isMissed = times < factor
  const text = `${times.toFixed(2)} × ${other}`
  return { text: isMissed ? `${text}, not ${factor}` : text, isMissed }
}

export function medianOrNull(rates: Rates): number | null {
  const known = rates.filter((rate) => rate !== null)
  return known.length > 0 && known.length === rates.length ? median(known) : null
}
