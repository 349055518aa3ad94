/**
 * Entry of the Electron app: a thin shell around a host that runs in a process of its own. Opens windows, keeps
 * pages inside their bounds, and introduces each page to the host; no data passes through here.
 */

import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  MessageChannelMain,
  session,
  utilityProcess,
  type MessagePortMain,
} from 'electron'
import { systemClock } from '../../base/clock.ts'
import { toWireError } from '../../contract/error.ts'
import { dataDirectory } from '../host/data-directory.ts'
import { PageFiles } from '../page/page-files.ts'
import { pageFolder } from '../page/product-folder.ts'
import { setAppMenu } from './app-menu.ts'
import { isTrustedFrame } from './app-origin.ts'
import { registerAppScheme, servePage } from './app-protocol.ts'
import { openWindow } from './app-window.ts'
import { HostChild } from './host-child.ts'
import { guardPages, guardPermissions } from './web-guards.ts'

/** Sent by the preload script when its page wants to talk to the host. */
const requestPortChannel = 'wardian:request-port'

const hostEntry = join(import.meta.dirname, 'host-process.js')

const directory = dataDirectory(undefined, {
  platform: process.platform,
  environment: process.env,
  home: homedir(),
})

// One app for each data directory: what Electron keeps, its lock of the single instance too, lies within it.
const shellDirectory = join(directory, 'electron')
mkdirSync(shellDirectory, { recursive: true, mode: 0o700 })
app.setPath('userData', shellDirectory)
app.enableSandbox()
registerAppScheme()
guardPages(app)

// Not awaited: Electron becomes ready only when this module has been evaluated.
if (app.requestSingleInstanceLock()) run().catch((error: unknown) => fail(toWireError(error).message))
else app.quit()

async function run(): Promise<void> {
  let isHostStopped = false
  app.on('second-instance', () => showSomeWindow())
  app.on('window-all-closed', () => app.quit())
  await app.whenReady()
  const host = new HostChild<MessagePortMain>({
    fork: () => utilityProcess.fork(hostEntry, [directory], { serviceName: 'wardian-host' }),
    openChannel: () => new MessageChannelMain(),
    clock: systemClock,
    onFailure: fail,
  })
  // Not earlier: while windows close, their last edits are stored, and one that would lose text may stay.
  app.on('will-quit', (event) => {
    if (isHostStopped) return
    // The host closes its databases first; then this comes again.
    event.preventDefault()
    void host.stop().finally(() => {
      isHostStopped = true
      app.quit()
    })
  })
  guardPermissions(session.defaultSession)
  servePage(session.defaultSession, await PageFiles.read(pageFolder()))
  ipcMain.on(requestPortChannel, ({ senderFrame }) => {
    if (isTrustedFrame(senderFrame)) host.connect(senderFrame)
  })
  setAppMenu({
    newWindow: () => void openWindow().catch((error: unknown) => fail(toWireError(error).message)),
  })
  await openWindow()
}

function showSomeWindow(): void {
  const [window] = BrowserWindow.getAllWindows()
  if (!window) return
  if (window.isMinimized()) window.restore()
  window.focus()
}

function fail(message: string): void {
  dialog.showErrorBox('Wardian cannot go on', message)
  app.quit()
}
