/**
 * Looks at a packed app as it will be given away: what is in its archive and beside it, how large that is, and what the
 * binary's fuses say. Knows no packer: it compares with the list of files that was to be packed.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { extractAll, listPackage, statFile } from '@electron/asar'
import type { Architecture } from '../release.ts'
import type { ShippedFile } from '../shipped-file.ts'
import { executableName, unpackedPatterns } from './electron-config.ts'
import { wrongFuses } from './fuses.ts'
import type { OperatingSystem } from './signing.ts'

/** The app without Electron, unpacked: the bound of the product. */
export const appBytesMax = 60e6

/** Tests, sources, maps, and what could hold a secret. */
const unwanted =
  /\.(map|ts|tsx|gypi?|c|cc|cpp|h|pem|key|p12|pfx|env)$|(^|\/)(tests?|__tests__|e2e|\.git|\.npmrc|\.env[\w.]*)(\/|$)/

export interface PackedApp {
  readonly folder: string
  readonly system: OperatingSystem
  readonly architecture: Architecture
  /** What was to be packed. */
  readonly files: readonly ShippedFile[]
}

export interface ArchivedFile {
  readonly path: string
  readonly byteCount: number
  readonly isUnpacked: boolean
}

/** Throws with all findings. */
export async function verifyPackedApp(app: PackedApp): Promise<void> {
  const archive = archivePath(app.folder, app.system)
  const archived = archivedFiles(archive)
  const findings = [
    ...contentFindings(archived, app.files),
    ...placeFindings(archived, existingBelow(`${archive}.unpacked`)),
    ...sizeFindings(archived),
    ...(await wrongFuses(binaryPath(app.folder, app.system))).map(
      (fuse) => `the fuse ${fuse} is not as wanted`,
    ),
  ]
  if (findings.length > 0)
    throw new Error(`The packed app is not as it should be:\n  ${findings.join('\n  ')}`)
}

/** Path of app.asar. */
export function archivePath(folder: string, system: OperatingSystem): string {
  return join(folder, system === 'mac' ? 'Wardian.app/Contents/Resources' : 'resources', 'app.asar')
}

export function binaryPath(folder: string, system: OperatingSystem): string {
  if (system === 'mac') return join(folder, 'Wardian.app')
  return join(folder, system === 'windows' ? `${executableName}.exe` : executableName)
}

/** Writes the app as a folder, the files beside the archive too: what any Node can run. */
export function extractApp(archive: string, folder: string): void {
  extractAll(archive, folder)
}

/** Files of the archive, without folders. */
export function archivedFiles(archive: string): ArchivedFile[] {
  const paths = listPackage(archive, { isPack: false }).map((path) => path.slice(1).replaceAll('\\', '/'))
  return paths.flatMap((path) => {
    const entry = statFile(archive, path)
    if (!('size' in entry)) return []
    return [{ path, byteCount: entry.size, isUnpacked: 'unpacked' in entry && entry.unpacked }]
  })
}

/** Neither more nor less than was to be packed, and nothing of that which nobody should get. */
export function contentFindings(archived: readonly ArchivedFile[], files: readonly ShippedFile[]): string[] {
  const found = new Set(archived.map(({ path }) => path))
  const wanted = new Set(files.map(({ path }) => path))
  return [
    ...[...wanted].filter((path) => !found.has(path)).map((path) => `${path} is missing`),
    ...[...found].filter((path) => !wanted.has(path)).map((path) => `${path} was not to be packed`),
    ...[...found].filter((path) => unwanted.test(path)).map((path) => `${path} is for developers`),
  ]
}

/** What cannot be used within an archive lies beside it, and nothing else does. */
export function placeFindings(archived: readonly ArchivedFile[], beside: ReadonlySet<string>): string[] {
  return archived.flatMap(({ path, isUnpacked }) => {
    const isWanted = unpackedPatterns.some((pattern) => matchesGlob(path, pattern))
    if (isWanted !== isUnpacked) return [`${path} is ${isUnpacked ? 'beside' : 'in'} the archive`]
    return isUnpacked && !beside.has(path) ? [`${path} is told to be beside the archive, and is not`] : []
  })
}

export function sizeFindings(archived: readonly ArchivedFile[]): string[] {
  const byteCount = archived.reduce((sum, file) => sum + file.byteCount, 0)
  return byteCount <= appBytesMax ? [] : [`${byteCount} bytes; ${appBytesMax} at most`]
}

function existingBelow(folder: string): ReadonlySet<string> {
  if (!existsSync(folder)) return new Set()
  return new Set(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/')),
  )
}
