/**
 * What a database consists of, as its own catalogs tell it in words: every object with its definition,
    owner, rights
 * and comment, none of them by an oid. For comparing databases without pg_dump. Knows no connection.
 */

/** Each answers rows of text; two databases with the same objects answer the same. */
export const catalogQueries: Readonly<Record<string, string>> = {
  schemas: `select nspname::text, nspowner::regrole::text, nspacl::text, obj_description(oid, 'pg_namespace')
    from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by 1`,
  relations: `select oid::regclass::text, relkind::text, relowner::regrole::text, relpersistence::text,
    relacl::text,
    reloptions::text, relrowsecurity::text, relforcerowsecurity::text, relreplident::text,
    relispopulated::text,
    pg_get_expr(relpartbound, oid), pg_get_partkeydef(oid), reloftype::regtype::text,
    obj_description(oid, 'pg_class') from pg_class where oid > 16383
    and relnamespace::regnamespace::text !~ '^pg_toast' order by 1`,
  columns: `select attrelid::regclass::text, attname::text, format_type(atttypid, atttypmod),
    attnotnull::text,
    attidentity::text, attgenerated::text, pg_get_expr(adbin, adrelid), attstorage::text, attstattarget::text,
    attcollation::regcollation::text, attacl::text, attislocal::text, attinhcount::text, attfdwoptions::text,
    col_description(attrelid, attnum)
    from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where attrelid > 16383 and attnum > 0 and not attisdropped and attrelid::regclass::text !~ '^pg_toast'
    order by 1, row_number() over (partition by attrelid order by attnum)`,
  inheritance: `select inhrelid::regclass::text, inhparent::regclass::text, inhseqno::text from
    pg_inherits order by 1, 3`,
  constraints: `select coalesce(nullif(conrelid, 0)::regclass::text, contypid::regtype::text), conname::text,
    pg_get_constraintdef(oid), condeferrable::text, condeferred::text, convalidated::text,
    obj_description(oid, 'pg_constraint') from pg_constraint where oid > 16383 order by 1, 2`,
  indexes: `select indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisclustered::text,
    indisreplident::text,
    indisvalid::text from pg_index where indexrelid > 16383
    and indexrelid::regclass::text !~ '^pg_toast' order by 1`,
  functions: `select oid::regprocedure::text,
    case when prosrc !~ 'range_constructor' then proowner::regrole::text end, proacl::text,
    case when prokind = 'a' then (select aggtransfn::text || coalesce(agginitval, '') from pg_aggregate
    where aggfnoid = p.oid)
      else pg_get_functiondef(oid) end, obj_description(oid, 'pg_proc') from pg_proc p where oid > 16383 order
    by 1`,
  types: `select oid::regtype::text, typtype::text, typowner::regrole::text, typacl::text,
    typnotnull::text, typdefault,
    typcollation::regcollation::text, format_type(typbasetype, typtypmod),
    (select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum where enumtypid = t.oid),
    (select rngsubtype::regtype::text || rngsubdiff::text || rngmultitypid::regtype from pg_range where
    rngtypid = t.oid),
    obj_description(oid, 'pg_type') from pg_type t where oid > 16383
    and oid::regtype::text !~ '^pg_toast' order by 1`,
  operators: `select oid::regoperator::text, oprcode::text, oprcom::regoperator::text from pg_operator
    where oid > 16383 order by 1`,
  families: `select opfname::text, amopstrategy::text, amopopr::regoperator::text from pg_opfamily f
    left join pg_amop on amopfamily = f.oid where f.oid > 16383 order by 1, 2`,
  classes: `select opcname::text, opcintype::regtype::text, opcdefault::text from pg_opclass where oid >
    16383 order by 1`,
  casts: `select castsource::regtype::text, casttarget::regtype::text, castfunc::regprocedure::text,
    castcontext::text
    from pg_cast where oid > 16383 order by 1`,
  conversions: `select conname::text, conproc::text from pg_conversion where oid > 16383 order by 1`,
  collations: `select collname::text, collprovider::text, collcollate::text from pg_collation where oid >
    16383 order by 1`,
  views: `select viewname::text, definition from pg_views where schemaname !~ '^(pg_|information_schema)'
    union all select matviewname::text, definition from pg_matviews order by 1`,
  rules: `select rulename::text, pg_get_ruledef(oid) from pg_rewrite where oid > 16383 order by 1, 2`,
  triggers: `select tgrelid::regclass::text, tgname::text, pg_get_triggerdef(oid), tgenabled::text,
    obj_description(oid, 'pg_trigger') from pg_trigger where not tgisinternal order by 1, 2`,
  eventTriggers: `select evtname::text, evtevent::text, evtfoid::regproc::text, evtenabled::text,
    evttags::text,
    obj_description(oid, 'pg_event_trigger') from pg_event_trigger order by 1`,
  policies: `select polrelid::regclass::text, polname::text, polcmd::text, polpermissive::text,
    polroles::regrole[]::text, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid),
    obj_description(oid, 'pg_policy') from pg_policy order by 1, 2`,
  statistics: `select stxname::text, pg_get_statisticsobjdef(oid), obj_description(oid, 'pg_statistic_ext')
    from pg_statistic_ext order by 1`,
  textSearch: `select cfgname::text, string_agg(maptokentype || ' ' || mapdict::regdictionary, ',' order
    by maptokentype, mapseqno)
    from pg_ts_config left join pg_ts_config_map on mapcfg = oid where oid > 16383 group by 1 order by 1`,
  dictionaries: `select dictname::text, dictinitoption from pg_ts_dict where oid > 16383 order by 1`,
  foreign: `select srvname::text, srvtype, srvversion, srvoptions::text, srvacl::text, fdwname::text,
    fdwoptions::text
    from pg_foreign_server join pg_foreign_data_wrapper w on w.oid = srvfdw order by 1`,
  foreignTables: `select ftrelid::regclass::text, ftoptions::text from pg_foreign_table order by 1`,
  userMappings: `select srvname::text, usename::text, umoptions::text from pg_user_mappings order by 1`,
  publications: `select pubname::text, pubinsert::text, pubdelete::text,
    (select string_agg(prrelid::regclass || coalesce(pg_get_expr(prqual, prrelid), '') ||
    coalesce(prattrs::text, ''), ',' order by prrelid::regclass::text)
      from pg_publication_rel where prpubid = p.oid),
    (select string_agg(pnnspid::regnamespace::text, ',') from pg_publication_namespace where pnpubid = p.oid)
    from pg_publication p order by 1`,
  sequences: `select schemaname::text, sequencename::text, sequenceowner::text, data_type::text,
    start_value::text,
    min_value::text, max_value::text, increment_by::text, cycle::text, cache_size::text, last_value::text
    from pg_sequences order by 1, 2`,
  defaultRights: `select defaclrole::regrole::text, defaclnamespace::regnamespace::text,
    defaclobjtype::text, defaclacl::text
    from pg_default_acl order by 1, 2, 3`,
  largeObjects: `select oid::text, lomowner::regrole::text, lomacl::text, md5(lo_get(oid)),
    obj_description(oid, 'pg_largeobject')
    from pg_largeobject_metadata order by 1`,
}

/** Every row of every table, as text, in an order of its own. */
export const tablesQuery = `select oid::regclass::text from pg_class where relkind in ('r', 'm') and
    relispopulated
  and oid > 16383 and relnamespace::regnamespace::text !~ '^pg_' order by 1`

/** What differs of a database from another, by the name of the query; for `expect`. */
export async function catalogContents(
  query: (sql: string) => Promise<(string | null)[][]>,
): Promise<Record<string, (string | null)[][]>> {
  const contents: Record<string, (string | null)[][]> = {}
  for (const [name, sql] of Object.entries(catalogQueries)) contents[name] = await query(sql)
  for (const [table = null] of await query(tablesQuery)) {
    contents[`rows of ${table}`] = await query(`select t::text from only ${table} t order by 1`)
  }
  return contents
}
