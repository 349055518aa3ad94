/**
 * How windows are made: sandboxed, isolated, and hidden until they have something to show. Imports nothing of Electron
 * but a type, so that it is tested. The only file that writes `webPreferences`.
 */

import { join } from 'node:path'
import type { BrowserWindowConstructorOptions } from 'electron'
import { smallestWindow, type Rectangle } from './window-placement.ts'

const preload = join(import.meta.dirname, '../../../../preload/preload.cjs')

/** Those of Electron's defaults that security rests on are written down, so that they stay when defaults change. */
export function windowOptions(bounds: Rectangle): BrowserWindowConstructorOptions {
  return {
    ...bounds,
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    show: false,
    title: 'Wardian',
    // Surface 0 of the dark theme, so that nothing flashes while the page loads.
    backgroundColor: '#14161a',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      // Of SQL nothing is a misspelt word, and no dictionary is downloaded.
      spellcheck: false,
    },
  }
}
