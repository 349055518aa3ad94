/**
 * All of the app that one system gets: for macOS and Windows what electron-builder makes, for Linux our own packages of
 * the folder that it packs.
 */
import { buildAppImage } from './app-image.ts'
import { buildElectronDebian } from './electron-debian.ts'
import { buildElectronTarball } from './linux-tarball.ts'
import { packedElectron } from './packed-app.ts'
import type { ElectronRelease } from './packed-app.ts'
import { buildElectronRpm } from './rpm-package.ts'

const linuxPackages = [buildElectronDebian, buildElectronRpm, buildAppImage, buildElectronTarball]

/** Resolves with the paths of what was made, the packed folder first. */
export async function buildElectronPackages(release: ElectronRelease): Promise<string[]> {
  const { folder, installers } = await packedElectron(release)
  const made = [folder, ...installers]
  if (release.system !== 'linux' || release.isFolderOnly) return made
  for (const build of linuxPackages) made.push(...[await build(release)].flat())
  return made
}
