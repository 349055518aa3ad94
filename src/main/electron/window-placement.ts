/**
 * Where a window goes: where it was, as far as a display is there that shows it. Numbers are device-independent pixels,
 * as Electron's. Imports nothing of Electron, so that it is tested.
 */

import { boolean, integer, nullable, object, string, type Infer } from '../../contract/schema.ts'

/** Far beyond any wall of displays; what is further is damage. */
const positionMax = 1_000_000
const position = integer(-positionMax, positionMax)
const size = integer(0, positionMax)

export const rectangleSchema = object({ x: position, y: position, width: size, height: size })
export type Rectangle = Infer<typeof rectangleSchema>

/** What is remembered of a window. */
export const windowRecordSchema = object({
  /** Neither maximised nor full screen. */
  bounds: rectangleSchema,
  isMaximized: boolean,
  isFullScreen: boolean,
  /** Its tabs; null until its page has told. */
  workspaceId: nullable(string(64, 1)),
})
export type WindowRecord = Infer<typeof windowRecordSchema>

export const smallestWindow = { width: 640, height: 400 }
const usualWindow = { width: 1_400, height: 900 }

/** A further window does not hide the one before. */
const cascadePx = 28

/** So much of a window must be on one display that it can be taken hold of. */
const visibleMinPx = 100

/** Bounds for a window that was at `wanted` (null: it was nowhere), given the parts of displays that windows have. */
export function placeWindow(wanted: Rectangle | null, workAreas: readonly Rectangle[]): Rectangle {
  const [primary] = workAreas
  if (!primary) return { x: 0, y: 0, ...usualWindow, ...wanted }
  if (!wanted) return centred(usualWindow, primary)
  const areas = [...workAreas].sort((one, other) => overlap(wanted, other) - overlap(wanted, one))
  const area = areas[0] ?? primary
  return isReachable(wanted, area) ? fitted(wanted, area) : centred(wanted, primary)
}

/** Where one more window goes, beside the one in front. */
export function cascaded(from: Rectangle): Rectangle {
  return { ...from, x: from.x + cascadePx, y: from.y + cascadePx }
}

/** Its title, which it is moved by, can be reached. */
function isReachable(wanted: Rectangle, area: Rectangle): boolean {
  const width = sharedWidth(wanted, area)
  const isTitleShown =
    wanted.y >= area.y - visibleMinPx && wanted.y <= area.y + area.height - visibleMinPx / 2
  return width >= Math.min(visibleMinPx, wanted.width) && overlap(wanted, area) > 0 && isTitleShown
}

/** Of a reasonable size, and wholly on the display. */
function fitted(wanted: Rectangle, area: Rectangle): Rectangle {
  const width = bounded(wanted.width, Math.min(smallestWindow.width, area.width), area.width)
  const height = bounded(wanted.height, Math.min(smallestWindow.height, area.height), area.height)
  return {
    x: bounded(wanted.x, area.x, area.x + area.width - width),
    y: bounded(wanted.y, area.y, area.y + area.height - height),
    width,
    height,
  }
}

function centred({ width, height }: Pick<Rectangle, 'width' | 'height'>, area: Rectangle): Rectangle {
  const x = Math.round(area.x + (area.width - width) / 2)
  const y = Math.round(area.y + (area.height - height) / 2)
  return fitted({ x, y, width, height }, area)
}

function overlap(one: Rectangle, other: Rectangle): number {
  return sharedWidth(one, other) * sharedHeight(one, other)
}

function sharedWidth(one: Rectangle, other: Rectangle): number {
  return Math.max(0, Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x))
}

function sharedHeight(one: Rectangle, other: Rectangle): number {
  return Math.max(0, Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y))
}

function bounded(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(value, max))
}
