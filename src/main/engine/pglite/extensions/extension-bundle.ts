/**
 * Where Postgres's extensions lie that are built for PGlite: one archive each, of PGlite's own package or of one
 * beside it. Knows which there are and what they need; reads nothing but whether they are there.
 */

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export interface ExtensionBundle {
  /** The archive's name without `.tar.gz`. Most hold the extension of that name, some hold several. */
  readonly name: string
  readonly package: string
  /** A library that must be loaded when Postgres starts (PostgreSQL 18 documentation, section 19.11.3). */
  readonly preload?: string
}

const pglite = '@electric-sql/pglite'

/** Those of PostgreSQL's contrib folder, which PGlite's package brings. */
const contribNames = [
  ...['amcheck', 'auto_explain', 'bloom', 'btree_gin', 'btree_gist', 'citext', 'cube', 'dict_int'],
  ...['dict_xsyn', 'earthdistance', 'file_fdw', 'fuzzystrmatch', 'hstore', 'intarray', 'isn', 'lo', 'ltree'],
  ...['pageinspect', 'passwordcheck', 'pg_buffercache', 'pg_freespacemap', 'pg_logicalinspect'],
  ...['pg_overexplain', 'pg_stat_statements', 'pg_surgery', 'pg_trgm', 'pg_visibility', 'pg_walinspect'],
  ...['pgcrypto', 'seg', 'spi', 'tablefunc', 'tcn', 'tsm_system_rows', 'tsm_system_time', 'unaccent'],
  'uuid-ossp',
]

const preloads: Readonly<Record<string, string>> = { pg_stat_statements: 'pg_stat_statements' }

export const extensionBundles: readonly ExtensionBundle[] = [
  ...contribNames.map((name): ExtensionBundle => {
    const preload = preloads[name]
    return { name, package: pglite, ...(preload === undefined ? {} : { preload }) }
  }),
  { name: 'age', package: `${pglite}-age` },
  { name: 'pg_hashids', package: `${pglite}-pg_hashids` },
  { name: 'pg_ivm', package: `${pglite}-pg_ivm` },
  { name: 'pg_textsearch', package: `${pglite}-pg_textsearch`, preload: 'pg_textsearch' },
  { name: 'pg_uuidv7', package: `${pglite}-pg_uuidv7` },
  { name: 'pgtap', package: `${pglite}-pgtap` },
  { name: 'vector', package: `${pglite}-pgvector` },
]

/** Extensions that people look for and that there are not, and why. */
export const missingExtensions: ReadonlyMap<string, string> = new Map(
  ['postgis', 'postgis_raster', 'postgis_topology'].map((name) => [
    name,
    'its package (0.2.8) is built for PGlite 0.5.8 and cannot be loaded by this one',
  ]),
)

/** The libraries that must be loaded at the start for these extensions. */
export function preloadLibraries(extensions: readonly string[]): readonly string[] {
  return extensionBundles.flatMap(({ name, preload }) =>
    preload !== undefined && extensions.includes(name) ? [preload] : [],
  )
}

/** The archives that are installed, by the names of their bundles. */
export function installedArchives(): ReadonlyMap<string, string> {
  const require = createRequire(import.meta.url)
  const folders = new Map<string, string | null>()
  const folderOf = (name: string): string | null => {
    const known = folders.get(name)
    if (known !== undefined) return known
    const found = resolveFolder(require, name)
    folders.set(name, found)
    return found
  }
  return new Map(
    extensionBundles.flatMap((bundle) => {
      const folder = folderOf(bundle.package)
      const archive = folder === null ? null : join(folder, `${bundle.name}.tar.gz`)
      return archive !== null && existsSync(archive) ? [[bundle.name, archive] as const] : []
    }),
  )
}

/** The folder of the package's entry, beside which its archives lie; null where it is not installed. */
function resolveFolder(require: NodeJS.Require, name: string): string | null {
  try {
    return dirname(require.resolve(name))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null
    throw error
  }
}
