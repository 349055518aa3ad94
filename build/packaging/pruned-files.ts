/**
 * Which files of an installed package run, and which only its developers need: maps, types, tests, sources of
 * native code, builds for other platforms and module systems. Decides by names alone, and reads no file.
 */
import { extname } from 'node:path/posix'

/** As better-sqlite3 names its binaries, such as `linux-x64`; `all` keeps those of every platform. */
export type Platform = 'all' | `${'linux' | 'linuxmusl' | 'darwin' | 'win32'}-${'x64' | 'arm64'}`

/** What is kept of a package besides its package.json and licence; every other package follows the general rules. */
const kept: Readonly<Record<string, RegExp>> = {
  // The CommonJS entry is looked for, not run: files lie beside it.
  '@electric-sql/pglite': /^dist\/([^/]+\.(js|wasm|data|tar\.gz)|index\.cjs|fs\/(base|nodefs)\.js)$/,
  'pglite-postgres-17':
    /^dist\/([^/]+\.(js|wasm|data|tar\.gz)|index\.cjs|fs\/nodefs\.js|(?!fs|live|worker)\w+\/\w+\.js)$/,
  // pg_dump.cjs is compiled, and looks for the .wasm beside it.
  '@electric-sql/pglite-tools': /^dist\/pg_dump\.(cjs|wasm)$/,
  'better-sqlite3': /^(lib\/.*\.js|prebuilds\/.*\.node)$/,
  'libpg-query': /^wasm\/(index\.c?js|libpg-query\.(js|wasm))$/,
  // Headers for compiling; only better-sqlite3's package.json wants it to be there.
  'node-addon-api': /^$/,
}

const licence =
  /^(licen[cs]e|copying|notice|copyright|copyrightnotice|thirdparty\w*)(-[\w.-]+)?(\.(md|txt))?$/i

const droppedFolders = new Set([
  ...['test', 'tests', '__tests__', 'doc', 'docs', 'example', 'examples', 'bench', 'benchmark', 'benchmarks'],
  ...['samples', 'scripts', 'prebuilds', '.github', 'esnext'],
])
const droppedExtensions = new Set([
  ...['.map', '.md', '.markdown', '.ts', '.mts', '.cts', '.tsx', '.flow', '.html', '.png', '.svg', '.ico'],
  ...[
    '.c',
    '.cc',
    '.cpp',
    '.h',
    '.hpp',
    '.gyp',
    '.gypi',
    '.yml',
    '.yaml',
    '.tgz',
    '.lock',
    '.txt',
    '.log',
    '.sh',
  ],
])
const droppedNames =
  /^(Makefile|CMakeLists\.txt|CNAME|(eslint|vitest|tsup|karma|rollup|webpack)[\w.-]*|(test|bench(mark)?)\.js)$/i

/** Whether the file at `path` in the package is shipped for `platform`. */
export function isShipped(name: string, path: string, platform: Platform): boolean {
  if (path === 'package.json' || licence.test(path)) return true
  const rule = kept[name]
  if (rule) return rule.test(path) && isFor(platform, path)
  const folders = path.split('/')
  const file = folders.pop() ?? ''
  if (folders.some((folder) => droppedFolders.has(folder))) return false
  // What the package's root hides is for its developers.
  if (path.startsWith('.')) return false
  return !droppedExtensions.has(extname(file).toLowerCase()) && !droppedNames.test(file)
}

export function isLicence(path: string): boolean {
  return licence.test(path)
}

function isFor(platform: Platform, path: string): boolean {
  const binary = /prebuilds\/(.*)\.node$/.exec(path)?.[1]
  return binary === undefined || platform === 'all' || binary === platform
}
