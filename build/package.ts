/**
 * `npm run package -- npm|tarball|deb`: builds what is stale, then the package, and prints its path. `--arch arm64`
 * makes the Linux packages for the other processor, `--version V` gives them another version, `--output DIR` puts
 * them elsewhere than out/packages, `--fast` does not compress them, for tests.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildIfStale } from './build-if-stale.ts'
import { buildDebianPackage } from './packaging/debian-package.ts'
import { buildNpmPackage } from './packaging/npm-package.ts'
import { readManifest, sourceEpochSeconds } from './packaging/release.ts'
import type { Architecture, Release } from './packaging/release.ts'
import { buildServerTarball } from './packaging/server-tarball.ts'
import { repositoryRoot } from './run-command.ts'

const kinds: Readonly<Record<string, (release: Release) => Promise<string>>> = {
  npm: buildNpmPackage,
  tarball: buildServerTarball,
  deb: buildDebianPackage,
}

/** What dpkg and npm both take as a version. */
const versionPattern = /^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$/

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      arch: { type: 'string', default: 'x64' },
      version: { type: 'string', default: readManifest().version },
      output: { type: 'string', default: join(repositoryRoot, 'out/packages') },
      fast: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const { arch, version, output, fast } = values
  const builders = positionals.map((name) => kinds[name])
  const isKnown = builders.length > 0 && builders.every((builder) => builder !== undefined)
  if (!isKnown || !isArchitecture(arch) || !versionPattern.test(version)) throw new Error(usage)
  await buildIfStale({ parts: ['wasm', 'main', 'renderer', 'template'] })
  const release: Release = {
    ...{ version, architecture: arch, outputFolder: output },
    epochSeconds: await sourceEpochSeconds(),
    compressionLevel: fast ? 0 : 9,
  }
  for (const build of builders) process.stdout.write(`${await build?.(release)}\n`)
}

const usage =
  `Usage: npm run package -- ${Object.keys(kinds).join('|')}… ` +
  '[--arch x64|arm64] [--version V] [--output DIR] [--fast]'

function isArchitecture(text: string): text is Architecture {
  return text === 'x64' || text === 'arm64'
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
