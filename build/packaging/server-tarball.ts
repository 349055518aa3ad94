/**
 * The self-contained tarball for Linux: unpacked anywhere, it runs. Compressed with gzip, which every system has.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../run-command.ts'
import { desktopFiles } from './desktop-files.ts'
import { nodeRuntime } from './node-runtime.ts'
import { partsFiles } from './parts-files.ts'
import type { Release } from './release.ts'
import { filledIn, serverFiles } from './server-files.ts'
import { copiedFile, inFolder, textFile } from './shipped-file.ts'
import { writeTarball } from './write-tarball.ts'

/** As a user's own programs are linked (systemd.unit(5), file-hierarchy(7)). */
const program = '%h/.local/bin/wardian'

/** Resolves with the path of the .tar.gz. */
export async function buildServerTarball(release: Release): Promise<string> {
  const { version, architecture, epochSeconds, outputFolder, compressionLevel: level } = release
  const runtime = await nodeRuntime(architecture)
  const name = `wardian-server-${version}-linux-${architecture}`
  const files = [
    ...serverFiles(release, runtime),
    ...inFolder('share', desktopFiles({ release, program, unitFolder: 'systemd/user' })),
    ...(await partsFiles({ version, epochSeconds, shell: 'headless', runtime })),
    copiedFile('LICENSE', join(repositoryRoot, 'LICENSE')),
    textFile('README.txt', filledIn('tarball-readme.txt', { VERSION: version })),
  ]
  mkdirSync(outputFolder, { recursive: true })
  const path = join(outputFolder, `${name}.tar.gz`)
  await writeTarball(path, { files: inFolder(name, files), epochSeconds, level })
  return path
}
