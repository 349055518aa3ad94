/** Which options of a window's page the stand-in refuses, since each of them opens the page to the machine. */

import { isAbsolute } from 'node:path'
import type Electron from 'electron'

const unsafe = {
  allowRunningInsecureContent: true,
  contextIsolation: false,
  experimentalFeatures: true,
  nodeIntegration: true,
  nodeIntegrationInSubFrames: true,
  nodeIntegrationInWorker: true,
  sandbox: false,
  webSecurity: false,
  webviewTag: true,
} as const satisfies Partial<Record<keyof Electron.WebPreferences, boolean>>

/** Throws when `preferences` are unsafe, or need what is not modelled. */
export function refuseUnsafe(preferences: Electron.WebPreferences): void {
  for (const [name, value] of Object.entries(unsafe)) {
    if (Reflect.get(preferences, name) === value) {
      throw new Error(`stand-in: refuses webPreferences.${name}: ${String(value)}`)
    }
  }
  for (const name of [
    'enableBlinkFeatures',
    'disableBlinkFeatures',
    'additionalArguments',
    'partition',
    'session',
  ]) {
    if (Reflect.get(preferences, name) !== undefined) {
      throw new Error(`stand-in: refuses webPreferences.${name}`)
    }
  }
  if (preferences.preload !== undefined && !isAbsolute(preferences.preload)) {
    throw new Error(`stand-in: webPreferences.preload must be absolute: ${preferences.preload}`)
  }
}
