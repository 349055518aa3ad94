/**
 * `npm run package -- KIND…`: builds what is stale, then the packages (docs/packages.md has their kinds), and prints
 * their paths. `--arch arm64` makes the Linux packages for the other processor, `--version V` gives them another
 * version, `--output DIR` puts them elsewhere than out/packages, `--fast` does not compress them, for tests. Of the
 * Electron app `--dir` makes the packed folder alone, `--release` takes Electron instead of a stub and leaves no
 * package unsigned.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildIfStale } from './build-if-stale.ts'
import { buildDebianPackage } from './packaging/debian-package.ts'
import { buildAppImage } from './packaging/electron/app-image.ts'
import { buildElectronDebian } from './packaging/electron/electron-debian.ts'
import { buildElectronPackages } from './packaging/electron/electron-packages.ts'
import { buildElectronTarball } from './packaging/electron/linux-tarball.ts'
import { ownSystem } from './packaging/electron/packed-app.ts'
import type { ElectronRelease } from './packaging/electron/packed-app.ts'
import type { OperatingSystem } from './packaging/electron/signing.ts'
import { buildElectronRpm } from './packaging/electron/rpm-package.ts'
import { buildNpmPackage } from './packaging/npm-package.ts'
import { readManifest, sourceEpochSeconds } from './packaging/release.ts'
import type { Architecture } from './packaging/release.ts'
import { buildServerTarball } from './packaging/server-tarball.ts'
import { repositoryRoot } from './run-command.ts'

const kinds: Readonly<Record<string, (release: ElectronRelease) => Promise<string | string[]>>> = {
  npm: buildNpmPackage,
  tarball: buildServerTarball,
  deb: buildDebianPackage,
  electron: buildElectronPackages,
  'electron-deb': buildElectronDebian,
  'electron-rpm': buildElectronRpm,
  'electron-appimage': buildAppImage,
  'electron-tarball': buildElectronTarball,
}

/** What dpkg and npm both take as a version. */
const versionPattern = /^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$/

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      arch: { type: 'string', default: 'x64' },
      system: { type: 'string', default: ownSystem() },
      version: { type: 'string', default: readManifest().version },
      output: { type: 'string', default: join(repositoryRoot, 'out/packages') },
      dir: { type: 'boolean', default: false },
      release: { type: 'boolean', default: false },
      fast: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const { arch, system, version, output, fast } = values
  const builders = positionals.map((name) => kinds[name])
  const isKnown = builders.length > 0 && builders.every((builder) => builder !== undefined)
  if (!isKnown || !isArchitecture(arch) || !isSystem(system) || !versionPattern.test(version)) {
    throw new Error(usage)
  }
  await buildIfStale({ parts: ['wasm', 'main', 'preload', 'renderer', 'template'] })
  const release: ElectronRelease = {
    ...{ version, architecture: arch, system, outputFolder: output },
    ...{ isRelease: values.release, isFolderOnly: values.dir },
    epochSeconds: await sourceEpochSeconds(),
    compressionLevel: fast ? 0 : 9,
  }
  for (const build of builders) {
    const made = await build?.(release)
    process.stdout.write(`${[made].flat().join('\n')}\n`)
  }
}

const usage =
  `Usage: npm run package -- ${Object.keys(kinds).join('|')}… [--arch x64|arm64] ` +
  '[--system linux|mac|windows] [--version V] [--output DIR] [--dir] [--release] [--fast]'

function isArchitecture(text: string): text is Architecture {
  return text === 'x64' || text === 'arm64'
}

function isSystem(text: string): text is OperatingSystem {
  return text === 'linux' || text === 'mac' || text === 'windows'
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
