/** A range of time in words. Pure. */

import { rangePresets, type TimeRange, type TimeWindow } from '../state/time-range.ts'
import { clockTime } from './clock-time.ts'
import { formatMoment } from '../widgets/number-format.ts'

const dayMs = 86_400_000

/** `Last hour`, `Since 14:02`, `14:02:10 – 14:05:00`. */
export function rangeWords(range: TimeRange, nowMs: number): string {
  switch (range.kind) {
    case 'last': {
      const preset = rangePresets.find(([lengthMs]) => lengthMs === range.lengthMs)
      return preset?.[1] ?? `Last ${Math.round(range.lengthMs / 60_000)} minutes`
    }
    case 'since':
      return `Since ${formatMoment(range.fromMs, nowMs)}`
    case 'fixed':
      return windowWords(range, nowMs)
  }
}

/** Both ends; with their day where it is not today, with seconds where they count. */
export function windowWords({ fromMs, toMs }: TimeWindow, nowMs: number): string {
  const isShort = toMs - fromMs < 600_000
  const write = (atMs: number): string => {
    const at = new Date(atMs)
    const time = clockTime(atMs, isShort)
    const isToday = Math.abs(nowMs - atMs) < dayMs && at.getDate() === new Date(nowMs).getDate()
    return isToday ? time : `${at.toLocaleDateString(undefined, { day: 'numeric', month: 'short' })} ${time}`
  }
  return `${write(fromMs)} – ${write(toMs)}`
}
