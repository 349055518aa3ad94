/**
 * What the cache asks Postgres: how often rows of relations have been changed, which functions may be called, what
 * relations are, and what of a session changes what a statement means. Postgres's own counters
 * (pg_stat_get_tuples_inserted and its kin) see every row that is changed, whoever changes it and by whatever way:
 * triggers, rules, cascades, functions, COPY. Only SQL and its answers; decides nothing.
 */

import type { StatementRunner } from '../session/statement-execution.ts'
import { textQuery } from './text-query.ts'
import { allowedStableFunctions, firstUserOid } from './tree-rules.ts'

type Runner = Pick<StatementRunner, 'execute'>

/** How often rows were changed, as text that is compared and nothing else. */
export interface ChangeCounts {
  /** Of the system's catalogs together, and when counters were reset last: DDL, roles, TRUNCATE. */
  readonly catalogs: string
  readonly relations: ReadonlyMap<number, string>
}

/** A relation that a statement reads. */
export interface RelationFact {
  readonly oid: number
  /** As in pg_class: r, v, m, p, f… */
  readonly kind: string
  /** p, u or t. */
  readonly persistence: string
  readonly name: string
}

/** Counters are gathered by the backend first; then they are everybody's. */
const flushSql = 'select from (select pg_catalog.pg_stat_force_next_flush()) f'

/** ANALYZE writes pg_statistic and pg_statistic_ext_data, which no result depends on. */
const countsSql =
  `select 'catalogs', sum(pg_catalog.pg_stat_get_tuples_inserted(oid) + ` +
  `pg_catalog.pg_stat_get_tuples_updated(oid) + pg_catalog.pg_stat_get_tuples_deleted(oid))::text ` +
  `from pg_catalog.pg_class where oid < ${firstUserOid} and relkind = 'r' and oid not in (2619, 3429) ` +
  `union all select 'reset', string_agg(datid::text || coalesce(stats_reset::text, ''), ',' order by datid) ` +
  `from pg_catalog.pg_stat_database ` +
  `union all select oid::text, (pg_catalog.pg_stat_get_tuples_inserted(oid) + ` +
  `pg_catalog.pg_stat_get_tuples_updated(oid) + pg_catalog.pg_stat_get_tuples_deleted(oid))::text ` +
  `from unnest($1::oid[]) oid`

/** What makes JSON calls users' casts to it (json_categorize_type, utils/adt/jsonfuncs.c), which no tree names. */
const functionsSql =
  `select oid::text from pg_catalog.pg_proc where oid < ${firstUserOid} and pronamespace = 11 ` +
  `and (provolatile = 'i' or provolatile = 's' and proname::text = any($1::text[])) ` +
  `and (provolatile = 'i' or proname !~ 'json' or not exists (select from pg_catalog.pg_cast ` +
  `where casttarget in (114, 3802) and castfunc >= ${firstUserOid}))`

/** With all children and partitions, which a statement does not name. */
const relationsSql =
  `with recursive found(oid) as (select unnest($1::oid[]) ` +
  `union select i.inhrelid from pg_catalog.pg_inherits i join found on i.inhparent = found.oid) ` +
  `select c.oid::text, c.relkind::text, c.relpersistence::text, c.oid::regclass::text ` +
  `from found join pg_catalog.pg_class c using (oid)`

/** Types whose values are printed by functions that did not come with Postgres, and may say anything. */
const foreignTypesSql =
  `select oid::text from pg_catalog.pg_type ` + `where oid = any($1::oid[]) and typoutput >= ${firstUserOid}`

/**
 * Roles, the schemas that are searched, that of temporary tables among them, and every setting that is not at its
 * default. Names are qualified: the session may have put functions of its own in front.
 */
const roleOf = (who: string): string =>
  `(select oid from pg_catalog.pg_roles where rolname OPERATOR(pg_catalog.=) ${who})`
const settingsSql =
  `(select pg_catalog.string_agg(pg_catalog.concat(name, '=', setting), '|' order by name) ` +
  `from pg_catalog.pg_settings where source OPERATOR(pg_catalog.<>) 'default')`
const stateSql =
  `select pg_catalog.concat_ws('|', ${roleOf('current_user')}, ${roleOf('session_user')}, ` +
  `pg_catalog.current_schemas(true), ${settingsSql})`

export async function readChangeCounts(runner: Runner, oids: Iterable<number>): Promise<ChangeCounts> {
  await textQuery(runner, flushSql)
  const relations = new Map<number, string>()
  const catalogs: string[] = []
  for (const [what, count] of await textQuery(runner, countsSql, [arrayText(oids)])) {
    if (what === 'catalogs' || what === 'reset') catalogs.push(count ?? '')
    else relations.set(Number(what), count ?? '')
  }
  return { catalogs: catalogs.join('|'), relations }
}

/** The functions that a statement may call whose result is kept. */
export async function readAllowedFunctions(runner: Runner): Promise<ReadonlySet<number>> {
  const rows = await textQuery(runner, functionsSql, [arrayText(allowedStableFunctions)])
  return new Set(rows.map(([oid]) => Number(oid)))
}

export async function readRelations(runner: Runner, oids: Iterable<number>): Promise<RelationFact[]> {
  const rows = await textQuery(runner, relationsSql, [arrayText(oids)])
  return rows.map(([oid, kind, persistence, name]) => ({
    oid: Number(oid),
    ...{ kind: kind ?? '', persistence: persistence ?? '', name: name ?? '' },
  }))
}

/** Whether all values of these types are printed by Postgres itself. */
export async function arePrintedByPostgres(runner: Runner, types: Iterable<number>): Promise<boolean> {
  const own = [...types].filter((oid) => oid >= firstUserOid)
  return own.length === 0 || (await textQuery(runner, foreignTypesSql, [arrayText(own)])).length === 0
}

/** What a session's statements mean depends on this, and on nothing else of it. */
export async function readSessionState(session: Runner): Promise<string> {
  const [row] = await textQuery(session, stateSql)
  return row?.[0] ?? ''
}

function arrayText(items: Iterable<number | string>): string {
  return `{${[...items].join(',')}}`
}
