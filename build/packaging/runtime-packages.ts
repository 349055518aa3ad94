/**
 * The npm packages that run with the product, as the lockfile has them: neither tools nor tests. Reads the lockfile
 * and the installed packages' folders; knows nothing of what is shipped of each.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../run-command.ts'

export interface RuntimePackage {
  /** The name that it is imported by, which of an alias is not its own. */
  readonly name: string
  readonly version: string
  /** Its folder relative to the repository, such as `node_modules/tsyringe/node_modules/tslib`. */
  readonly folder: string
}

interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly optional?: boolean
  readonly link?: boolean
}

const modules = 'node_modules/'

/** Sorted by folder. Throws when one is not installed that is not optional. */
export function runtimePackages(root: string = repositoryRoot): RuntimePackage[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>
  }
  return Object.entries(lock.packages)
    .filter(([folder, entry]) => folder !== '' && !entry.dev && !entry.devOptional && !entry.link)
    .filter(([folder, entry]) => isInstalled(root, folder, entry))
    .map(([folder, { version = '' }]) => ({ name: packageName(folder), version, folder }))
    .toSorted((a, b) => (a.folder < b.folder ? -1 : 1))
}

function isInstalled(root: string, folder: string, { optional = false }: LockedPackage): boolean {
  if (existsSync(join(root, folder, 'package.json'))) return true
  if (optional) return false
  throw new Error(`${folder} is not installed; run \`npm ci\``)
}

/** `node_modules/a/node_modules/@b/c` -> `@b/c`. */
export function packageName(folder: string): string {
  return folder.slice(folder.lastIndexOf(modules) + modules.length)
}
