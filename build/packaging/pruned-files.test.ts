/** What of a package is shipped, by examples of names that packages really have. */
import { describe, expect, it } from 'vitest'
import { isLicence, isShipped } from './pruned-files.ts'

function shipped(
  name: string,
  paths: readonly string[],
  platform: 'all' | 'linux-x64' = 'linux-x64',
): string[] {
  return paths.filter((path) => isShipped(name, path, platform))
}

describe('isShipped', () => {
  it('keeps what runs, and what its licence wants to be kept', () => {
    const kept = [
      ...[
        'package.json',
        'LICENSE',
        'license',
        'LICENSE.md',
        'LICENSE-MIT',
        'NOTICE',
        'ThirdPartyNotices.txt',
      ],
      ...[
        'index.js',
        'lib/index.cjs',
        'esm/index.mjs',
        'dist/.esm-wrapper.mjs',
        'data/tables.json',
        'a.wasm',
      ],
    ]
    expect(shipped('any', kept)).toEqual(kept)
  })

  it('drops what is for developers', () => {
    const dropped = [
      ...[
        'README.md',
        'index.d.ts',
        'src/index.ts',
        'index.js.map',
        'test/a.js',
        'lib/__tests__/a.js',
        '.eslintrc',
      ],
      ...[
        'binding.gyp',
        'src/a.cc',
        'prebuilds/linux-x64/a.node',
        'eslint.config.js',
        'Makefile',
        'docs/a.js',
        '.husky/pre-commit',
      ],
    ]
    expect(shipped('any', dropped)).toEqual([])
  })

  it('keeps of SQLite the binary of one platform, or of all', () => {
    const paths = [
      'prebuilds/linux-x64.node',
      'prebuilds/win32-x64.node',
      'deps/sqlite3/sqlite3.c',
      'binding.gyp',
    ]
    expect(shipped('better-sqlite3', paths)).toEqual(paths.slice(0, 1))
    expect(shipped('better-sqlite3', paths, 'all')).toEqual(paths.slice(0, 2))
  })

  it('keeps of PGlite one module system, and the extensions of the earlier one', () => {
    const kept = [
      'dist/index.js',
      'dist/chunk-A.js',
      'dist/pglite.wasm',
      'dist/pglite.data',
      'dist/age.tar.gz',
    ]
    const dropped = ['dist/pglite.cjs', 'dist/live/index.js', 'dist/worker/index.js', 'dist/index.d.cts']
    for (const name of ['@electric-sql/pglite', 'pglite-postgres-17']) {
      expect(shipped(name, [...kept, ...dropped])).toEqual(kept)
    }
    const extension = 'dist/contrib/hstore.js'
    expect(shipped('@electric-sql/pglite', [extension])).toEqual([])
    expect(shipped('pglite-postgres-17', [extension])).toEqual([extension])
  })
})

describe('isLicence', () => {
  it('is one of the package itself, whatever it is called', () => {
    expect(
      ['LICENCE.txt', 'COPYING', 'CopyrightNotice.txt', 'licenses.js', 'lib/LICENSE'].map(isLicence),
    ).toEqual([...[true, true, true], ...[false, false]])
  })
})
