/**
 * Entry of the Electron app: a thin shell around a host that runs in a process of its own. Opens windows, keeps
 * pages inside their bounds, and introduces each page to the host; no data passes through here.
 */

import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  app,
  dialog,
  MessageChannelMain,
  powerSaveBlocker,
  safeStorage,
  session,
  shell,
  utilityProcess,
  type MessagePortMain,
} from 'electron'
import { systemClock } from '../../base/clock.ts'
import { toWireError } from '../../contract/error.ts'
import type { ShellSettings } from '../../contract/shell-contract.ts'
import { createElectronHostPort } from '../../rpc/electron-port.ts'
import { dataDirectory } from '../host/data-directory.ts'
import { PageFiles } from '../page/page-files.ts'
import { pageFolder } from '../page/product-folder.ts'
import { linkScheme } from './app-link.ts'
import { AppMenu } from './app-menu.ts'
import { registerAppScheme, servePage } from './app-protocol.ts'
import { AppWindows } from './app-windows.ts'
import { startAutoUpdate } from './auto-update.ts'
import { GpuTrust, usesGpu } from './gpu-trust.ts'
import { HostChild } from './host-child.ts'
import { onPageAsks } from './ipc-gate.ts'
import { argumentsOf, OpenInbox } from './open-inbox.ts'
import { targetOfLink, targetsOf } from './open-target.ts'
import { proxyRules } from './proxy-rules.ts'
import { answerSealing } from './secret-sealer.ts'
import { ShellMemory } from './shell-record.ts'
import { startNotices } from './start-notices.ts'
import { WakeKeeper } from './wake-keeper.ts'
import { guardPages, guardPermissions } from './web-guards.ts'
import { shellPortChannel } from './window-shell.ts'

const hostEntry = join(import.meta.dirname, 'host-process.js')

const directory = dataDirectory(undefined, {
  platform: process.platform,
  environment: process.env,
  home: homedir(),
})

// One app for each data directory: what Electron keeps, its lock of the single instance too, lies within it.
const shellDirectory = join(directory, 'electron')
mkdirSync(shellDirectory, { recursive: true, mode: 0o700 })
const memory = new ShellMemory(shellDirectory, (error) => complain('Windows are not remembered', error))
/** What was asked for, until there are windows. */
const inbox = new OpenInbox()

app.setPath('userData', shellDirectory)
app.setAppUserModelId('dev.wardian.Wardian')
app.enableSandbox()
if (!usesGpu(memory.record)) app.disableHardwareAcceleration()
registerAppScheme()
guardPages(app, (address) => void shell.openExternal(address))
// Both may come before the app is ready.
app.on('open-file', (event, path) => {
  event.preventDefault()
  inbox.put(targetsOf([path], process.cwd()))
})
app.on('open-url', (event, link) => {
  event.preventDefault()
  inbox.put([targetOfLink(link)])
})

const given = { args: process.argv.slice(1), folder: process.cwd() }

// Not awaited: Electron becomes ready only when this module has been evaluated.
if (app.requestSingleInstanceLock(given)) run().catch((error: unknown) => fail(toWireError(error).message))
else app.quit()

async function run(): Promise<void> {
  const gpu = new GpuTrust(() => memory.change({ hasGpuFailed: true }))
  app.on('child-process-gone', (_event, details) => gpu.didEnd(details))
  await app.whenReady()
  const host = startHostChild()
  const windows: AppWindows = new AppWindows({
    memory,
    wakeKeeper: new WakeKeeper(powerSaveBlocker, systemClock, () => memory.record.settings.staysAwake),
    notices: startNotices(memory.record, { isSandboxOff: isSandboxOff() }),
    setSettings: (settings) => applySettings(settings, menu),
    didRememberFile: () => menu.show(memory.record.recentFiles),
    onFailure: (error) => complain('A window met a defect', error),
  })
  const menu = new AppMenu({
    newWindow: () => attempt(windows.openAnother()),
    run: (id) => windows.run(id),
    openFile: (path) => attempt(windows.openTargets(targetsOf([path], ''))),
    forgetFiles: () => {
      memory.change({ recentFiles: [] })
      menu.show([])
    },
  })
  quitInOrder(host, windows)
  await preparePages(host, windows)
  menu.show(memory.record.recentFiles)
  menu.setTray(memory.record.settings.staysInTray)
  inbox.put(targetsOf(given.args, given.folder))
  const opening = windows.openAsBefore()
  inbox.open((targets) => attempt(windows.openTargets(targets)))
  app.on('second-instance', (...[, argv, folder, sent]) => {
    const line = argumentsOf(sent, { args: argv.slice(1), folder })
    const targets = targetsOf(line.args, line.folder)
    attempt(targets.length > 0 ? windows.openTargets(targets) : windows.showOne())
  })
  app.on('activate', () => attempt(windows.showOne()))
  await opening
  startAutoUpdate(systemClock, () => memory.record.settings.updatesItself)
}

