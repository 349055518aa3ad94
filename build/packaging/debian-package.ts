/**
 * The Debian package `wardian-server`: the program with its Node below /usr/lib, a link in /usr/bin, and what desktops
 * and manuals find below /usr/share. Built by dpkg-deb from a tree; nothing of it runs as root, nothing is configured.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../run-command.ts'
import { changelog, compressed, debianArchitectures } from './debian-documents.ts'
import { strip } from './debian-strip.ts'
import { desktopFiles } from './desktop-files.ts'
import { nodeRuntime } from './node-runtime.ts'
import { partsFiles } from './parts-files.ts'
import { author } from './release.ts'
import type { Architecture, Release } from './release.ts'
import { linuxSource, serverFiles } from './server-files.ts'
import { copiedFile, foldersOf, inFolder, linkTo, sortedFiles, textFile, writeTree } from './shipped-file.ts'
import type { ShippedFile } from './shipped-file.ts'
import { bytesOf } from './write-tarball.ts'

const packageName = 'wardian-server'
const home = `usr/lib/${packageName}`
const documentation = `usr/share/doc/${packageName}`

/** dpkg's own default: above, gigabytes of memory go for a few hundredths. */
const xzLevel = 6

/** Resolves with the path of the .deb. */
export async function buildDebianPackage(release: Release): Promise<string> {
  const { version, architecture, outputFolder, epochSeconds, compressionLevel } = release
  const work = mkdtempSync(join(tmpdir(), 'wardian-deb-'))
  try {
    const files = await stripped(await installedFiles(release), { architecture, work })
    const tree = join(work, 'tree')
    writeTree(tree, sortedFiles([...files, ...controlFiles(release, files)]), epochSeconds)
    mkdirSync(outputFolder, { recursive: true })
    const path = join(outputFolder, `${packageName}_${version}_${debianArchitectures[architecture]}.deb`)
    const compression = compressionLevel === 0 ? ['-Znone'] : ['-Zxz', `-z${xzLevel}`]
    const args = ['--root-owner-group', ...compression, '--build', tree, path]
    const env = { SOURCE_DATE_EPOCH: String(epochSeconds) }
    const { exitCode, output } = await runCommand('dpkg-deb', args, { env })
    if (exitCode !== 0) throw new Error(`dpkg-deb failed:\n${output}`)
    return path
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

interface Stripping {
  readonly architecture: Architecture
  /** Where stripped copies are put. */
  readonly work: string
}

/** Debian Policy 10.1: native code without symbols for debuggers. As it is where there is no binutils for it. */
async function stripped(files: readonly ShippedFile[], stripping: Stripping): Promise<ShippedFile[]> {
  const results: ShippedFile[] = []
  for (const file of files) results.push(native.test(file.path) ? await strippedFile(file, stripping) : file)
  return results
}

const native = /\/runtime\/node$|\.node$/

async function strippedFile(file: ShippedFile, { architecture, work }: Stripping): Promise<ShippedFile> {
  const copy = join(work, file.path.replaceAll('/', '-'))
  writeFileSync(copy, bytesOf(file))
  return (await strip(copy, architecture)) ? { ...file, source: { kind: 'file', path: copy } } : file
}

async function installedFiles(release: Release): Promise<ShippedFile[]> {
  const { version, architecture, epochSeconds } = release
  const runtime = await nodeRuntime(architecture)
  const program = '/usr/bin/wardian'
  // Below usr, so that the unit is beside share and not in it.
  const desktop = desktopFiles({ release, program, unitFolder: '../lib/systemd/user' })
  const parts = await partsFiles({ version, epochSeconds, shell: 'headless', runtime })
  return [
    ...inFolder(home, serverFiles(release, runtime).filter(isNotLicence)),
    linkTo('usr/bin/wardian', `../lib/${packageName}/bin/wardian`),
    ...desktop.map((file) => compressedManual({ ...file, path: `usr/${withoutDots(`share/${file.path}`)}` })),
    copiedFile(`${documentation}/copyright`, linuxSource('copyright')),
    compressed(textFile(`${documentation}/changelog`, changelog(packageName, release))),
    ...inFolder(documentation, parts).map((file) => compressed(file)),
    copiedFile(`usr/share/lintian/overrides/${packageName}`, linuxSource('lintian-overrides')),
  ]
}

/** The whole program's licence is in its copyright file; those of packages stay with them. */
function isNotLicence({ path }: ShippedFile): boolean {
  return path !== 'app/LICENSE'
}

/** `share/../lib` -> `lib`. */
function withoutDots(path: string): string {
  return path.replace(/^share\/\.\.\//, '')
}

function compressedManual(file: ShippedFile): ShippedFile {
  return file.path.startsWith('usr/share/man/') ? compressed(file) : file
}

function controlFiles(release: Release, files: readonly ShippedFile[]): ShippedFile[] {
  return [
    textFile('DEBIAN/control', control(release, installedKibibytes(files))),
    textFile('DEBIAN/md5sums', sums(files)),
    { ...copiedFile('DEBIAN/postrm', linuxSource('postrm')), isExecutable: true },
  ]
}

/** Debian Policy 5.6.20: each file rounded up to a kibibyte, one for each folder and link. */
function installedKibibytes(files: readonly ShippedFile[]): number {
  const sizes = files.map((file) => (file.source.kind === 'link' ? 1 : Math.ceil(byteCount(file) / 1024)))
  return sizes.reduce((sum, size) => sum + size, foldersOf(files).length)
}

function byteCount(file: ShippedFile): number {
  return file.source.kind === 'file' ? statSync(file.source.path).size : bytesOf(file).length
}

/** deb-md5sums(5). */
function sums(files: readonly ShippedFile[]): string {
  const lines = sortedFiles(files)
    .filter(({ source }) => source.kind !== 'link')
    .map((file) => `${createHash('md5').update(bytesOf(file)).digest('hex')}  ${file.path}\n`)
  return lines.join('')
}

/** What the Node of the `node` package and better-sqlite3's binary are linked with (`readelf -d`). */
const dependencies = ['libc6 (>= 2.28)', 'libgcc-s1 (>= 3.4)', 'libstdc++6 (>= 9)']

function control({ version, architecture }: Release, installedSize: number): string {
  return `Package: ${packageName}
Version: ${version}
Architecture: ${debianArchitectures[architecture]}
Maintainer: ${author}
Installed-Size: ${installedSize}
Depends: ${dependencies.join(', ')}
Recommends: xdg-utils
Suggests: chromium, postgresql-client
Section: database
Priority: optional
Description: workbench for databases that run in WebAssembly
 Open it and a real Postgres is there: nothing to install, start or break. It
 has a console in the browser, an endpoint for psql and other programs,
 snapshots, and a command line.
 .
 This package carries the Node that runs it, and opens the workbench in a
 window of your browser. Everything a user makes lies in that user's home.
`
}
