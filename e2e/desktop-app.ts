/**
 * The desktop app as built, for a spec: started by Playwright as it starts Electron, with the real executable or with
 * the stand-in for it. Knows no page.
 */

import { join } from 'node:path'
import { _electron, type ElectronApplication } from '@playwright/test'

/** `electron` is the executable of Electron itself; a pass on `standin` is no pass on it. */
export type DesktopTarget = 'standin' | 'electron'

export interface DesktopLaunch {
  readonly target: DesktopTarget
  readonly dataDirectory: string
  /** Given to the app after its path, such as files to open. */
  readonly args?: readonly string[]
  /** Added to the environment. */
  readonly environment?: Readonly<Record<string, string>>
  /** Another app than the one of this repository, such as a packed one. */
  readonly appFolder?: string
}

const root = join(import.meta.dirname, '..')
const standIn = join(import.meta.dirname, 'standin')

/** Playwright looks for the executable in the environment of this very process. */
const executableFolder = 'ELECTRON_OVERRIDE_DIST_PATH'

/** On a busy machine. */
export const launchTimeoutMs = 120_000

/** Starts the app; its first window opens by itself (`firstWindow`). */
export async function launchDesktop(launch: DesktopLaunch): Promise<ElectronApplication> {
  const { target, dataDirectory, args = [], environment = {}, appFolder = root } = launch
  if (target === 'standin') process.env[executableFolder] = standIn
  const app = await _electron.launch({
    args: [appFolder, ...args],
    cwd: root,
    // Playwright would tell pages that people prefer the light one.
    colorScheme: null,
    timeout: launchTimeoutMs,
    // As in a browser: without it no spec hears of what is saved.
    acceptDownloads: true,
    env: {
      ...environmentOfThis(),
      WARDIAN_DATA: dataDirectory,
      // A Node that runs the stand-in's sources; Electron has its own.
      STANDIN_NODE: process.execPath,
      ...environment,
    },
  })
  // As Playwright has it for browsers that it starts itself: the bound is that of the spec.
  app.context().setDefaultTimeout(0)
  app.context().setDefaultNavigationTimeout(0)
  return app
}

function environmentOfThis(): Record<string, string> {
  const entries = Object.entries(process.env)
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
