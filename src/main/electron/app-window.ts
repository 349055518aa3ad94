/** Windows of the app: sandboxed, isolated, and shown when they have something to show. */

import { join } from 'node:path'
import { BrowserWindow, dialog } from 'electron'
import { appUrl } from './app-origin.ts'
import { mayLeave } from './leave-question.ts'

const preload = join(import.meta.dirname, '../../../../preload/preload.cjs')

/** Opens a window on the page; rejects when the page cannot be loaded. */
export async function openWindow(): Promise<BrowserWindow> {
  const window = new BrowserWindow({
    width: 1_400,
    height: 900,
    minWidth: 640,
    minHeight: 400,
    show: false,
    title: 'Wardian',
    // Surface 0 of the dark theme, so that nothing flashes while the page loads.
    backgroundColor: '#14161a',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  })
  // The page wants to stay. Preventing that lets it go; without a listener the window could not be closed at all.
  window.webContents.on('will-prevent-unload', (event) => {
    if (mayLeave((question) => dialog.showMessageBoxSync(window, { ...question }))) event.preventDefault()
  })
  window.once('ready-to-show', () => window.show())
  await window.loadURL(appUrl)
  return window
}
