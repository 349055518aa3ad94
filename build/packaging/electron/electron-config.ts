/**
 * What electron-builder is told: one configuration for Linux, macOS and Windows. The app's files are staged before, so
 * that it takes all of a folder and decides nothing itself; where the Electron comes from is told to it.
 */
import { dirname, join } from 'node:path'
import type { Configuration } from 'electron-builder'
import { repositoryRoot, runCommand } from '../../run-command.ts'
import { wantedFuses } from './fuses.ts'
import type { OperatingSystem, SigningPlan } from './signing.ts'
import { updateFeed } from './update-feed.ts'

/** Package and binary names beside `wardian-server`, whose command is `wardian`. */
export const executableName = 'wardian-desktop'
export const appId = 'dev.wardian.desktop'

/**
 * What is read by path, run as a thread, or loaded by the system: it lies beside the archive, not in it. Electron finds
 * it by the path within.
 */
export const unpackedPatterns = [
  '**/*.node',
  '**/*.wasm',
  'node_modules/@electric-sql/**',
  'node_modules/pglite-postgres-17/**',
  'out/template/**',
  'out/node/src/main/**/*-worker.js',
]

export interface ElectronConfigOptions {
  /** Licences and the bill of materials. */
  readonly partsFolder: string
  readonly outputFolder: string
  readonly electronVersion: string
  /** An unpacked Electron; without one electron-builder fetches it. */
  readonly electronFolder: string | null
  readonly signing: SigningPlan
  /** As update-feed.ts reads it. */
  readonly feed: string | undefined
  readonly isCompressed: boolean
  /** First part of the names of installers. */
  readonly stem: string
}

const icons = join(repositoryRoot, 'build/icons')
const sources = join(import.meta.dirname, 'sources')

/** What electron-builder makes of the packed folder; for Linux nothing, its packages are our own. */
export const installerTargets: Readonly<Record<OperatingSystem, readonly string[]>> = {
  linux: ['dir'],
  mac: ['dmg', 'zip'],
  windows: ['nsis', 'portable'],
}

export function electronConfig(options: ElectronConfigOptions): Configuration {
  return {
    appId,
    productName: 'Wardian',
    copyright: 'Copyright 2026 the authors of Wardian',
    electronVersion: options.electronVersion,
    ...(options.electronFolder === null ? {} : { electronDist: options.electronFolder }),
    directories: { output: options.outputFolder, buildResources: sources },
    ...contents(options),
    fileAssociations,
    protocols: [{ name: 'Wardian', schemes: ['wardian'], role: 'Editor' }],
    publish: updateFeed(options.feed),
    compression: options.isCompressed ? 'maximum' : 'store',
    ...linux,
    ...mac(options),
    ...windows(options),
  }
}

/** All of the staged folder, and nothing else. */
function contents({ partsFolder }: ElectronConfigOptions): Configuration {
  return {
    // electron-builder passes over a folder of this name at the root, unless it is a root itself.
    files: ['**/*', { from: 'node_modules', to: 'node_modules', filter: ['**/*'] }],
    disableDefaultIgnoredFiles: true,
    // False: the packages are staged, nothing is looked up, installed or compiled.
    beforeBuild: () => Promise.resolve(false),
    asar: { smartUnpack: false },
    asarUnpack: unpackedPatterns,
    extraResources: [{ from: partsFolder, to: 'licences' }],
    electronFuses: wantedFuses,
    electronLanguages: ['en-US', 'en'],
  }
}

const fileAssociations: NonNullable<Configuration['fileAssociations']> = [
  { ext: 'sql', name: 'SQL script', mimeType: 'application/sql', role: 'Editor', rank: 'Alternate' },
  { ext: 'wardian', name: 'Wardian export', mimeType: 'application/vnd.wardian', role: 'Editor' },
]

const linux: Configuration = {
  linux: { executableName, icon: icons, category: 'Development' },
}

function mac({ signing, stem }: ElectronConfigOptions): Configuration {
  const { isSigned, isNotarized } = signing
  const entitlements = join(sources, 'entitlements.mac.plist')
  return {
    mac: {
      icon: join(icons, 'icon.icns'),
      category: 'public.app-category.developer-tools',
      hardenedRuntime: true,
      gatekeeperAssess: false,
      entitlements,
      entitlementsInherit: entitlements,
      notarize: isNotarized,
      // Null takes none of the certificates that happen to be on the machine.
      ...(isSigned ? {} : { identity: null }),
      artifactName: `${stem}-\${version}-mac-\${arch}.\${ext}`,
    },
  }
}

function windows({ signing, stem }: ElectronConfigOptions): Configuration {
  const { signProgram } = signing
  return {
    win: {
      icon: join(icons, 'icon.ico'),
      executableName,
      artifactName: `${stem}-\${version}-windows-\${arch}.\${ext}`,
      ...(signProgram === null
        ? {}
        : { signtoolOptions: { sign: ({ path }: { path: string }) => sign(signProgram, path) } }),
    },
    nsis: {
      artifactName: `${stem}-\${version}-windows-\${arch}-setup.\${ext}`,
      oneClick: false,
      perMachine: false,
      allowToChangeInstallationDirectory: true,
      deleteAppDataOnUninstall: false,
    },
    portable: { artifactName: `${stem}-\${version}-windows-\${arch}-portable.\${ext}` },
  }
}

async function sign(program: string, path: string): Promise<void> {
  const { exitCode, output } = await runCommand(program, [path], { cwd: dirname(path) })
  if (exitCode !== 0) throw new Error(`${program} did not sign ${path}:\n${output}`)
}
