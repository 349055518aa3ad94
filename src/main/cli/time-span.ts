/** Spans of time as people write them: `90s`, `15m`, `24h`, `7d`. */

import { InvalidArgumentError } from 'commander'

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** Longer than anything is kept. */
const daysMax = 3_650

/** In milliseconds. For options of commander. */
export function timeSpan(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const spanMs = Number(digits) * (unitMs[unit] ?? 0)
  if (spanMs > 0 && spanMs <= daysMax * 86_400_000) return spanMs
  throw new InvalidArgumentError('A span of time is a number with s, m, h or d, such as 15m.')
}
