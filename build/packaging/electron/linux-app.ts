/**
 * The Electron app for Linux as every kind of package has it: the packed folder, a launcher that looks after the
 * sandbox, and what desktops find. Relative to a folder that has bin, lib and share; knows no kind of package.
 */
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { linuxSource } from '../server-files.ts'
import { copiedFile, inFolder, linkTo } from '../shipped-file.ts'
import type { ShippedFile } from '../shipped-file.ts'
import { executableName } from './electron-config.ts'
import { linuxAppFiles } from './linux-app-files.ts'
import { packedElectron } from './packed-app.ts'
import type { ElectronRelease, PackedElectron } from './packed-app.ts'

/** Where the launcher looks for the app, as everything here relative to what is usually /usr. */
export const appFolder = 'lib/wardian'

/** Of what was packed for Linux, whatever system this is. */
export function packedForLinux(release: ElectronRelease): Promise<PackedElectron> {
  if (release.system !== 'linux') throw new Error(`This package is for Linux, not for ${release.system}`)
  return packedElectron(release)
}

/** Says what to do where Chromium's sandbox cannot start; else the app takes its place. */
export function launcherFile(): ShippedFile {
  return { ...copiedFile(`bin/${executableName}`, linuxSource('desktop-launcher.sh')), isExecutable: true }
}

/** All of it: bin, lib and share. */
export function linuxAppTree(release: ElectronRelease, { folder }: PackedElectron): ShippedFile[] {
  return [
    launcherFile(),
    ...inFolder(appFolder, folderFiles(folder)),
    ...inFolder('share', linuxAppFiles(release)),
  ]
}

/** The files below `folder` as they are there. */
export function folderFiles(folder: string): ShippedFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const from = join(entry.parentPath, entry.name)
    const path = from.slice(folder.length + 1)
    if (entry.isSymbolicLink()) return [linkTo(path, readlinkSync(from))]
    if (!entry.isFile()) return []
    return [{ ...copiedFile(path, from), isExecutable: (statSync(from).mode & 0o100) !== 0 }]
  })
}
