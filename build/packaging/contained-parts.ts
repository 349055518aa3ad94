/**
 * What lies compiled inside of packages whose own licence does not tell of it: C programs that became WebAssembly or
 * native code. A list by hand, because nothing in the packages says it.
 */

export interface ContainedPart {
  /** The package that it lies in. */
  readonly within: string
  readonly name: string
  /** SPDX expression. */
  readonly licence: string
  /** The notice that its licence wants to be kept. */
  readonly copyright: string
  readonly source: string
}

const postgres = {
  licence: 'PostgreSQL',
  copyright:
    'Portions Copyright (c) 1996-2025, PostgreSQL Global Development Group\n' +
    'Portions Copyright (c) 1994, The Regents of the University of California',
  source: 'https://www.postgresql.org/',
}

const pglite = '@electric-sql/pglite'

export const containedParts: readonly ContainedPart[] = [
  { within: pglite, name: 'PostgreSQL 18', ...postgres },
  { within: 'pglite-postgres-17', name: 'PostgreSQL 17', ...postgres },
  { within: `${pglite}-tools`, name: 'pg_dump of PostgreSQL 18', ...postgres },
  {
    within: 'libpg-query',
    name: 'libpg_query',
    licence: 'BSD-3-Clause',
    copyright: 'Copyright (c) 2015-2023, Lukas Fittl <lukas@fittl.com>',
    source: 'https://github.com/pganalyze/libpg_query',
  },
  { within: 'libpg-query', name: "PostgreSQL 18's parser", ...postgres },
  {
    within: 'better-sqlite3',
    name: 'SQLite',
    licence: 'blessing',
    copyright: 'The authors disclaim copyright to this source code.',
    source: 'https://www.sqlite.org/copyright.html',
  },
  {
    within: `${pglite}-pgvector`,
    name: 'pgvector',
    licence: 'PostgreSQL',
    copyright: postgres.copyright,
    source: 'https://github.com/pgvector/pgvector',
  },
  {
    within: `${pglite}-pg_hashids`,
    name: 'pg_hashids',
    licence: 'MIT',
    copyright: 'Copyright (c) 2013 Magnus Persson',
    source: 'https://github.com/iCyberon/pg_hashids',
  },
  {
    within: `${pglite}-pg_ivm`,
    name: 'pg_ivm',
    licence: 'PostgreSQL',
    copyright: 'Portions Copyright (c) 2022, IVM Development Group',
    source: 'https://github.com/sraoss/pg_ivm',
  },
  {
    within: `${pglite}-pgtap`,
    name: 'pgTAP',
    licence: 'PostgreSQL',
    copyright: 'Copyright (c) 2008-2024 David E. Wheeler. Some rights reserved.',
    source: 'https://pgtap.org/',
  },
  {
    within: `${pglite}-pg_uuidv7`,
    name: 'pg_uuidv7',
    licence: 'MPL-2.0',
    copyright: 'Its source is available under the Mozilla Public License 2.0 at the address above.',
    source: 'https://github.com/fboulnois/pg_uuidv7',
  },
]
