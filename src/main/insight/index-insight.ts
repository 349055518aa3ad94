/**
 * Indexes: how large they are, whether anybody uses them, and everything that two must have in common to do the same.
 * From the catalogs of Postgres 13 and later.
 */

import { insightRowsMax, type IndexInsight } from '../../contract/insight.ts'
import { btreeBloatBytes } from './bloat.ts'
import type { DatabaseFacts } from './database-facts.ts'
import type { Ask } from './insight-session.ts'
import { amount, asJson, count, cut, isTrue, known, namedRows, text, type NamedRow } from './row-fields.ts'
import { userSchemas } from './table-insight.ts'

/** What findings need besides. */
export interface IndexRow extends IndexInsight {
  readonly tableOid: number
  /** One per column, in order: operator class, collation, direction; `#` and the attribute number, or an expression. */
  readonly keys: readonly string[]
  /** Those that INCLUDE adds, by attribute number. */
  readonly included: readonly string[]
  /** Of a partial index; null of a whole one. */
  readonly predicate: string | null
  /** It is part of a constraint, an extension, a partitioned index, or something that replication needs. */
  readonly isNeeded: boolean
  /** It cannot be made again from its definition alone. */
  readonly hasExtras: boolean
  /** Of a partitioned table: it has no file of its own. */
  readonly isPartitioned: boolean
  readonly nullsNotDistinct: boolean
  /** How often its table was read in any way, and written. */
  readonly tableScans: number
  readonly tableWrites: number
  readonly comment: string | null
  readonly rows: number | null
}

/** What is missing in older versions is read as JSON: a column that is not there is NULL. */
const indexesQuery = asJson(`
  SELECT c.oid::text AS oid, i.indrelid::text AS tableoid,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS qualified,
    quote_ident(tn.nspname) || '.' || quote_ident(t.relname) AS tablename,
    pg_get_indexdef(c.oid) AS definition, am.amname, pg_relation_size(c.oid) AS size, c.reltuples, c.relpages,
    s.idx_scan, s.idx_tup_read, io.idx_blks_hit, io.idx_blks_read,
    round(extract(epoch FROM (to_jsonb(s) ->> 'last_idx_scan')::timestamptz) * 1000) AS lastscan,
    i.indisunique, i.indisprimary, i.indisvalid AND i.indisready AND i.indislive AS valid,
    coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false) AS nullsnotdistinct,
    (SELECT json_agg((i.indclass::oid[])[k - 1] || ' ' || (i.indcollation::oid[])[k - 1] || ' '
        || (i.indoption::int2[])[k - 1] || ' ' || CASE (i.indkey::int2[])[k - 1]
          WHEN 0 THEN pg_get_indexdef(c.oid, k, true) ELSE '#' || (i.indkey::int2[])[k - 1] END ORDER BY k)
      FROM generate_series(1, i.indnkeyatts) AS k) AS keys,
    (SELECT json_agg('#' || (i.indkey::int2[])[k - 1] ORDER BY k)
      FROM generate_series(i.indnkeyatts + 1, i.indnatts) AS k) AS included,
    pg_get_expr(i.indpred, i.indrelid) AS predicate, c.relkind = 'I' AS partitioned,
    i.indisprimary OR i.indisreplident OR i.indisexclusion OR c.relispartition
      OR EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = c.oid)
      OR EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
        AND d.deptype = 'e') AS needed,
    i.indisclustered OR c.reltablespace <> 0 OR EXISTS (SELECT FROM pg_attribute AS a
      WHERE a.attrelid = c.oid AND (to_jsonb(a) ->> 'attstattarget')::int >= 0) AS extras,
    ts.seq_scan + coalesce(ts.idx_scan, 0) AS tablescans,
    ts.n_tup_ins + ts.n_tup_upd + ts.n_tup_del AS tablewrites,
    obj_description(c.oid, 'pg_class') AS comment,
    coalesce((SELECT option_value FROM pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor'), '90')
      AS fill,
    w.columns, w.known, w.width, w.nulls, count(*) OVER () AS total
  FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_class AS t ON t.oid = i.indrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
    JOIN pg_am AS am ON am.oid = c.relam
    LEFT JOIN pg_stat_all_indexes AS s ON s.indexrelid = c.oid
    LEFT JOIN pg_statio_all_indexes AS io ON io.indexrelid = c.oid
    LEFT JOIN pg_stat_all_tables AS ts ON ts.relid = t.oid
    LEFT JOIN LATERAL (
      SELECT count(*) AS columns, count(p.avg_width) AS known, sum((1 - p.null_frac) * p.avg_width) AS width,
        coalesce(bool_or(p.null_frac > 0), false) AS nulls
      FROM unnest(i.indkey::int2[]) AS k(attnum)
        LEFT JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.attnum
        LEFT JOIN pg_stats AS p
          ON p.schemaname = tn.nspname AND p.tablename = t.relname AND p.attname = a.attname AND NOT p.inherited
      ) AS w ON true
  WHERE t.relpersistence <> 't' AND t.relkind IN ('r', 'm', 'p') AND ${userSchemas}
  ORDER BY size DESC, c.oid LIMIT $1::int`)

