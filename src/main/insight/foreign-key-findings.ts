/**
 * Foreign keys whose rows are searched for by reading the whole table, as each DELETE or UPDATE of a key that they
 * refer to does. Which indexes support which key, and the index that is missing.
 */

import type { Finding } from '../../contract/insight.ts'
import { bytesText, countText } from './finding-words.ts'
import type { IndexRow } from './index-insight.ts'
import type { Ask } from './insight-session.ts'
import { asJson, count, known, namedRows, text } from './row-fields.ts'
import { userSchemas } from './table-insight.ts'

/** Keys that are looked at; the largest tables first. */
const keysMax = 5_000
/** Below this many rows, reading the whole table is as fast. */
const largeRowsMin = 1_000
/** NAMEDATALEN - 1 (PostgreSQL 18 documentation, section 4.1.1). */
const nameBytesMax = 63
/** Names that are tried before the finding is told without a statement. */
const nameTries = 5

export interface ForeignKey {
  readonly name: string
  readonly tableOid: number
  readonly schema: string
  readonly tableName: string
  /** Quoted, with their schemas. */
  readonly table: string
  readonly referenced: string
  readonly columns: readonly string[]
  readonly quotedColumns: readonly string[]
  readonly attributeNumbers: readonly number[]
  readonly bytes: number
  readonly rows: number | null
}

const keysQuery = asJson(`
  SELECT k.conname, t.oid::text AS tableoid, n.nspname, t.relname,
    quote_ident(n.nspname) || '.' || quote_ident(t.relname) AS tablename,
    quote_ident(rn.nspname) || '.' || quote_ident(r.relname) AS referenced,
    c.columns, c.quoted, c.numbers, pg_relation_size(t.oid) AS size,
    greatest(t.reltuples, pg_stat_get_live_tuples(t.oid)) AS rows
  FROM pg_constraint AS k
    JOIN pg_class AS t ON t.oid = k.conrelid
    JOIN pg_namespace AS n ON n.oid = t.relnamespace
    JOIN pg_class AS r ON r.oid = k.confrelid
    JOIN pg_namespace AS rn ON rn.oid = r.relnamespace
    CROSS JOIN LATERAL (
      SELECT json_agg(a.attname ORDER BY u.place) AS columns,
        json_agg(quote_ident(a.attname) ORDER BY u.place) AS quoted, json_agg(a.attnum ORDER BY u.place) AS numbers
      FROM unnest(k.conkey) WITH ORDINALITY AS u(attnum, place)
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = u.attnum) AS c
  WHERE k.contype = 'f' AND k.conparentid = 0 AND t.relpersistence <> 't' AND ${userSchemas}
  ORDER BY size DESC, t.oid, k.oid LIMIT ${keysMax}`)

const takenQuery = `SELECT n.nspname || '.' || c.relname
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname || '.' || c.relname IN (SELECT json_array_elements_text($1::json))`

export async function readForeignKeys(ask: Ask): Promise<ForeignKey[]> {
  return namedRows(await ask(keysQuery)).map((row) => ({
    ...{ name: text(row, 'conname'), tableOid: count(row, 'tableoid'), schema: text(row, 'nspname') },
    ...{
      tableName: text(row, 'relname'),
      table: text(row, 'tablename'),
      referenced: text(row, 'referenced'),
    },
    columns: JSON.parse(text(row, 'columns')) as string[],
    quotedColumns: JSON.parse(text(row, 'quoted')) as string[],
    attributeNumbers: JSON.parse(text(row, 'numbers')) as number[],
    bytes: count(row, 'size'),
    // What was counted may be lost, and then nobody knows.
    rows: count(row, 'rows') === 0 && count(row, 'size') > 0 ? null : known(row, 'rows'),
  }))
}

/** The oids of indexes of which each alone supports a key. */
export function supportingIndexes(
  keys: readonly ForeignKey[],
  indexes: readonly IndexRow[],
): ReadonlySet<number> {
  const byTable = Map.groupBy(indexes, ({ tableOid }) => tableOid)
  const only = new Set<number>()
  for (const key of keys) {
    const found = (byTable.get(key.tableOid) ?? []).filter((index) => supports(index, key))
    const [index] = found
    if (index && found.length === 1) only.add(index.oid)
  }
  return only
}

