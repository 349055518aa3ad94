/**
 * The words of SQL as this editor knows them: for colours and for completion. Postgres decides what is a keyword
 * where; this list only has to be right most of the time.
 */

/** Reserved words and those that begin or structure statements (PostgreSQL 18 documentation, appendix C). */
export const sqlKeywords: readonly string[] = (
  'abort add after aggregate all alter always analyze and any array as asc asymmetric at atomic attach ' +
  'authorization before begin between both by call cascade case cast check checkpoint close cluster collate ' +
  'column comment commit committed concurrently conflict constraint constraints copy create cross cube ' +
  'current current_catalog current_date current_role current_schema current_time current_timestamp ' +
  'current_user cursor cycle database deallocate declare default deferrable deferred definer delete desc ' +
  'detach disable discard distinct do domain drop each else enable end enum escape except exclude excluded ' +
  'execute exists explain extension extract false fetch filter first following for force foreign format freeze ' +
  'from full function generated grant group grouping groups having identity if ilike immediate immutable in ' +
  'include increment index inherits initially inner inout insert instead intersect interval into invoker is ' +
  'isnull isolation join json_table key language last lateral leading left level like limit listen load local ' +
  'localtime localtimestamp lock locked logged login match matched materialized maxvalue merge minvalue move ' +
  'natural new next no not nothing notify notnull nowait null nulls of off offset old on only operator option ' +
  'or order ordinality others outer over overlaps overriding owned owner parallel partition placing policy ' +
  'preceding prepare primary privileges procedure publication range reassign recursive references refresh ' +
  'reindex release rename repeatable replace reset restart restrict return returning returns revoke right role ' +
  'rollback rollup row rows rule savepoint schema security select sequence serializable session session_user ' +
  'set setof share show similar skip some stable start statement statistics stored strict symmetric table ' +
  'tablesample temp temporary then ties to trailing transaction trigger true truncate type unbounded ' +
  'uncommitted union unique unlisten unlogged until update user using vacuum values variadic verbose view ' +
  'volatile when where window with within without work write zone'
).split(' ')

/** Types that have a name of their own in SQL or are written often. */
export const sqlTypes: readonly string[] = (
  'bigint bigserial bit boolean bool box bytea char character cidr circle date daterange decimal double float ' +
  'float4 float8 inet int int2 int4 int8 int4range int8range integer json jsonb line lseg macaddr money numeric ' +
  'numrange oid path point polygon precision real regclass regtype serial smallint smallserial text time timestamp ' +
  'timestamptz timetz tsquery tsrange tstzrange tsvector uuid varchar varying void xml'
).split(' ')
