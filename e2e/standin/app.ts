/** `app`: where things lie, what it is called, its switches, and the lock of the single instance. */

import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type Electron from 'electron'
import { note } from './asked.ts'
import { launch, manifest } from './launch.ts'
import { appEvents, exit, onEnd, quit } from './lifecycle.ts'
import { isAppReady } from './readiness.ts'
import { SingleInstance } from './single-instance.ts'
import { notImplemented, strict } from './strict.ts'
import { utilityMetrics } from './utility-process.ts'

const switches = new Map<string, string>(launch.switches)
const ready = Promise.withResolvers<void>()
const paths = new Map<string, string>([
  ['home', homedir()],
  ['temp', tmpdir()],
  ['appData', join(tmpdir(), `wardian-standin-data-${process.pid}`)],
  ['exe', process.execPath],
  ['documents', homedir()],
  ['downloads', homedir()],
])
let instance: SingleInstance | null = null

const commandLine = strict('app.commandLine', {
  appendSwitch: (name, value = '') => void switches.set(name, value),
  appendArgument: (value) => note('app.commandLine.appendArgument', value),
  hasSwitch: (name) => switches.has(name),
  getSwitchValue: (name) => switches.get(name) ?? '',
  removeSwitch: (name) => void switches.delete(name),
} satisfies Electron.CommandLine)

function pathOf(name: string): string {
  const path = paths.get(name)
  if (path !== undefined) return path
  if (name === 'userData' || name === 'sessionData') return join(pathOf('appData'), manifest.name)
  if (name === 'logs' || name === 'crashDumps') return join(pathOf('userData'), name)
  throw notImplemented(`app.getPath('${name}')`)
}

function requestLock(additionalData: Record<string, unknown> = {}): boolean {
  const details = { argv: [...process.argv], workingDirectory: process.cwd(), additionalData }
  instance ??= SingleInstance.request(pathOf('userData'), details, (second) => {
    appEvents.emit('second-instance', {}, second.argv, second.workingDirectory, second.additionalData)
  })
  return instance !== null
}

function releaseLock(): void {
  instance?.release()
  instance = null
}
onEnd(releaseLock)

let name = manifest.name

const members = {
  commandLine,
  isPackaged: false,
  name,
  dock: undefined,
  whenReady: () => ready.promise,
  isReady: isAppReady,
  quit,
  exit,
  relaunch: (options) => note('app.relaunch', options),
  focus: () => note('app.focus'),
  getName: () => name,
  setName: (newName) => void (name = newName),
  getVersion: () => manifest.version,
  getAppPath: () => manifest.folder,
  getLocale: () => 'en-US',
  getPath: pathOf,
  setPath: (name, path) => void paths.set(name, path),
  enableSandbox: () => note('app.enableSandbox'),
  disableHardwareAcceleration: () => note('app.disableHardwareAcceleration'),
  requestSingleInstanceLock: requestLock,
  hasSingleInstanceLock: () => instance !== null,
  releaseSingleInstanceLock: releaseLock,
  setAppUserModelId: (id) => note('app.setAppUserModelId', id),
  setAboutPanelOptions: (options) => note('app.setAboutPanelOptions', options),
  setAsDefaultProtocolClient: (scheme) => {
    note('app.setAsDefaultProtocolClient', scheme)
    return true
  },
  addRecentDocument: (path) => note('app.addRecentDocument', path),
  clearRecentDocuments: () => note('app.clearRecentDocuments'),
  getAppMetrics: () => [...utilityMetrics()],
  setBadgeCount: (count) => {
    note('app.setBadgeCount', count)
    return false
  },
} satisfies Partial<{ -readonly [Name in keyof Electron.App]: Electron.App[Name] | undefined }>

export const app = strict('app', Object.assign(appEvents, members))

/** The switches that Chromium is started with: those of the command line and those that the app set. */
export function chromiumSwitches(): readonly string[] {
  return [...switches].flatMap(([name, value]) => {
    if (['inspect', 'inspect-brk', 'remote-debugging-port'].includes(name)) return []
    return [value === '' ? `--${name}` : `--${name}=${value}`]
  })
}

/** The app has become ready. */
export function announceReady(): void {
  ready.resolve()
  appEvents.emit('ready', {}, {})
}
