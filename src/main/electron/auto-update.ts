/**
 * Gets newer versions of the app where it may replace itself, and installs them when it is quit. Looks after the start
 * and then now and then; failures are told to stderr alone, since no work depends on it. What may, update-policy.ts
 * decides; rollouts in stages and signatures are electron-updater's.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'
import type { Clock } from '../../base/clock.ts'
import { toWireError } from '../../contract/error.ts'
import { updateObstacle } from './update-policy.ts'

/** Not while windows come up. */
const firstLookMs = 60_000
const lookEveryMs = 6 * 3_600_000

/** Starts looking; `isWished` is asked each time. The feed is the file that the packer leaves beside the archive. */
export function startAutoUpdate(clock: Clock, isWished: () => boolean): void {
  const look = (): void => {
    clock.after(lookEveryMs, look)
    if (obstacle(isWished()) === null) lookOnce().catch(complain)
  }
  if (obstacle(true) === null) clock.after(firstLookMs, look)
}

function obstacle(isWished: boolean): string | null {
  return updateObstacle({
    platform: process.platform,
    isPackaged: app.isPackaged,
    hasFeed: app.isPackaged && existsSync(join(process.resourcesPath, 'app-update.yml')),
    isWished,
    environment: process.env,
    executable: process.execPath,
    isFromStore: process.mas || process.windowsStore,
  })
}

async function lookOnce(): Promise<void> {
  // Not loaded by those that never look. A CommonJS module, whose getter makes the updater of this system.
  const { default: updater } = await import('electron-updater')
  const { autoUpdater } = updater
  autoUpdater.logger = null
  autoUpdater.autoInstallOnAppQuit = true
  autoUpdater.allowDowngrade = false
  autoUpdater.removeAllListeners('error')
  autoUpdater.on('error', complain)
  await autoUpdater.checkForUpdates()
}

function complain(error: unknown): void {
  process.stderr.write(`Newer versions could not be looked for: ${toWireError(error).message}\n`)
}
