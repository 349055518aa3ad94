/**
 * What `import … from 'electron'` gives under the stand-in. Each name is checked against Electron's own types; a name
 * that is not here cannot be imported.
 */

import type Electron from 'electron'
import { StandInChannel } from './message-ports.ts'
import { StandInMenu, StandInMenuItem } from './menu.ts'
import { StandInNotification } from './notification.ts'
import { StandInTray } from './tray.ts'
import { StandInWindow } from './browser-window.ts'

export { app } from './app.ts'
export { dialog } from './dialog.ts'
export { ipcMain } from './ipc-main.ts'
export { nativeImage } from './native-image.ts'
export { nativeTheme } from './native-theme.ts'
export { powerSaveBlocker } from './power-save-blocker.ts'
export { protocol } from './protocol.ts'
export { safeStorage } from './safe-storage.ts'
export { screen } from './screen.ts'
export { session } from './session.ts'
export { shell } from './shell.ts'
export { utilityProcess } from './utility-process.ts'
export { webContents } from './web-contents.ts'

type Statics<Name extends keyof typeof Electron, Keys extends keyof (typeof Electron)[Name]> = Record<
  Keys,
  unknown
> &
  Pick<(typeof Electron)[Name], never>

export const BrowserWindow = StandInWindow satisfies Statics<
  'BrowserWindow',
  'getAllWindows' | 'getFocusedWindow' | 'fromWebContents' | 'fromId'
>
export const Menu = StandInMenu satisfies Statics<
  'Menu',
  'buildFromTemplate' | 'setApplicationMenu' | 'getApplicationMenu'
>
export const MenuItem = StandInMenuItem
export const MessageChannelMain = StandInChannel
export const Notification = StandInNotification satisfies Statics<'Notification', 'isSupported'>
export const Tray = StandInTray
