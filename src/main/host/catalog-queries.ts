/**
 * The questions behind the database tree and the completion: one SQL text per level, over Postgres's catalogs
 * (PostgreSQL 18 documentation, chapter 52). $1 is the parent's oid, $2 a part of the name, $3 a limit. Every
 * column is of type text. Knows no session.
 */

import type { Infer } from '../../contract/schema.ts'
import type { catalogParentSchema } from '../../contract/catalog.ts'

export type CatalogParent = Infer<typeof catalogParentSchema>

/** What a level selects: its rows, and what is asked only of those that are shown, since it costs a lookup each. */
interface Level {
  /** Yields oid, name, kind, and what the second part needs. */
  readonly rows: string
  readonly order?: string
  readonly detail?: string
  readonly estimate?: string
  readonly isKey?: string
  readonly isNullable?: string
  readonly comment?: string
  readonly qualified?: string
}

/** Longest comment or definition that the contract lets through. */
const textLengthMax = 65_536

const inSchema = `(SELECT quote_ident(nspname) FROM pg_namespace WHERE oid = r.schema) || '.' || quote_ident(r.name)`
const classComment = `obj_description(r.oid, 'pg_class')`

const relationKinds = `CASE relkind WHEN 'p' THEN 'partitioned-table' WHEN 'f' THEN 'foreign-table'
  WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized-view' WHEN 'S' THEN 'sequence' ELSE 'table' END`

/**
 * Rows of a relation: as the planner has them, and until it is analysed (reltuples is -1), as the activity statistics
 * count them, with what they have not taken over from this backend yet (PostgreSQL 18 documentation, sections 52.11
 * and 27.2). An engine that has crashed forgets those: NULL, unless there is no page.
 */
const rowEstimate = `CASE
  WHEN r.kind IN ('view', 'sequence') THEN NULL
  WHEN r.reltuples >= 0 THEN r.reltuples::bigint
  WHEN r.kind IN ('table', 'materialized-view') THEN (SELECT CASE
    WHEN counted > 0 THEN counted WHEN pg_relation_size(r.oid) = 0 THEN 0 END
    FROM (SELECT pg_stat_get_live_tuples(r.oid) + pg_stat_get_xact_tuples_inserted(r.oid)
      - pg_stat_get_xact_tuples_deleted(r.oid) AS counted) AS statistics) END`

function relations(kinds: string): Level {
  return {
    rows: `SELECT oid, relname::text AS name, ${relationKinds} AS kind, relnamespace AS schema, reltuples
      FROM pg_class WHERE relnamespace = $1::oid AND relkind IN (${kinds})`,
    estimate: rowEstimate,
    comment: classComment,
    qualified: inSchema,
  }
}