/** What keys have no index, each with one under a name that is free. `takenNames` as `schema.name`. */
export async function foreignKeyFindings(
  ask: Ask,
  keys: readonly ForeignKey[],
  { indexes, findingsMax }: { indexes: readonly IndexRow[]; findingsMax: number },
): Promise<Finding[]> {
  const byTable = Map.groupBy(indexes, ({ tableOid }) => tableOid)
  const bare = keys
    .filter((key) => !(byTable.get(key.tableOid) ?? []).some((index) => supports(index, key)))
    // Two keys on the same columns need one index.
    .filter((key, place, all) => all.findIndex((other) => isAlike(key, other)) === place)
    .slice(0, findingsMax)
  const taken = await takenNames(ask, bare)
  return bare.map((key) => missing(key, freeName(key, taken)))
}

function isAlike(key: ForeignKey, other: ForeignKey): boolean {
  const sorted = ({ attributeNumbers }: ForeignKey): string =>
    attributeNumbers.toSorted((a, b) => a - b).join()
  return key.tableOid === other.tableOid && sorted(key) === sorted(other)
}

/** Its first columns are those of the key, in any order; a partial index has not every row. */
function supports(index: IndexRow, { attributeNumbers }: ForeignKey): boolean {
  if (!index.isValid || index.predicate !== null || index.method !== 'btree') return false
  const first = index.keys.slice(0, attributeNumbers.length).map((key) => key.slice(key.lastIndexOf(' ') + 1))
  return attributeNumbers.every((number) => first.includes(`#${number}`))
}

function candidates({ tableName, columns }: Pick<ForeignKey, 'tableName' | 'columns'>): string[] {
  return Array.from({ length: nameTries }, (_, place) => {
    const end = place === 0 ? '_idx' : `_idx${place}`
    return cutBytes([tableName, ...columns].join('_'), nameBytesMax - end.length) + end
  })
}

export interface IndexPlace {
  readonly schema: string
  readonly tableName: string
  readonly columns: readonly string[]
}

/** Those of the names that new indexes may get which are taken. */
export async function takenNames(ask: Ask, places: readonly IndexPlace[]): Promise<Set<string>> {
  if (places.length === 0) return new Set()
  const wanted = places.flatMap((place) => candidates(place).map((name) => `${place.schema}.${name}`))
  const rows = await ask(takenQuery, [JSON.stringify(wanted)])
  return new Set(rows.map(([name]) => name ?? ''))
}

/** A name that is not in `taken`, and is from then on; null where all are. */
export function freeName(place: IndexPlace, taken: Set<string>): string | null {
  const name = candidates(place).find((candidate) => !taken.has(`${place.schema}.${candidate}`))
  if (name === undefined) return null
  taken.add(`${place.schema}.${name}`)
  return name
}

function missing(key: ForeignKey, indexName: string | null): Finding {
  const { table, referenced, quotedColumns, bytes, rows } = key
  const isLarge = rows === null ? bytes > 1 << 20 : rows >= largeRowsMin
  return {
    ...{ kind: 'foreign-key-without-index', certainty: isLarge ? 'likely' : 'hint', table },
    object: key.name,
    title: `No index on ${table} (${quotedColumns.join(', ')}) for its foreign key`,
    why:
      `Each row of ${referenced} that is deleted, or whose key changes, has ${table} searched for rows that refer ` +
      `to it, and without an index all of it is read (${sizeText(bytes, rows)}). Joins along the key are faster ` +
      `with one, too.${isLarge ? '' : ' As long as the table is so small, an index gains nothing.'} Against it: ` +
      'an index has to be kept up to date.',
    bytes,
    repair: indexName === null ? null : createIndex(key, indexName, quotedColumns),
  }
}

function sizeText(bytes: number, rows: number | null): string {
  return rows === null ? bytesText(bytes) : `${countText(rows, 'row')}, ${bytesText(bytes)}`
}

/** `schema` is not quoted, `quotedColumns` are. */
export function createIndex(
  { schema, table }: Pick<ForeignKey, 'schema' | 'table'>,
  indexName: string,
  quotedColumns: readonly string[],
): { sql: string; undo: string } {
  return {
    sql: `CREATE INDEX ${quoted(indexName)} ON ${table} (${quotedColumns.join(', ')});`,
    undo: `DROP INDEX ${quoted(schema)}.${quoted(indexName)};`,
  }
}

/** What cannot be a key word stays as it is. */
function quoted(name: string): string {
  return /^([a-z_][a-z0-9_$]*_idx\d*|public)$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/** Whole characters of `value` that fit in so many bytes of UTF-8. */
function cutBytes(value: string, bytesMax: number): string {
  let cut = ''
  let bytes = 0
  for (const character of value) {
    bytes += new TextEncoder().encode(character).length
    if (bytes > bytesMax) break
    cut += character
  }
  return cut
}
