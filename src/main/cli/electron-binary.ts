/**
 * Whether Electron's executable is installed, and where. Only looks at files: loading the `electron` package would
 * download the executable.
 */

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Path of the executable, or null. `ELECTRON_OVERRIDE_DIST_PATH` is the package's own switch to another one. */
export function findElectron(environment: Readonly<Record<string, string | undefined>>): string | null {
  const folder = packageFolder()
  const name = folder === null ? null : namedExecutable(folder)
  const override = environment['ELECTRON_OVERRIDE_DIST_PATH']
  if (override !== undefined && override !== '') return existing(join(override, name ?? 'electron'))
  return folder === null || name === null ? null : existing(join(folder, 'dist', name))
}

function packageFolder(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  } catch {
    // Not among the dependencies of an installed package: the same as not there.
    return null
  }
}

/** The package's installer writes this file when the executable is in place. */
function namedExecutable(folder: string): string | null {
  const path = join(folder, 'path.txt')
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null
}

function existing(path: string): string | null {
  return existsSync(path) ? path : null
}