/** The largest; `total` counts all. */
export async function readIndexes(
  ask: Ask,
  facts: DatabaseFacts,
): Promise<{ indexes: IndexRow[]; total: number }> {
  const rows = namedRows(await ask(indexesQuery, [String(insightRowsMax)]))
  return {
    indexes: rows.map((row) => toIndex(row, facts)),
    total: rows[0] ? count(rows[0], 'total') : 0,
  }
}

/** Longest definition that the contract lets through. */
const definitionLengthMax = 65_536

function toIndex(row: NamedRow, facts: DatabaseFacts): IndexRow {
  return {
    ...{ oid: count(row, 'oid'), qualifiedName: text(row, 'qualified'), table: text(row, 'tablename') },
    definition: cut(text(row, 'definition'), definitionLengthMax),
    ...{ method: text(row, 'amname'), bytes: count(row, 'size'), bloatBytes: bloatOf(row, facts) },
    ...{ scans: count(row, 'idx_scan'), rowsRead: count(row, 'idx_tup_read') },
    ...{ hits: count(row, 'idx_blks_hit'), reads: count(row, 'idx_blks_read') },
    lastScanMs: known(row, 'lastscan'),
    ...{ isUnique: isTrue(row, 'indisunique'), isPrimary: isTrue(row, 'indisprimary') },
    isValid: isTrue(row, 'valid'),
    tableOid: count(row, 'tableoid'),
    keys: texts(row, 'keys'),
    included: texts(row, 'included'),
    ...{ predicate: row['predicate'] ?? null, comment: row['comment'] ?? null },
    ...{ isNeeded: isTrue(row, 'needed'), hasExtras: isTrue(row, 'extras') },
    ...{ isPartitioned: isTrue(row, 'partitioned'), nullsNotDistinct: isTrue(row, 'nullsnotdistinct') },
    ...{ tableScans: count(row, 'tablescans'), tableWrites: count(row, 'tablewrites') },
    rows: known(row, 'reltuples'),
  }
}

function texts(row: NamedRow, column: string): string[] {
  return JSON.parse(row[column] ?? '[]') as string[]
}

function bloatOf(row: NamedRow, { pageBytes }: DatabaseFacts): number | null {
  const columnCount = count(row, 'columns')
  const rows = amount(row, 'reltuples') ?? -1
  // An expression has no width in the statistics of its table.
  const isKnown = text(row, 'amname') === 'btree' && rows >= 0 && count(row, 'known') === columnCount
  if (!isKnown || columnCount === 0 || isTrue(row, 'partitioned')) return null
  return btreeBloatBytes({
    ...{ rows, pageBytes, columnCount, pages: count(row, 'relpages'), fillFactor: count(row, 'fill') },
    ...{ widthBytes: amount(row, 'width') ?? 0, hasNulls: isTrue(row, 'nulls') },
  })
}
