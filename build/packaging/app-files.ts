/**
 * The program as it is shipped, without what runs it: built code, the page, the template of new databases, and the
 * packages that run with it. The same for every kind of package but for the platform's binaries and the shell.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { constants, zstdCompressSync } from 'node:zlib'
import { repositoryRoot } from '../run-command.ts'
import { isShipped } from './pruned-files.ts'
import type { Platform } from './pruned-files.ts'
import { author } from './release.ts'
import type { ProductManifest } from './release.ts'
import { runtimePackages, shellDependencies } from './runtime-packages.ts'
import type { RuntimePackage, Shell } from './runtime-packages.ts'
import { copiedFile, textFile } from './shipped-file.ts'
import type { ShippedFile } from './shipped-file.ts'

/** What the build leaves behind and the product reads. Maps are for developers; compiled code is one machine's. */
const built = ['out/node', 'out/preload', 'out/renderer', 'out/template']
const notShipped = /\.map$|^out\/template\/compiled\//

const ofElectron = /^out\/(preload|node\/src\/main\/electron)\//
/** What must be built for each. */
const entries: Readonly<Record<Shell, readonly string[]>> = {
  headless: ['out/node/src/main/cli/main.js', 'out/renderer/index.html', 'out/template/'],
  electron: [
    'out/node/src/main/electron/main.js',
    'out/preload/',
    'out/renderer/index.html',
    'out/template/',
  ],
}

const launcher = 'bin/wardian.mjs'

/** Needed by few and a fifth of the whole; src/main/transfer/earlier-program.ts reads them compressed. */
const compressed = /^node_modules\/pglite-postgres-17\/dist\/pglite\.(wasm|data)$/
/** Of 22: beyond, seconds go for less than a tenth. */
const compressionLevel = 12

export interface AppFilesOptions {
  readonly manifest: ProductManifest
  readonly version: string
  readonly platform: Platform
  readonly shell: Shell
}

export function appFiles({ manifest, version, platform, shell }: AppFilesOptions): ShippedFile[] {
  const packages = runtimePackages({ shell })
  return [
    textFile('package.json', `${JSON.stringify(shippedManifest({ manifest, version, shell }), null, 2)}\n`),
    { ...copiedFile(launcher, join(repositoryRoot, launcher)), isExecutable: true },
    copiedFile('LICENSE', join(repositoryRoot, 'LICENSE')),
    ...builtFiles(shell),
    ...packages.flatMap((each) => packageFiles(each, platform, manifest.overrides)),
  ]
}

/** All packages are bundled: what is installed is what was tested, nothing is resolved, fetched or compiled. */
function shippedManifest({ manifest, version, shell }: Omit<AppFilesOptions, 'platform'>): object {
  const { name, description, license, type, bin, main, wardian } = manifest
  const oldest = wardian.nodeOldest
  const dependencies = shellDependencies(manifest.dependencies, shell)
  const own = { name, version, description, license, type }
  if (shell === 'electron') {
    return { ...own, productName: 'Wardian', author, main, wardian: { nodeOldest: oldest }, dependencies }
  }
  return {
    ...{ ...own, bin },
    engines: { node: `>=${oldest}` },
    wardian: { nodeOldest: oldest },
    dependencies,
    bundleDependencies: Object.keys(dependencies),
  }
}

function builtFiles(shell: Shell): ShippedFile[] {
  const files = built
    .flatMap((folder) => filesBelow(join(repositoryRoot, folder)).map((path) => `${folder}/${path}`))
    .filter((path) => !notShipped.test(path) && (shell === 'electron' || !ofElectron.test(path)))
  for (const part of entries[shell]) {
    if (!files.some((path) => path.startsWith(part))) throw new Error(`${part} is not built`)
  }
  return files.map((path) => copiedFile(path, join(repositoryRoot, path)))
}

function packageFiles(
  { name, folder }: RuntimePackage,
  platform: Platform,
  overrides: ProductManifest['overrides'],
): ShippedFile[] {
  return filesBelow(join(repositoryRoot, folder))
    .filter((path) => isShipped(name, path, platform))
    .map((path) => {
      const from = `${folder}/${path}`
      if (compressed.test(from)) return compressedFile(from)
      if (path === 'package.json' && name in overrides) return withoutPeers(from)
      return copiedFile(from, join(repositoryRoot, from))
    })
}

/** What it wants beside it is overridden here, and npm would call that invalid wherever the package is installed. */
function withoutPeers(path: string): ShippedFile {
  const manifest = JSON.parse(readFileSync(join(repositoryRoot, path), 'utf8')) as object
  return textFile(path, `${JSON.stringify({ ...manifest, peerDependencies: undefined }, null, 2)}\n`)
}

function compressedFile(path: string): ShippedFile {
  const params = { [constants.ZSTD_c_compressionLevel]: compressionLevel }
  const bytes = zstdCompressSync(readFileSync(join(repositoryRoot, path)), { params })
  return { path: `${path}.zst`, source: { kind: 'bytes', bytes } }
}

/** Below `root` without the packages of packages, relative to it, with forward slashes; sorted. */
function filesBelow(root: string): string[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.startsWith('node_modules/'))
    .toSorted()
}
