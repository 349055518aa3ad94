/**
 * The one statement that answers `introspect`: Postgres itself makes the JSON, of what its catalogs say and the role
 * may use (PostgreSQL 18 documentation, chapter 52). All names are qualified: a session may have put others in front.
 * `$1` is an array of names of schemas, or null for all but the system's. Each object is a row, so that a large answer
 * is never in one piece: a schema, and behind it what is in it.
 */

/** What the first column of a row says, the number of one of these; the second one is JSON. */
export const introspectionParts = ['schema', 'relations', 'enums', 'functions'] as const

/** What extensions have brought is theirs, and listed by nobody who looks for his own. */
const isOwn = (catalog: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass
    AND d.objid = ${oid} AND d.deptype = 'e')`

const namesOf = (numbers: string, relation: string): string =>
  `(SELECT pg_catalog.json_agg(a.attname ORDER BY u.place) FROM pg_catalog.unnest(${numbers})
    WITH ORDINALITY u(number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = ${relation} AND a.attnum = u.number)`

const actionOf = (letter: string): string =>
  `CASE ${letter} WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade'
    WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default' END`

const placeOf = (relation: string): string =>
  `(SELECT pg_catalog.json_build_object('schema', pn.nspname, 'name', pc.relname) FROM pg_catalog.pg_class pc
    JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace WHERE pc.oid = ${relation})`

const columns = `(SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', a.attname, 'type', a.atttypid::pg_catalog.int8,
    'type_name', pg_catalog.format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
    'default', CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(ad.adbin, ad.adrelid) END,
    'generated', CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(ad.adbin, ad.adrelid) END,
    'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
    'comment', pg_catalog.col_description(a.attrelid, a.attnum)) ORDER BY a.attnum)
  FROM pg_catalog.pg_attribute a
  LEFT JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)`

const primaryKey = `(SELECT pg_catalog.json_build_object('name', k.conname, 'columns', ${namesOf('k.conkey', 'c.oid')})
  FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p')`

const foreignKeys = `coalesce((SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', k.conname, 'columns', ${namesOf('k.conkey', 'c.oid')}, 'references', ${placeOf('k.confrelid')},
    'referenced_columns', ${namesOf('k.confkey', 'k.confrelid')},
    'on_update', ${actionOf('k.confupdtype')}, 'on_delete', ${actionOf('k.confdeltype')}) ORDER BY k.conname)
  FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'), '[]')`

const indexes = `coalesce((SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', ic.relname, 'unique', i.indisunique, 'primary', i.indisprimary, 'valid', i.indisvalid,
    'definition', pg_catalog.pg_get_indexdef(i.indexrelid)) ORDER BY ic.relname)
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid WHERE i.indrelid = c.oid), '[]')`

const schema = `(SELECT pg_catalog.json_build_object(
    'name', n.nspname, 'comment', pg_catalog.obj_description(n.oid, 'pg_namespace'))
  FROM pg_catalog.pg_namespace n WHERE n.oid = o.oid)`

const relation = `(SELECT pg_catalog.json_build_object(
    'name', c.relname, 'oid', c.oid::pg_catalog.int8,
    'kind', CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
      WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' END,
    'partition_of', CASE WHEN c.relispartition THEN (SELECT ${placeOf('h.inhparent')}
      FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid) END,
    'row_security', c.relrowsecurity, 'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
    'columns', coalesce(${columns}, '[]'), 'primary_key', ${primaryKey}, 'foreign_keys', ${foreignKeys},
    'indexes', ${indexes})
  FROM pg_catalog.pg_class c WHERE c.oid = o.oid)`

const enumeration = `(SELECT pg_catalog.json_build_object(
    'name', t.typname, 'oid', t.oid::pg_catalog.int8,
    'values', (SELECT coalesce(pg_catalog.json_agg(e.enumlabel ORDER BY e.enumsortorder), '[]')
      FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid))
  FROM pg_catalog.pg_type t WHERE t.oid = o.oid)`

const routine = `(SELECT pg_catalog.json_build_object(
    'name', p.proname, 'oid', p.oid::pg_catalog.int8,
    'kind', CASE p.prokind WHEN 'f' THEN 'function' WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate'
      WHEN 'w' THEN 'window function' END,
    'arguments', pg_catalog.pg_get_function_arguments(p.oid), 'result', pg_catalog.pg_get_function_result(p.oid),
    'volatility', CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
    'comment', pg_catalog.obj_description(p.oid, 'pg_proc'))
  FROM pg_catalog.pg_proc p WHERE p.oid = o.oid)`

const visibleSchemas = `SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
  WHERE pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND CASE WHEN $1::pg_catalog.text[] IS NULL
    THEN n.nspname OPERATOR(pg_catalog.!~) '^pg_' AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema'
    ELSE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[]) END`

/** Sorted before their JSON is made: sorting that would keep all of it in memory. */
const objects = `SELECT n.nspname AS place, 0 AS part, n.nspname AS name, n.oid FROM visible n
  UNION ALL SELECT n.nspname, 1, c.relname, c.oid FROM visible n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${isOwn('pg_class', 'c.oid')}
      AND (pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')
        OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE'))
  UNION ALL SELECT n.nspname, 2, t.typname, t.oid FROM visible n JOIN pg_catalog.pg_type t ON t.typnamespace = n.oid
    WHERE t.typtype = 'e' AND ${isOwn('pg_type', 't.oid')}
  UNION ALL SELECT n.nspname, 3, p.proname, p.oid FROM visible n JOIN pg_catalog.pg_proc p ON p.pronamespace = n.oid
    WHERE pg_catalog.has_function_privilege(p.oid, 'EXECUTE') AND ${isOwn('pg_proc', 'p.oid')}
  ORDER BY place, part, name, oid`

export const introspectionSql = `WITH visible AS MATERIALIZED (${visibleSchemas})
SELECT o.part, (CASE o.part WHEN 0 THEN ${schema} WHEN 1 THEN ${relation} WHEN 2 THEN ${enumeration}
  ELSE ${routine} END)::pg_catalog.text
FROM (${objects}) o`
