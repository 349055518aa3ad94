/**
 * The Electron app for Linux as an AppImage: one file that mounts itself and starts the app. Written here and not by
 * electron-builder, whose starter switches the sandbox off where it cannot work; ours never does. Before the file
 * system comes a runtime, a program of the AppImage project's, which electron-builder fetches and checks.
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildBlockMap } from 'app-builder-lib/out/targets/blockmap/blockmap.js'
import { getAppImageTools } from 'app-builder-lib/out/toolsets/linux.js'
import { Arch } from 'electron-builder'
import { repositoryRoot, runCommand } from '../../run-command.ts'
import type { Architecture } from '../release.ts'
import { copiedFile, inFolder, linkTo, sortedFiles, textFile, writeTree } from '../shipped-file.ts'
import type { ShippedFile } from '../shipped-file.ts'
import { executableName } from './electron-config.ts'
import { electronSource } from './linux-app-files.ts'
import { appFolder, linuxAppTree, packedForLinux } from './linux-app.ts'
import { packageStem } from './packed-app.ts'
import type { ElectronRelease, PackedElectron } from './packed-app.ts'
import { feedText, feedVariable, updateText } from './update-feed.ts'

/** Of the runtimes that electron-builder knows by their hashes: static, needs no FUSE library, reads zstd. */
const runtimeVersion = '1.0.3'

/** AppImage specification, type 2: after the head of the ELF file's own identification. */
const magic = { offset: 8, bytes: Buffer.from('AI\x02') }

/** Resolves with the paths of the .AppImage and of what tells of it as a newer version. */
export async function buildAppImage(release: ElectronRelease): Promise<string[]> {
  const { version, architecture, outputFolder, epochSeconds } = release
  const packed = await packedForLinux(release)
  const work = mkdtempSync(join(tmpdir(), 'wardian-appimage-'))
  try {
    const tree = join(work, 'AppDir')
    writeTree(tree, appDirectory(release, packed), epochSeconds)
    mkdirSync(outputFolder, { recursive: true })
    const name = `${packageStem(packed)}-${version}-linux-${architecture}.AppImage`
    const path = join(outputFolder, name)
    const runtime = packed.isStub ? stubRuntime() : await fetchedRuntime(architecture)
    await writeImage({ path, tree, runtime, release })
    // Appended, and its size told: newer versions are fetched in parts.
    const { sha512, blockMapSize } = await buildBlockMap(path, 'deflate')
    if (packed.isStub) return [path]
    const manifest = join(outputFolder, `latest-linux${architecture === 'x64' ? '' : `-${architecture}`}.yml`)
    const file = { name, size: statSync(path).size, sha512, blockMapSize }
    writeFileSync(manifest, updateText({ version, file, epochSeconds }))
    return [path, manifest]
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** The mounted folder: what starts, the app below usr, and at the root what programs for AppImages look for. */
function appDirectory(release: ElectronRelease, packed: PackedElectron): ShippedFile[] {
  const feed = feedText(process.env[feedVariable])
  const icon = join(repositoryRoot, 'build/icons/256.png')
  return sortedFiles([
    linkTo('AppRun', `usr/bin/${executableName}`),
    ...inFolder('usr', linuxAppTree(release, packed)),
    ...(feed === null ? [] : [textFile(`usr/${appFolder}/resources/app-update.yml`, feed)]),
    copiedFile('wardian.desktop', electronSource('wardian.desktop')),
    copiedFile('wardian.png', icon),
    linkTo('.DirIcon', 'wardian.png'),
  ])
}

interface Image {
  readonly path: string
  readonly tree: string
  readonly runtime: Buffer
  readonly release: ElectronRelease
}

async function writeImage({ path, tree, runtime, release }: Image): Promise<void> {
  rmSync(path, { force: true })
  const level = release.compressionLevel === 0 ? '1' : '19'
  const args = [
    ...[tree, path, '-offset', String(runtime.length), '-comp', 'zstd', '-Xcompression-level', level],
    ...['-all-root', '-noappend', '-no-xattrs', '-no-progress', '-quiet'],
  ]
  const env = { SOURCE_DATE_EPOCH: String(release.epochSeconds) }
  const { exitCode, output } = await runCommand('mksquashfs', args, { env })
  if (exitCode !== 0) throw new Error(`mksquashfs failed:\n${output}`)
  const file = openSync(path, 'r+')
  try {
    writeSync(file, runtime, 0, runtime.length, 0)
  } finally {
    closeSync(file)
  }
  chmodSync(path, 0o755)
}

async function fetchedRuntime(architecture: Architecture): Promise<Buffer> {
  const { runtime } = await getAppImageTools(runtimeVersion, Arch[architecture])
  return readFileSync(runtime)
}

/** For looking at what was packed: this machine's /bin/true, marked as a runtime; it mounts nothing. */
function stubRuntime(): Buffer {
  const runtime = readFileSync('/bin/true')
  magic.bytes.copy(runtime, magic.offset)
  return runtime
}
