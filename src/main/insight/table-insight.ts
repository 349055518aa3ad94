/**
 * Tables: how large they and their parts are, what is dead in them, and how they are read. From the catalogs of
 * Postgres 13 and later.
 */

import { insightRowsMax, type TableInsight } from '../../contract/insight.ts'
import { heapBloatBytes } from './bloat.ts'
import type { DatabaseFacts } from './database-facts.ts'
import type { Ask } from './insight-session.ts'
import { amount, asJson, count, isTrue, known, namedRows, text, type NamedRow } from './row-fields.ts'

/** What findings need besides. */
export interface TableRow extends TableInsight {
  readonly modifiedSinceAnalyze: number
  readonly hasStatistics: boolean
}

/** The user's own: nothing of Postgres, nothing temporary. */
export const userSchemas = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`

/** Widths are known where every column has statistics (pg_stats shows those of tables that the user may read). */
const tablesQuery = asJson(`
  WITH sized AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, c.reltuples, c.relpages, c.reloptions,
      pg_relation_size(c.oid) AS heap, pg_table_size(c.oid) - pg_relation_size(c.oid) AS toast,
      pg_indexes_size(c.oid) AS indexes, count(*) OVER () AS total
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND ${userSchemas}
    ORDER BY pg_total_relation_size(c.oid) DESC, c.oid LIMIT $1::int)
  SELECT z.oid::text AS oid, z.nspname, z.relname, quote_ident(z.nspname) || '.' || quote_ident(z.relname) AS qualified,
    CASE WHEN z.relkind = 'm' THEN 'materialized-view' WHEN z.relispartition THEN 'partition' ELSE 'table' END AS kind,
    z.reltuples, z.relpages, z.heap, z.toast, z.indexes, z.total,
    coalesce((SELECT option_value FROM pg_options_to_table(z.reloptions) WHERE option_name = 'fillfactor'), '100')
      AS fill,
    s.seq_scan, s.seq_tup_read, s.idx_scan, s.n_tup_ins, s.n_tup_upd, s.n_tup_hot_upd, s.n_tup_del,
    s.n_live_tup, s.n_dead_tup, s.n_mod_since_analyze,
    round(extract(epoch FROM greatest(s.last_vacuum, s.last_autovacuum)) * 1000) AS vacuumed,
    round(extract(epoch FROM greatest(s.last_analyze, s.last_autoanalyze)) * 1000) AS analyzed,
    io.heap_blks_hit, io.heap_blks_read, io.idx_blks_hit, io.idx_blks_read,
    w.columns, w.known, w.width, w.nulls
  FROM sized AS z
    LEFT JOIN pg_stat_all_tables AS s ON s.relid = z.oid
    LEFT JOIN pg_statio_all_tables AS io ON io.relid = z.oid
    LEFT JOIN LATERAL (
      SELECT count(*) AS columns, count(p.avg_width) AS known, sum((1 - p.null_frac) * p.avg_width) AS width,
        coalesce(bool_or(p.null_frac > 0), false) AS nulls
      FROM pg_attribute AS a LEFT JOIN pg_stats AS p
        ON p.schemaname = z.nspname AND p.tablename = z.relname AND p.attname = a.attname AND NOT p.inherited
      WHERE a.attrelid = z.oid AND a.attnum > 0 AND NOT a.attisdropped) AS w ON true
  ORDER BY z.heap + z.toast + z.indexes DESC, z.oid`)

/** The largest; `total` counts all. */
export async function readTables(
  ask: Ask,
  facts: DatabaseFacts,
): Promise<{ tables: TableRow[]; total: number }> {
  const rows = namedRows(await ask(tablesQuery, [String(insightRowsMax)]))
  return {
    tables: rows.map((row) => toTable(row, facts)),
    total: rows[0] ? count(rows[0], 'total') : 0,
  }
}

function toTable(row: NamedRow, facts: DatabaseFacts): TableRow {
  const [heapBytes, indexBytes, toastBytes] = [count(row, 'heap'), count(row, 'indexes'), count(row, 'toast')]
  const kind = text(row, 'kind')
  const estimate = amount(row, 'reltuples') ?? -1
  const live = count(row, 'n_live_tup')
  // What was counted is gone after a crash; the planner's own number is as of the last ANALYZE or VACUUM.
  const rows = live > 0 ? live : estimate >= 0 ? Math.round(estimate) : heapBytes === 0 ? 0 : null
  return {
    ...{ oid: count(row, 'oid'), schema: text(row, 'nspname'), name: text(row, 'relname') },
    qualifiedName: text(row, 'qualified'),
    kind: kind === 'materialized-view' || kind === 'partition' ? kind : 'table',
    ...{ totalBytes: heapBytes + indexBytes + toastBytes, heapBytes, indexBytes, toastBytes },
    ...{ rows, deadRows: known(row, 'n_dead_tup'), bloatBytes: bloatOf(row, facts) },
    ...scansOf(row),
    ...{ lastVacuumMs: known(row, 'vacuumed'), lastAnalyzeMs: known(row, 'analyzed') },
    modifiedSinceAnalyze: count(row, 'n_mod_since_analyze'),
    hasStatistics: count(row, 'known') > 0,
  }
}

type Scans = Pick<
  TableInsight,
  | 'sequentialScans'
  | 'sequentialRows'
  | 'indexScans'
  | 'inserted'
  | 'updated'
  | 'hotUpdated'
  | 'deleted'
  | 'heapHits'
  | 'heapReads'
  | 'indexHits'
  | 'indexReads'
>

function scansOf(row: NamedRow): Scans {
  return {
    sequentialScans: count(row, 'seq_scan'),
    sequentialRows: count(row, 'seq_tup_read'),
    indexScans: count(row, 'idx_scan'),
    inserted: count(row, 'n_tup_ins'),
    updated: count(row, 'n_tup_upd'),
    hotUpdated: count(row, 'n_tup_hot_upd'),
    deleted: count(row, 'n_tup_del'),
    heapHits: count(row, 'heap_blks_hit'),
    heapReads: count(row, 'heap_blks_read'),
    indexHits: count(row, 'idx_blks_hit'),
    indexReads: count(row, 'idx_blks_read'),
  }
}

function bloatOf(row: NamedRow, { pageBytes }: DatabaseFacts): number | null {
  const columnCount = count(row, 'columns')
  const rows = amount(row, 'reltuples') ?? -1
  if (rows < 0 || columnCount === 0 || count(row, 'known') < columnCount) return null
  return heapBloatBytes({
    ...{ rows, pageBytes, columnCount, pages: count(row, 'relpages'), fillFactor: count(row, 'fill') },
    ...{ widthBytes: amount(row, 'width') ?? 0, hasNulls: isTrue(row, 'nulls') },
  })
}
