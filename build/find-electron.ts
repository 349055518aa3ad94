/** Whether Electron's executable is on this machine. Never asks the package for its path: that would download it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from './run-command.ts'

export function hasElectron(): boolean {
  // The package's own variable for an executable elsewhere.
  if (process.env['ELECTRON_OVERRIDE_DIST_PATH']) return true
  return existsSync(join(repositoryRoot, 'node_modules/electron/dist'))
}
