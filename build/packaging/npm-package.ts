/**
 * The package for npm's registry: the program for every platform, without a Node. All its dependencies are bundled, so
 * that nothing is resolved, fetched or compiled when it is installed.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { appFiles } from './app-files.ts'
import { partsFiles } from './parts-files.ts'
import { readManifest } from './release.ts'
import type { Release } from './release.ts'
import { copiedFile, inFolder } from './shipped-file.ts'
import { repositoryRoot } from '../run-command.ts'
import { writeTarball } from './write-tarball.ts'

/** Resolves with the path of the .tgz. */
export async function buildNpmPackage(release: Release): Promise<string> {
  const { version, epochSeconds, outputFolder, compressionLevel: level } = release
  const manifest = readManifest()
  const files = [
    ...appFiles({ manifest, version, platform: 'all', shell: 'headless' }),
    copiedFile('README.md', join(repositoryRoot, 'build/packaging/linux/npm-readme.md')),
    ...(await partsFiles({ version, epochSeconds, shell: 'headless', runtime: null })),
  ]
  mkdirSync(outputFolder, { recursive: true })
  const path = join(outputFolder, `${manifest.name}-${version}.tgz`)
  // npm unpacks what is below the first folder, whatever its name.
  await writeTarball(path, { files: inFolder('package', files), epochSeconds, level })
  return path
}
