/**
 * The Debian package `wardian`: the packed Electron app below /usr/lib, its command `wardian-desktop`, and what
 * desktops find below /usr/share. Stands beside `wardian-server`, whose command is `wardian`. electron-installer-debian
 * knows Electron's dependencies and the sandbox's mode; documents and sums are as in our other package.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Installer } from 'electron-installer-debian'
import { changelog, compressed, debianArchitectures } from '../debian-documents.ts'
import { strip } from '../debian-strip.ts'
import { partsFiles } from '../parts-files.ts'
import { author } from '../release.ts'
import { copiedFile, inFolder, sortedFiles, textFile, writeTree } from '../shipped-file.ts'
import type { ShippedFile } from '../shipped-file.ts'
import { executableName } from './electron-config.ts'
import { electronSource, linuxAppFiles } from './linux-app-files.ts'
import { launcherFile, packedForLinux } from './linux-app.ts'
import { packageStem } from './packed-app.ts'
import type { ElectronRelease } from './packed-app.ts'

const packageName = 'wardian'
const documentation = `usr/share/doc/${packageName}`

/** Resolves with the path of the .deb. */
export async function buildElectronDebian(release: ElectronRelease): Promise<string> {
  const { architecture, version, outputFolder, epochSeconds } = release
  const packed = await packedForLinux(release)
  mkdirSync(outputFolder, { recursive: true })
  const name = `${packageStem(packed)}_${version}_${debianArchitectures[architecture]}.deb`
  const path = join(outputFolder, name)
  process.env['SOURCE_DATE_EPOCH'] ??= String(epochSeconds)
  await new AppInstaller({ release, source: packed.folder, path, files: await besideApp(release) }).make()
  return path
}

/** Everything but the packed app and the control file. */
async function besideApp(release: ElectronRelease): Promise<ShippedFile[]> {
  const { version, epochSeconds } = release
  const parts = await partsFiles({ version, epochSeconds, shell: 'electron', runtime: null })
  const desktop = linuxAppFiles(release).map((file) =>
    file.path.startsWith('man/') ? compressed(file) : file,
  )
  return sortedFiles([
    ...inFolder('usr', [launcherFile()]),
    ...inFolder('usr/share', desktop),
    copiedFile(`usr/share/${packageName}/apparmor-profile`, electronSource('apparmor-profile')),
    copiedFile(`${documentation}/copyright`, electronSource('copyright')),
    compressed(textFile(`${documentation}/changelog`, changelog(packageName, release))),
    ...inFolder(documentation, parts).map((file) => compressed(file)),
    copiedFile(`usr/share/lintian/overrides/${packageName}`, electronSource('lintian-overrides')),
    { ...copiedFile('DEBIAN/postinst', electronSource('postinst')), isExecutable: true },
    { ...copiedFile('DEBIAN/postrm', electronSource('postrm')), isExecutable: true },
  ])
}

/** Lines as they will be: longer ones are broken in a way that Debian's checks do not like. */
const productDescription = `Open it and a real Postgres is there: nothing to install, start or break.
It has a console, snapshots, and an endpoint for psql and other programs.

This package is the desktop app. The command line, and the workbench in a
browser, are in wardian-server. Both may be installed, and use the same data.`

interface AppInstallerOptions {
  readonly release: ElectronRelease
  /** The packed folder. */
  readonly source: string
  /** Of the package. */
  readonly path: string
  readonly files: readonly ShippedFile[]
}

class AppInstaller extends Installer {
  readonly #files: readonly ShippedFile[]
  readonly #release: ElectronRelease

  constructor({ release, source, path, files }: AppInstallerOptions) {
    super({
      ...{ src: source, dest: path, rename: () => path, logger: () => undefined },
      ...{ name: packageName, bin: executableName, version: release.version },
      arch: debianArchitectures[release.architecture],
      ...{ maintainer: author, section: 'database', scripts: {} },
      compression: release.compressionLevel === 0 ? 'none' : 'xz',
      // Besides what it knows Electron to need.
      depends: ['libc6 (>= 2.28)', 'libgcc-s1 (>= 3.4)', 'libstdc++6 (>= 9)'],
      suggests: ['wardian-server'],
      description: 'desktop workbench for databases that run in WebAssembly',
      productDescription,
    })
    this.#files = files
    this.#release = release
  }

  /** Its own steps for what we do not write ourselves. */
  override get contentFunctions(): string[] {
    return ['copyApplication', 'createControl']
  }

  async make(): Promise<void> {
    await this.generateDefaults()
    this.generateOptions()
    await this.createStagingDir()
    await this.createContents()
    for (const path of filesIn(this.stagingDir, 'usr').filter((file) => file.endsWith('.node'))) {
      await strip(join(this.stagingDir, path), this.#release.architecture)
    }
    writeTree(this.stagingDir, this.#files, this.#release.epochSeconds)
    writeFileSync(join(this.stagingDir, 'DEBIAN/md5sums'), sumsOf(this.stagingDir))
    await this.createPackage()
    await this.movePackage()
  }
}

/** deb-md5sums(5). */
function sumsOf(root: string): string {
  const paths = filesIn(root, 'usr').toSorted()
  const sum = (path: string): string =>
    createHash('md5')
      .update(readFileSync(join(root, path)))
      .digest('hex')
  return paths.map((path) => `${sum(path)}  ${path}\n`).join('')
}

function filesIn(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
}
