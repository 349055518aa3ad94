/** `screen`: one display, or those that STANDIN_DISPLAYS lists as JSON of rectangles. */

import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { onlyWhenReady } from './readiness.ts'
import { strict } from './strict.ts'

const defaultDisplays: readonly Electron.Rectangle[] = [{ x: 0, y: 0, width: 1_920, height: 1_080 }]

/** What a panel of the desktop takes of each display, at its top. */
const panelHeight = 32

function displays(): Electron.Display[] {
  const listed = process.env['STANDIN_DISPLAYS']
  const rectangles = listed === undefined ? defaultDisplays : (JSON.parse(listed) as Electron.Rectangle[])
  return rectangles.map((bounds, index) => {
    const { x, y, width, height } = bounds
    const workArea = { x, y: y + panelHeight, width, height: height - panelHeight }
    const size = { width, height }
    const workAreaSize = { width, height: height - panelHeight }
    return strict('Display', {
      id: index + 1,
      bounds,
      size,
      workArea,
      workAreaSize,
      scaleFactor: 1,
      rotation: 0,
      internal: false,
      label: `Display ${index + 1}`,
    } satisfies Partial<Electron.Display>) as unknown as Electron.Display
  })
}

/** The work area of the first display. */
export function primaryWorkArea(): Electron.Rectangle {
  return displays()[0]?.workArea ?? { x: 0, y: 0, width: 0, height: 0 }
}

const members = {
  getAllDisplays: onlyWhenReady('screen', displays),
  getPrimaryDisplay: onlyWhenReady('screen', () => displays()[0] as Electron.Display),
} satisfies Partial<Electron.Screen>

export const screen = strict('screen', Object.assign(new EventEmitter(), members))
