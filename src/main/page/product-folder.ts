/**
 * Where the program lies and which version it is. The same from source and from the build, whose folders have
 * different depths: the nearest package.json above tells.
 */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { assert } from '../../base/assert.ts'

/** Absolute path of the folder that holds the program's package.json. */
export function productFolder(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    assert(parent !== folder, `there is a package.json above ${import.meta.dirname}`)
    folder = parent
  }
  return folder
}

/** The folder that the page is built into. */
export function pageFolder(): string {
  return join(productFolder(), 'out', 'renderer')
}

export function productVersion(): string {
  const text = readFileSync(join(productFolder(), 'package.json'), 'utf8')
  const manifest: unknown = JSON.parse(text)
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) return 'unknown'
  return String(manifest.version)
}
