/**
 * Brings the roles of one database's server to another that has none yet: what they may, their passwords
    as they are
 * stored, whose members they are, and their settings. For servers that are one database each. Changes
    only the target.
 */

import type { LinkClient } from './link-client.ts'

/** One statement a row, in the order in which they can be run. */
const statements = `
select 1, rolname, format('create role %I', rolname) from pg_authid where oid >= 16384
union all
select 2, rolname, format('alter role %I %s', rolname, concat_ws(' ',
    case when rolsuper then 'superuser' end, case when not rolinherit then 'noinherit' end,
    case when rolcreaterole then 'createrole' end, case when rolcreatedb then 'createdb' end,
    case when rolcanlogin then 'login' end, case when rolreplication then 'replication' end,
    case when rolbypassrls then 'bypassrls' end, 'connection limit ' || rolconnlimit,
    'password ' || quote_literal(rolpassword), 'valid until ' || quote_literal(rolvaliduntil)))
  from pg_authid where oid >= 16384
union all
select 3, r.rolname, format('grant %I to %I%s', r.rolname, m.rolname,
    case when admin_option then ' with admin option' else '' end)
  from pg_auth_members a join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member
  where a.member >= 16384
union all
select 4, rolname, format('alter role %I set %I to %s', rolname, split_part(setting, '=', 1),
    quote_literal(substr(setting, strpos(setting, '=') + 1)))
  from pg_db_role_setting s join pg_roles r on r.oid = s.setrole, unnest(setconfig) as setting
  where s.setrole >= 16384 and setting !~*
    '^(search_path|temp_tablespaces|session_preload_libraries|local_preload_libraries)='
union all
select 5, obj_description, format('comment on role %I is %L', rolname, obj_description) from (
  select rolname, shobj_description(oid, 'pg_authid') obj_description from pg_authid where oid >= 16384) c
  where obj_description is not null
order by 1, 2`

/** A list of names is a list of literals. */
const searchPaths = `select format('alter role %I set search_path to %s', rolname, substr(setting,
    strpos(setting, '=') + 1))
  from pg_db_role_setting s join pg_roles r on r.oid = s.setrole, unnest(setconfig) as setting
  where s.setrole >= 16384 and setting ~* '^search_path='`

export async function copyRoles(source: LinkClient, target: LinkClient): Promise<void> {
  const rows = [
    ...(await source.query(statements)).map((row) => row[2]),
    ...(await source.query(searchPaths)).flat(),
  ]
  for (const statement of rows) if (statement) await target.query(statement)
}
