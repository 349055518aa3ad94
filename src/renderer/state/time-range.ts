/**
 * Which stretch of time somebody looks at: the last minutes, since a moment, or between two moments. Knows no chart
 * and no data. Pure.
 */

/** From one moment to a later one, in milliseconds since 1970. */
export interface TimeWindow {
  readonly fromMs: number
  readonly toMs: number
}

export type TimeRange =
  /** Ends now, and moves with the clock. */
  | { readonly kind: 'last'; readonly lengthMs: number }
  /** Begins at a moment, and grows with the clock. */
  | { readonly kind: 'since'; readonly fromMs: number }
  | ({ readonly kind: 'fixed' } & TimeWindow)

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** What one looks at most, by name. */
export const rangePresets: readonly (readonly [lengthMs: number, title: string])[] = [
  [5 * minuteMs, 'Last 5 minutes'],
  [15 * minuteMs, 'Last 15 minutes'],
  [hourMs, 'Last hour'],
  [3 * hourMs, 'Last 3 hours'],
  [6 * hourMs, 'Last 6 hours'],
  [12 * hourMs, 'Last 12 hours'],
  [24 * hourMs, 'Last 24 hours'],
]

export const defaultRange: TimeRange = { kind: 'last', lengthMs: 15 * minuteMs }

/** Less than this shows nothing: a sample is taken once a second. */
const windowMinMs = 5_000

/** More than this is kept nowhere. */
const windowMaxMs = 366 * 24 * hourMs

/** The stretch that a range means at `nowMs`. */
export function windowOf(range: TimeRange, nowMs: number): TimeWindow {
  switch (range.kind) {
    case 'last':
      return { fromMs: nowMs - range.lengthMs, toMs: nowMs }
    case 'since':
      return { fromMs: range.fromMs, toMs: Math.max(nowMs, range.fromMs + windowMinMs) }
    case 'fixed':
      return { fromMs: range.fromMs, toMs: range.toMs }
  }
}

/** Whether it moves with the clock. */
export function isMoving(range: TimeRange): boolean {
  return range.kind !== 'fixed'
}

/** A window made `factor` as long, in which `aroundMs` stays where it is. */
export function zoomWindow({ fromMs, toMs }: TimeWindow, aroundMs: number, factor: number): TimeWindow {
  const length = Math.min(windowMaxMs, Math.max(windowMinMs, (toMs - fromMs) * factor))
  const share = toMs > fromMs ? (aroundMs - fromMs) / (toMs - fromMs) : 0.5
  const from = Math.round(aroundMs - length * Math.min(1, Math.max(0, share)))
  return { fromMs: from, toMs: Math.round(from + length) }
}

/** A window moved by a share of its length. */
export function panWindow({ fromMs, toMs }: TimeWindow, share: number): TimeWindow {
  const byMs = Math.round((toMs - fromMs) * share)
  return { fromMs: fromMs + byMs, toMs: toMs + byMs }
}

/** Two moments in any order as a window that is long enough to show something. */
export function windowBetween(oneMs: number, otherMs: number): TimeWindow {
  const fromMs = Math.round(Math.min(oneMs, otherMs))
  return { fromMs, toMs: Math.max(Math.round(Math.max(oneMs, otherMs)), fromMs + windowMinMs) }
}
