/**
 * The program as it is shipped, without a Node to run it: built code, the page, the template of new databases, and
 * the packages that run with it. The same for every kind of package but for the platform's binaries.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { constants, zstdCompressSync } from 'node:zlib'
import { repositoryRoot } from '../run-command.ts'
import { isShipped } from './pruned-files.ts'
import type { Platform } from './pruned-files.ts'
import type { ProductManifest } from './release.ts'
import { runtimePackages } from './runtime-packages.ts'
import type { RuntimePackage } from './runtime-packages.ts'
import { copiedFile, textFile } from './shipped-file.ts'
import type { ShippedFile } from './shipped-file.ts'

/** What the build leaves behind and the product reads. Maps are for developers; compiled code is one machine's. */
const built = ['out/node', 'out/renderer', 'out/template']
const notShipped = /\.map$|^out\/node\/src\/main\/electron\/|^out\/template\/compiled\//

const launcher = 'bin/wardian.mjs'

/** Needed by few and a fifth of the whole; src/main/transfer/earlier-program.ts reads them compressed. */
const compressed = /^node_modules\/pglite-postgres-17\/dist\/pglite\.(wasm|data)$/
/** Of 22: beyond, seconds go for less than a tenth. */
const compressionLevel = 12

export interface AppFilesOptions {
  readonly manifest: ProductManifest
  readonly version: string
  readonly platform: Platform
}

export function appFiles({ manifest, version, platform }: AppFilesOptions): ShippedFile[] {
  return [
    textFile('package.json', `${JSON.stringify(shippedManifest(manifest, version), null, 2)}\n`),
    { ...copiedFile(launcher, join(repositoryRoot, launcher)), isExecutable: true },
    copiedFile('LICENSE', join(repositoryRoot, 'LICENSE')),
    ...builtFiles(),
    ...runtimePackages().flatMap((each) => packageFiles(each, platform, manifest.overrides)),
  ]
}

/** All packages are bundled: what is installed is what was tested, nothing is resolved, fetched or compiled. */
function shippedManifest(manifest: ProductManifest, version: string): object {
  const { name, description, license, type, bin, wardian, dependencies } = manifest
  const oldest = wardian.nodeOldest
  return {
    ...{ name, version, description, license, type, bin },
    engines: { node: `>=${oldest}` },
    wardian: { nodeOldest: oldest },
    dependencies,
    bundleDependencies: Object.keys(dependencies),
  }
}

function builtFiles(): ShippedFile[] {
  const files = built
    .flatMap((folder) => filesBelow(join(repositoryRoot, folder)).map((path) => `${folder}/${path}`))
    .filter((path) => !notShipped.test(path))
  for (const part of ['out/node/src/main/cli/main.js', 'out/renderer/index.html', 'out/template/']) {
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
