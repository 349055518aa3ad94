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
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const modules = 'node_modules/'

/** Who opens windows: Node alone, or Electron. */
export type Shell = 'headless' | 'electron'

/** Dependencies that only the Electron app runs. */
const ofElectron = new Set(['electron-updater'])

export interface RuntimePackagesOptions {
  readonly shell: Shell
  readonly root?: string
}

/** Sorted by folder. Throws when one is not installed that is not optional. */
export function runtimePackages({ shell, root = repositoryRoot }: RuntimePackagesOptions): RuntimePackage[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>
  }
  const own = lock.packages['']?.dependencies ?? {}
  const reached = reachedFolders(lock.packages, Object.keys(shellDependencies(own, shell)))
  return Object.entries(lock.packages)
    .filter(([folder, entry]) => reached.has(folder) && !entry.dev && !entry.devOptional)
    .filter(([folder, entry]) => isInstalled(root, folder, entry))
    .map(([folder, { version = '' }]) => ({ name: packageName(folder), version, folder }))
    .toSorted((a, b) => (a.folder < b.folder ? -1 : 1))
}

/** Those of `dependencies` that `shell` runs. */
export function shellDependencies(
  dependencies: Readonly<Record<string, string>>,
  shell: Shell,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dependencies).filter(([name]) => shell === 'electron' || !ofElectron.has(name)),
  )
}

/** Folders of what is reached from the packages `names`, looked for as Node looks: upwards from who asks. */
function reachedFolders(
  packages: Readonly<Record<string, LockedPackage>>,
  names: readonly string[],
): ReadonlySet<string> {
  const reached = new Set<string>()
  const waiting = names.map((name) => ({ name, from: '' }))
  for (const { name, from } of waiting) {
    const folder = resolvedFolder(packages, name, from)
    if (folder === null || reached.has(folder)) continue
    reached.add(folder)
    const { dependencies, optionalDependencies, peerDependencies } = packages[folder] ?? {}
    const wanted = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
    waiting.push(...wanted.map((each) => ({ name: each, from: folder })))
  }
  return reached
}

function resolvedFolder(
  packages: Readonly<Record<string, LockedPackage>>,
  name: string,
  from: string,
): string | null {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf(`/${modules}`)))) {
    const folder = `${at === '' ? '' : `${at}/`}${modules}${name}`
    if (folder in packages) return folder
    if (at === '') return null
  }
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
