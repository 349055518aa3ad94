/**
 * The packed Electron app of one system and processor: its files staged from the list that all packages share, packed
 * by electron-builder, and looked at before anybody gets it. Installers are made of it.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Arch, build, Platform } from 'electron-builder'
import { repositoryRoot } from '../../run-command.ts'
import { appFiles } from '../app-files.ts'
import { partsFiles } from '../parts-files.ts'
import type { Platform as BinaryPlatform } from '../pruned-files.ts'
import { readManifest } from '../release.ts'
import type { Architecture, Release } from '../release.ts'
import { writeTree } from '../shipped-file.ts'
import type { ShippedFile } from '../shipped-file.ts'
import { electronVersion } from '../shipped-platform.ts'
import { electronConfig, installerTargets } from './electron-config.ts'
import { planSigning } from './signing.ts'
import type { OperatingSystem } from './signing.ts'
import { makeStubElectron } from './stub-electron.ts'
import { feedVariable } from './update-feed.ts'
import { verifyPackedApp } from './verify-packed-app.ts'

export interface ElectronRelease extends Release {
  readonly system: OperatingSystem
  /** For people: signed, or refused. */
  readonly isRelease: boolean
  /** The packed folder alone, without archives and installers. */
  readonly isFolderOnly: boolean
}

const platforms: Readonly<Record<OperatingSystem, Platform>> = {
  linux: Platform.LINUX,
  mac: Platform.MAC,
  windows: Platform.WINDOWS,
}
const ownSystems: Readonly<Record<string, OperatingSystem>> = {
  linux: 'linux',
  darwin: 'mac',
  win32: 'windows',
}

export function ownSystem(): OperatingSystem {
  return ownSystems[process.platform] ?? 'linux'
}

export interface PackedElectron {
  readonly folder: string
  /** Installers that electron-builder made of it. */
  readonly installers: readonly string[]
  /** Electron is not in it: it starts nothing, and whatever is made of it must say so by its name. */
  readonly isStub: boolean
}

/** First part of a package's file name. What holds no Electron is never called like what does. */
export function packageStem({ isStub }: Pick<PackedElectron, 'isStub'>): string {
  return isStub ? 'wardian-stub' : 'wardian'
}

/** One of a run: all kinds of packages for Linux are made of the same folder. */
const packed = new WeakMap<ElectronRelease, Promise<PackedElectron>>()

/** Packs it, or takes what this run has packed. */
export function packedElectron(release: ElectronRelease): Promise<PackedElectron> {
  const promise = packed.get(release) ?? pack(release)
  packed.set(release, promise)
  return promise
}

async function pack(release: ElectronRelease): Promise<PackedElectron> {
  const { system, architecture, isRelease, isFolderOnly, epochSeconds, outputFolder } = release
  const work = mkdtempSync(join(tmpdir(), 'wardian-app-'))
  try {
    const signing = planSigning({ system, isRelease, environment: process.env })
    const files = await stage(release, work)
    const version = electronVersion()
    const installed = installedElectron(system, architecture)
    const stubFolder = installed === null ? stub(release, work, version) : null
    const config = electronConfig({
      ...{ partsFolder: join(work, 'parts'), outputFolder, electronVersion: version },
      ...{ electronFolder: installed ?? stubFolder, signing, feed: process.env[feedVariable] },
      isCompressed: release.compressionLevel > 0,
      stem: packageStem({ isStub: stubFolder !== null }),
    })
    const names = isFolderOnly ? ['dir'] : [...installerTargets[system]]
    const targets = platforms[system].createTarget(names, Arch[architecture])
    process.env['SOURCE_DATE_EPOCH'] ??= String(epochSeconds)
    const installers = await build({ projectDir: join(work, 'app'), targets, config, publish: 'never' })
    const folder = packedFolder(release)
    await verifyPackedApp({ folder, system, architecture, files })
    return { folder, installers, isStub: stubFolder !== null }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Writes the app and what tells of its parts; returns the app's files. */
async function stage(release: ElectronRelease, work: string): Promise<ShippedFile[]> {
  const { version, epochSeconds } = release
  const platform = binaryPlatform(release.system, release.architecture)
  const files = appFiles({ manifest: readManifest(), version, platform, shell: 'electron' })
  writeTree(join(work, 'app'), files, epochSeconds)
  const parts = await partsFiles({ version, epochSeconds, shell: 'electron', runtime: null })
  writeTree(join(work, 'parts'), parts, epochSeconds)
  return files
}

function binaryPlatform(system: OperatingSystem, architecture: Architecture): BinaryPlatform {
  const names = { linux: 'linux', mac: 'darwin', windows: 'win32' } as const
  return `${names[system]}-${architecture}`
}

/** The folder that electron-builder unpacks into. */
export function packedFolder({ system, architecture, outputFolder }: ElectronRelease): string {
  const suffix = architecture === 'x64' ? '' : `-${architecture}`
  const names = { linux: `linux${suffix}-unpacked`, mac: `mac${suffix}`, windows: `win${suffix}-unpacked` }
  return join(outputFolder, names[system])
}

/** That of the electron package, which is there where its download was allowed; it is this machine's. */
function installedElectron(system: OperatingSystem, architecture: Architecture): string | null {
  const folder = join(repositoryRoot, 'node_modules/electron/dist')
  return existsSync(folder) && system === ownSystem() && architecture === process.arch ? folder : null
}

/** Null lets electron-builder fetch it: only what nobody is given may be made of a stub. */
function stub({ isRelease, system }: ElectronRelease, work: string, version: string): string | null {
  if (isRelease) return null
  const folder = join(work, 'stub')
  mkdirSync(folder)
  makeStubElectron(folder, version, system)
  process.stderr.write('Electron is not installed here: packed with a stub, which starts no app\n')
  return folder
}
