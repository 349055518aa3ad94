/**
 * From the first window to the last moment of the process: who is open, who may keep the app from quitting, and in
 * which order it ends (app.md of Electron's documentation: before-quit, the windows, will-quit, quit).
 */

import { EventEmitter } from 'node:events'
import { preventable } from './strict.ts'

/** What `app` emits. */
export const appEvents = new EventEmitter()

interface OpenWindow {
  close(): void
  destroy(): void
}

const windows = new Set<OpenWindow>()
const endings: (() => void | Promise<void>)[] = []
let isQuitting = false
let isEnding = false

export function windowOpened(window: OpenWindow): void {
  windows.add(window)
}

export function windowClosed(window: OpenWindow): void {
  if (!windows.delete(window) || windows.size > 0 || isEnding) return
  if (isQuitting) askToEnd()
  else if (!appEvents.emit('window-all-closed')) quit()
}

/** A window was asked to close, and stays: the app stays too. */
export function windowStays(): void {
  isQuitting = false
}

/** Runs `fn` at the very end. */
export function onEnd(fn: () => void | Promise<void>): void {
  endings.push(fn)
}

export function quit(): void {
  if (isQuitting || isEnding) return
  const event = preventable({})
  appEvents.emit('before-quit', event)
  if (event.defaultPrevented) return
  isQuitting = true
  if (windows.size === 0) askToEnd()
  else for (const window of windows) window.close()
}

/** Ends at once: windows are not asked. */
export function exit(code = 0): void {
  isEnding = true
  for (const window of windows) window.destroy()
  void end(code)
}

function askToEnd(): void {
  const event = preventable({})
  appEvents.emit('will-quit', event)
  isQuitting = false
  if (event.defaultPrevented) return
  isEnding = true
  void end(0)
}

async function end(code: number): Promise<void> {
  appEvents.emit('quit', {}, code)
  for (const ending of endings.toReversed()) await ending()
  process.exit(code)
}
