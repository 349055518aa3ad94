/**
 * How far one wheel event scrolls. Pure: the parts of an event go in, pixels come out.
 */

/** Rows for one notch of a wheel, whatever the height of a row: what spreadsheets do. */
export const wheelNotchRows = 3
/** What one notch of a mouse wheel reports as `wheelDelta` (UI Events, legacy WheelEvent members). */
const wheelDeltaPerNotch = 120

/** The most pixels that systems give one notch, with their scrolling set to its fastest. */
const notchPxMax = 400

/** The parts of a WheelEvent that matter; `wheelDelta*` are absent in some browsers. */
export interface WheelParts {
  readonly deltaX: number
  readonly deltaY: number
  readonly deltaMode: number
  readonly shiftKey: boolean
  readonly wheelDeltaY?: number
}

/** Pixels to scroll in both directions. Trackpads are followed exactly, wheels move whole rows. */
export function wheelStepPx(
  parts: WheelParts,
  sizes: { readonly rowHeightPx: number; readonly pageRows: number },
): { readonly x: number; readonly y: number } {
  const isSideways = parts.shiftKey && parts.deltaX === 0
  const unitPx = [1, sizes.rowHeightPx, sizes.rowHeightPx * sizes.pageRows][parts.deltaMode] ?? 1
  if (isSideways) return { x: parts.deltaY * unitPx, y: 0 }
  const notches = parts.deltaMode === 0 ? notchesOf(parts) : 0
  const y = notches === 0 ? parts.deltaY * unitPx : notches * wheelNotchRows * sizes.rowHeightPx
  return { x: parts.deltaX * unitPx, y }
}

/**
 * Whole notches of a wheel; 0 for a trackpad, whose deltas are finer. On a Mac a trackpad's `wheelDelta` is three
 * times its delta, so that it can happen to be a whole number of notches.
 */
function notchesOf(parts: WheelParts): number {
  const delta = Math.abs(parts.wheelDeltaY ?? 0)
  if (delta === 0 || delta % wheelDeltaPerNotch !== 0 || delta === 3 * Math.abs(parts.deltaY)) return 0
  const notches = delta / wheelDeltaPerNotch
  // Nothing turns that fast: it was asked for in pixels, by a program.
  if (Math.abs(parts.deltaY) / notches > notchPxMax) return 0
  return Math.sign(parts.deltaY) * notches
}
