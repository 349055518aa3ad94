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

/** Where the build leaves the template of new databases. */
export function shippedTemplatesFolder(): string {
  return join(productFolder(), 'out', 'template')
}

export function productVersion(): string {
  const { version } = manifest()
  return typeof version === 'string' ? version : 'unknown'
}

/** The oldest Node that runs the program, such as 22.15; the launcher reads it from the same place. */
export function nodeOldest(): string {
  const oldest = manifest().wardian?.nodeOldest
  assert(typeof oldest === 'string', 'package.json names the oldest Node')
  return oldest
}

interface Manifest {
  readonly version?: unknown
  readonly wardian?: { readonly nodeOldest?: unknown }
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(join(productFolder(), 'package.json'), 'utf8')) as Manifest
}
