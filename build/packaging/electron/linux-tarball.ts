/**
 * The Electron app for Linux as a .tar.gz: unpacked anywhere, its launcher starts it. For who cannot or will not
 * install; its sandbox needs user namespaces, which the launcher looks for.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../../run-command.ts'
import { copiedFile, inFolder, textFile } from '../shipped-file.ts'
import { writeTarball } from '../write-tarball.ts'
import { electronSource } from './linux-app-files.ts'
import { linuxAppTree, packedForLinux } from './linux-app.ts'
import { packageStem } from './packed-app.ts'
import type { ElectronRelease } from './packed-app.ts'

/** Resolves with the path of the .tar.gz. */
export async function buildElectronTarball(release: ElectronRelease): Promise<string> {
  const { version, architecture, epochSeconds, outputFolder, compressionLevel: level } = release
  const packed = await packedForLinux(release)
  const name = `${packageStem(packed)}-${version}-linux-${architecture}`
  const readme = readFileSync(electronSource('tarball-readme.txt'), 'utf8').replaceAll('@VERSION@', version)
  const files = [
    ...linuxAppTree(release, packed),
    copiedFile('LICENSE', join(repositoryRoot, 'LICENSE')),
    textFile('README.txt', readme),
  ]
  mkdirSync(outputFolder, { recursive: true })
  const path = join(outputFolder, `${name}.tar.gz`)
  await writeTarball(path, { files: inFolder(name, files), epochSeconds, level })
  return path
}
