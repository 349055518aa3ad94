/**
 * What there is of tables in an engine at one moment: which, by what their rows are told apart, in which files they
 * lie, and what Postgres has counted of their rows. Reads no row of theirs.
 */

import { array, string } from '../../contract/schema.ts'
import type { TextRow } from '../session/session-query.ts'
import type { TrialEngine } from './trial-engine.ts'

export interface SurveyedColumn {
  readonly name: string
  /** As format_type prints it. */
  readonly type: string
}

/** Rows that were written, of committed and of rolled-back transactions (pg_stat_all_tables). */
export interface WriteCounts {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

export interface SurveyedTable {
  readonly oid: string
  /** Qualified and quoted. */
  readonly name: string
  readonly kind: 'table' | 'materialized view' | 'large objects'
  /** False of a materialized view that nobody may read before it is refreshed. */
  readonly isPopulated: boolean
  /** Another one after TRUNCATE and whatever else writes the table anew. */
  readonly fileNode: string
  readonly columns: readonly SurveyedColumn[]
  /** Columns that tell rows apart: the primary key, else a unique index without nulls; empty where there is none. */
  readonly key: readonly string[]
  readonly writes: WriteCounts
}

/** Counts that have not been reported yet are reported at the end of the statement after this one. */
const flushQuery = `select pg_stat_force_next_flush()::text`

const surveyQuery = `
  select c.oid::text, c.oid::regclass::text,
    case when c.relkind = 'm' then 'materialized view' when c.oid = 'pg_largeobject'::regclass then
      'large objects'
      else 'table' end,
    coalesce(pg_relation_filenode(c.oid), 0)::text,
    (select coalesce(json_agg(a.attname order by a.attnum), '[]') from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text,
    (select coalesce(json_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum), '[]') from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text,
    coalesce((select (select json_agg(a.attname order by k.place)
          from unnest(i.indkey::int2[]) with ordinality k(number, place)
          join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number where k.place <= i.indnkeyatts)
        from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null
          and i.indexprs is null and not exists (select from unnest(i.indkey::int2[]) with ordinality k(number,
            place)
            join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
            where k.place <= i.indnkeyatts and not a.attnotnull)
        order by i.indisprimary desc, i.indnkeyatts, i.indexrelid limit 1), '[]')::text,
    pg_stat_get_tuples_inserted(c.oid)::text, pg_stat_get_tuples_updated(c.oid)::text,
    pg_stat_get_tuples_deleted(c.oid)::text, c.relispopulated::text
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where (c.relkind in ('r', 'm') and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <>
    'information_schema')
    or c.oid = 'pg_largeobject'::regclass
  order by 2`

/** The next transaction's number: rows of later ones are those that have it, or one after it. */
const nextTransactionQuery = `select pg_snapshot_xmax(pg_current_snapshot())::text`

const nameList = array(string(1024), 2_000)

/** While no transaction is open. */
export async function surveyTables(
  engine: TrialEngine,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, SurveyedTable>> {
  await engine.rows(flushQuery, [], signal)
  const rows = await engine.rows(surveyQuery, [], signal)
  return new Map(rows.map(toTable).map((table) => [table.oid, table]))
}

export async function nextTransaction(engine: TrialEngine, signal: AbortSignal): Promise<string> {
  const [row] = await engine.rows(nextTransactionQuery, [], signal)
  return row?.[0] ?? '0'
}

function toTable(row: TextRow): SurveyedTable {
  const [oid, name, kind, fileNode, names, types, key, inserted, updated, deleted, isPopulated] = row
  const typeList = parseNames(types)
  return {
    ...{ oid: oid ?? '', name: name ?? '', fileNode: fileNode ?? '' },
    kind: kind === 'materialized view' || kind === 'large objects' ? kind : 'table',
    isPopulated: isPopulated === 'true',
    columns: parseNames(names).map((column, at) => ({ name: column, type: typeList[at] ?? 'text' })),
    key: parseNames(key),
    writes: { inserted: Number(inserted), updated: Number(updated), deleted: Number(deleted) },
  }
}

function parseNames(json: string | null | undefined): readonly string[] {
  return nameList.parse(JSON.parse(json ?? '[]'), 'names')
}