/** By who starts the app. A program that drives it, as tests do, has done so on purpose and reads no notices. */
function isSandboxOff(): boolean {
  const { commandLine } = app
  return commandLine.hasSwitch('no-sandbox') && !commandLine.hasSwitch('remote-debugging-port')
}

function startHostChild(): HostChild<MessagePortMain> {
  return new HostChild<MessagePortMain>({
    fork: () => utilityProcess.fork(hostEntry, [directory], { serviceName: 'wardian-host' }),
    openChannel: () => new MessageChannelMain(),
    clock: systemClock,
    onAsk: (message) => answerSealing(message, { keyring: safeStorage, platform: process.platform }),
    onFailure: fail,
  })
}

/** Everything that a page stands on, before there is one. */
async function preparePages(host: HostChild<MessagePortMain>, windows: AppWindows): Promise<void> {
  const { defaultSession } = session
  guardPermissions(defaultSession)
  defaultSession.setSpellCheckerEnabled(false)
  await defaultSession.setProxy(proxyRules(memory.record.settings))
  servePage(defaultSession, await PageFiles.read(pageFolder()))
  onPageAsks('wardian:request-port', (frame) => host.connect(frame))
  onPageAsks('wardian:request-shell-port', (frame, sender) => {
    const window = windows.of(sender)
    if (!window) return
    const { port1, port2 } = new MessageChannelMain()
    window.shell.attach(createElectronHostPort(port1))
    frame.postMessage(shellPortChannel, null, [port2])
  })
  // From a package the installer registers it; this is for those that are only unpacked.
  if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme)
}

async function applySettings(settings: ShellSettings, menu: AppMenu): Promise<void> {
  await session.defaultSession.setProxy(proxyRules(settings))
  const isGpuWishedAgain = settings.usesGpu && !memory.record.settings.usesGpu
  memory.change({ settings, ...(isGpuWishedAgain ? { hasGpuFailed: false } : {}) })
  menu.setTray(settings.staysInTray)
}

/** Windows first, which may want to stay, then the host with its databases, then the app. */
function quitInOrder(host: HostChild<MessagePortMain>, windows: AppWindows): void {
  let isHostStopped = false
  app.on('before-quit', () => windows.roster.willQuit())
  app.on('window-all-closed', () => {
    const staysWithout = process.platform === 'darwin' || memory.record.settings.staysInTray
    if (!staysWithout) app.quit()
  })
  // Not earlier: while windows close, their last edits are stored, and one that would lose text may stay.
  app.on('will-quit', (event) => {
    if (isHostStopped) return
    // The host closes its databases first; then this comes again.
    event.preventDefault()
    windows.roster.flush()
    windows.wakeKeeper.dispose()
    void Promise.allSettled([host.stop(), memory.flush()]).finally(() => {
      isHostStopped = true
      app.quit()
    })
  })
}

function attempt(action: Promise<void>): void {
  action.catch((error: unknown) => fail(toWireError(error).message))
}

function complain(what: string, error: unknown): void {
  process.stderr.write(`${what}: ${toWireError(error).message}\n`)
}

function fail(message: string): void {
  dialog.showErrorBox('Wardian cannot go on', message)
  app.quit()
}
