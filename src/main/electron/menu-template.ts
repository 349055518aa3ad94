/**
 * The app's menu as data: what the platform expects, and no key that the editor or the page needs. Keys of the page's
 * own commands are shown beside them and not taken. Imports nothing of Electron but a type, so that it is tested.
 */

import { basename } from 'node:path'
import type { MenuItemConstructorOptions } from 'electron'
import type { MenuCommandId } from '../../contract/shell-request.ts'

export interface MenuActions {
  newWindow(): void
  /** Has the window in front run a command of its page. */
  run(command: MenuCommandId): void
  openFile(path: string): void
  forgetFiles(): void
}

export interface MenuWishes {
  readonly platform: NodeJS.Platform
  readonly recentFiles: readonly string[]
  readonly actions: MenuActions
}

/** The longest that a menu shows without becoming a page. */
const recentLabelLengthMax = 60

export function menuTemplate({ platform, recentFiles, actions }: MenuWishes): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin'
  /** `shown`: the key that the page has for it, if any. */
  const command = (id: MenuCommandId, label: string, shown?: string): MenuItemConstructorOptions => ({
    ...{ id, label, click: () => actions.run(id) },
    ...(shown === undefined ? {} : { accelerator: shown, registerAccelerator: false }),
  })
  const line: MenuItemConstructorOptions = { type: 'separator' }
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        command('tab.new', 'New Console', 'Alt+T'),
        {
          id: 'new-window',
          label: 'New Window',
          accelerator: 'CmdOrCtrl+Shift+N',
          click: () => actions.newWindow(),
        },
        line,
        command('file.open-sql', 'Open SQL File…', 'CmdOrCtrl+O'),
        { id: 'recent', label: 'Open Recent', submenu: recentItems(recentFiles, actions) },
        line,
        command('tab.reopen', 'Reopen Closed Console', 'Alt+Shift+T'),
        command('tab.close', 'Close Console', 'Alt+W'),
        { role: 'close', accelerator: 'CmdOrCtrl+Shift+W' },
        line,
        command('app.settings', 'App Settings…'),
        ...(isMac ? [] : [line, { role: 'quit' } as const]),
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Database',
      submenu: [
        command('database.new', 'New Database…'),
        command('database.import', 'Import from a File…'),
        command('database.open-directory', 'Open a Directory…'),
        command('database.export', 'Export to a File…'),
      ],
    },
    {
      label: '&View',
      submenu: [
        command('app.palette', 'All Commands', 'CmdOrCtrl+Shift+P'),
        line,
        command('view.databases', 'Databases', 'CmdOrCtrl+Shift+E'),
        command('view.history', 'History', 'CmdOrCtrl+Shift+H'),
        command('view.dashboard', 'Dashboard', 'Alt+M'),
        command('view.instances', 'Manage Databases', 'Alt+D'),
        command('view.endpoints', 'Endpoints', 'Alt+P'),
        command('view.sidebar', 'Sidebar', 'CmdOrCtrl+B'),
        line,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        line,
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
  ]
}

/** Of the icon in the tray or the dock. */
export function iconMenuTemplate(
  actions: Pick<MenuActions, 'newWindow'> & { quit(): void },
  { hasQuit }: { readonly hasQuit: boolean },
): MenuItemConstructorOptions[] {
  return [
    { id: 'icon-new-window', label: 'New Window', click: () => actions.newWindow() },
    ...(hasQuit ? [{ id: 'icon-quit', label: 'Quit Wardian', click: () => actions.quit() }] : []),
  ]
}

function recentItems(files: readonly string[], actions: MenuActions): MenuItemConstructorOptions[] {
  if (files.length === 0) return [{ label: 'No files yet', enabled: false }]
  return [
    ...files.map((path): MenuItemConstructorOptions => ({
      label: recentLabel(path),
      click: () => actions.openFile(path),
    })),
    { type: 'separator' },
    { id: 'forget-files', label: 'Clear', click: () => actions.forgetFiles() },
  ]
}

/** An ampersand would underline what follows it. */
function recentLabel(path: string): string {
  const name = basename(path)
  const label = path.length <= recentLabelLengthMax ? path : `…${path.slice(-recentLabelLengthMax)}`
  return `${name === path ? name : label}`.replaceAll('&', '&&')
}