const levels: Readonly<Record<CatalogParent['level'], Level>> = {
  root: {
    rows: `SELECT oid, nspname::text AS name, 'schema' AS kind FROM pg_namespace
      WHERE nspname !~ '^pg_(toast|temp)' AND $1::oid IS NOT NULL`,
    order: `r.name ~ '^pg_' OR r.name = 'information_schema', r.name`,
    comment: `obj_description(r.oid, 'pg_namespace')`,
    qualified: 'quote_ident(r.name)',
  },
  tables: relations(`'r', 'p', 'f'`),
  views: relations(`'v', 'm'`),
  sequences: relations(`'S'`),
  functions: {
    rows: `SELECT oid, proname::text AS name, pronamespace AS schema, CASE prokind WHEN 'p' THEN 'procedure'
        WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind
      FROM pg_proc WHERE pronamespace = $1::oid`,
    detail: `'(' || pg_get_function_arguments(r.oid) || ')' || coalesce(' → ' || pg_get_function_result(r.oid), '')`,
    comment: `obj_description(r.oid, 'pg_proc')`,
    qualified: inSchema,
  },
  types: {
    rows: `SELECT t.oid, typname::text AS name, 'type' AS kind, typnamespace AS schema, typtype, typbasetype
      FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
      WHERE typnamespace = $1::oid AND (typtype IN ('e', 'd', 'r') OR c.relkind = 'c')`,
    detail: `CASE r.typtype
      WHEN 'e' THEN 'enum: ' || (SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum
        WHERE enumtypid = r.oid)
      WHEN 'd' THEN 'domain over ' || format_type(r.typbasetype, NULL)
      WHEN 'r' THEN 'range' ELSE 'composite' END`,
    comment: `obj_description(r.oid, 'pg_type')`,
    qualified: inSchema,
  },
  columns: {
    rows: `SELECT attnum::int::oid AS oid, attname::text AS name, 'column' AS kind, attnum, attrelid, atttypid,
        atttypmod, attnotnull
      FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped`,
    order: 'r.attnum',
    detail: 'format_type(r.atttypid, r.atttypmod)',
    isKey: `EXISTS (SELECT FROM pg_index WHERE indrelid = r.attrelid AND indisprimary AND r.attnum = ANY (indkey))`,
    isNullable: 'NOT r.attnotnull',
    comment: 'col_description(r.attrelid, r.attnum)',
    qualified: 'quote_ident(r.name)',
  },
  indexes: {
    rows: `SELECT c.oid, relname::text AS name, 'index' AS kind, relnamespace AS schema, indisprimary
      FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = $1::oid`,
    detail: 'pg_get_indexdef(r.oid)',
    isKey: 'r.indisprimary',
    comment: classComment,
    qualified: inSchema,
  },
  triggers: {
    rows: `SELECT oid, tgname::text AS name, 'trigger' AS kind FROM pg_trigger
      WHERE tgrelid = $1::oid AND NOT tgisinternal`,
    detail: 'pg_get_triggerdef(r.oid)',
    comment: `obj_description(r.oid, 'pg_trigger')`,
    qualified: 'quote_ident(r.name)',
  },
  constraints: {
    rows: `SELECT oid, conname::text AS name, 'constraint' AS kind, contype FROM pg_constraint
      WHERE conrelid = $1::oid`,
    order: `r.contype <> 'p', r.name`,
    detail: 'pg_get_constraintdef(r.oid)',
    isKey: `r.contype = 'p'`,
    comment: `obj_description(r.oid, 'pg_constraint')`,
    qualified: 'quote_ident(r.name)',
  },
}

/** Columns: oid, kind, name, detail, row estimate, is key, is nullable, comment, qualified name, total. */
export function catalogQuery(level: CatalogParent['level']): string {
  const { rows, order = 'r.name, r.oid', ...asked } = levels[level]
  return `
    WITH named AS (${rows}),
    found AS (SELECT * FROM named WHERE position(lower($2) IN lower(name)) > 0),
    r AS (SELECT r.*, row_number() OVER (ORDER BY ${order}) AS place, count(*) OVER () AS total FROM found AS r
      ORDER BY place LIMIT $3::int)
    SELECT r.oid::text, r.kind, r.name, left(${asked.detail ?? 'NULL'}, ${textLengthMax}),
      (${asked.estimate ?? 'NULL'})::text, (${asked.isKey ?? 'false'})::text,
      (${asked.isNullable ?? 'false'})::text, left(${asked.comment ?? 'NULL'}, ${textLengthMax}),
      ${asked.qualified ?? 'r.name'}, r.total::text
    FROM r ORDER BY r.place`
}

/** $1 is a limit. Columns: schema, name, kind, names of the columns as a JSON array. The user's own come first. */
export const relationNamesQuery = `
  WITH shown AS (
    SELECT c.oid, n.nspname, c.relname, ${relationKinds} AS kind,
      n.nspname ~ '^pg_' OR n.nspname = 'information_schema' AS is_system
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname !~ '^pg_(toast|temp)'
    ORDER BY is_system, n.nspname, c.relname LIMIT $1::int)
  SELECT nspname::text, relname::text, kind, coalesce((SELECT json_agg(attname ORDER BY attnum)
    FROM pg_attribute WHERE attrelid = shown.oid AND attnum > 0 AND NOT attisdropped), '[]')::text
  FROM shown ORDER BY is_system, nspname, relname`

/** $1 is a limit. Columns: schema, name, arguments. */
export const functionNamesQuery = `
  SELECT n.nspname::text, p.proname::text, left(pg_get_function_identity_arguments(p.oid), ${textLengthMax})
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  ORDER BY n.nspname ~ '^pg_' OR n.nspname = 'information_schema', n.nspname, p.proname, p.oid LIMIT $1::int`

export const searchPathQuery = 'SELECT json_agg(name)::text FROM unnest(current_schemas(true)) AS name'
