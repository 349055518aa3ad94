/**
 * Opens an address in a window of its own, without tabs and address line, where a browser is installed that has such
 * windows; else as any address is opened. Looks for programs by name, and starts them without a shell.
 */

import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { openBrowser } from './open-browser.ts'

/** Chromium and its kin, which know `--app` (https://peter.sh/experiments/chromium-command-line-switches/). */
const programs = [
  ...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  ...['microsoft-edge', 'microsoft-edge-stable', 'brave-browser', 'vivaldi'],
]

/** By which desktops know that the window belongs to the menu entry of this name. */
const windowClass = 'wardian-server'

/** Path of a browser that opens windows of their own, or null. */
export function findAppBrowser(environment: NodeJS.ProcessEnv): string | null {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const paths = programs.flatMap((program) => folders.map((folder) => join(folder, program)))
  return paths.find(isExecutable) ?? null
}

/** Resolves with whether a browser could be started; what it then does is not known. */
export function openAppWindow(address: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  const hasDesktop = environment['DISPLAY'] !== undefined || environment['WAYLAND_DISPLAY'] !== undefined
  const program = process.platform === 'linux' && hasDesktop ? findAppBrowser(environment) : null
  if (program === null) return openBrowser(address, environment)
  const args = [`--app=${address}`, `--class=${windowClass}`]
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true, env: environment })
    child.once('error', () => resolve(openBrowser(address, environment)))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
