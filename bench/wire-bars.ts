/**
 * Whether one server is as fast as it must be beside another: by the median of what it was to the other in each round,
 * since a machine's speed is not the same in the next one. Knows no server.
 */

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

/** null where nothing was measured beside it, or the other failed in every round: it is behind whoever did not. */
export function judge(ours: Rates, others: Rates | undefined, { other, factor }: Bar): Verdict | null {
  const known = ours.filter((rate) => rate !== null)
  if (known.length === 0 || known.length < ours.length) return { text: 'failed', isMissed: true }
  const ratios = known.flatMap((rate, round) => {
    const beside = others?.[round] ?? null
    return beside === null ? [] : [rate / beside]
  })
  if (ratios.length === 0) return null
  const times = median(ratios)
  const isMissed = times < factor
  const text = `${times.toFixed(2)} × ${other}`
  return { text: isMissed ? `${text}, not ${factor}` : text, isMissed }
}

export function medianOrNull(rates: Rates): number | null {
  const known = rates.filter((rate) => rate !== null)
  return known.length > 0 && known.length === rates.length ? median(known) : null
}
