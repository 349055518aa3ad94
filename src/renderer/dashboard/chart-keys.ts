/** What keys do on a chart: the cursor moves from point to point, the window gets closer, wider or moves. Pure. */

import { panWindow, zoomWindow, type TimeWindow } from '../state/time-range.ts'
import { lowerBound, nearestIndex } from '../state/time-series.ts'

export type KeyMove =
  | { readonly kind: 'point'; readonly atMs: number }
  | { readonly kind: 'zoom'; readonly window: TimeWindow }
  | { readonly kind: 'back' }

interface KeyPress {
  readonly key: string
  readonly shiftKey: boolean
}

interface KeyPlace {
  readonly window: TimeWindow
  readonly atMs: number
  readonly timesMs: Float64Array
}

/** Points that PageUp and PageDown go at once. */
const pagePoints = 10
const zoomFactor = 2
const panShare = 0.25

export function keyMove({ key, shiftKey }: KeyPress, { window, atMs, timesMs }: KeyPlace): KeyMove | null {
  const stepBy = (points: number): KeyMove | null => {
    const nearest = nearestIndex(timesMs, atMs)
    if (nearest === null) return null
    const first = lowerBound(timesMs, window.fromMs)
    const last = Math.max(first, lowerBound(timesMs, window.toMs + 1) - 1)
    const to = timesMs[Math.min(last, Math.max(first, nearest + points))]
    return to === undefined ? null : { kind: 'point', atMs: to }
  }
  switch (key) {
    case 'ArrowLeft':
      return shiftKey ? { kind: 'zoom', window: panWindow(window, -panShare) } : stepBy(-1)
    case 'ArrowRight':
      return shiftKey ? { kind: 'zoom', window: panWindow(window, panShare) } : stepBy(1)
    case 'PageUp':
      return stepBy(-pagePoints)
    case 'PageDown':
      return stepBy(pagePoints)
    case 'Home':
      return stepBy(-timesMs.length)
    case 'End':
      return stepBy(timesMs.length)
    case '+':
    case '=':
      return { kind: 'zoom', window: zoomWindow(window, atMs, 1 / zoomFactor) }
    case '-':
      return { kind: 'zoom', window: zoomWindow(window, atMs, zoomFactor) }
    case '0':
    case 'Backspace':
      return { kind: 'back' }
    default:
      return null
  }
}
