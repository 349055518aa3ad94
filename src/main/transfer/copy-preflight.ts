/**
 * What stands against a copy before anything of it is done: versions, extensions, roles, and what is there already.
 * Asks both sides' catalogs; changes nothing.
 */

import { WorkbenchError } from '../../contract/error.ts'
import type { TransferScope } from '../../contract/transfer.ts'
import { LinkClient } from './link-client.ts'
import type { ProtocolLink } from './protocol-link.ts'
import { quotedIdentifier } from './sql-quotes.ts'

export interface PreflightOptions {
  readonly source: LinkClient
  readonly target: LinkClient
  readonly scope: TransferScope
  /** The target was made for the copy: what its roles are is for the copy to say. */
  readonly makesRoles: boolean
  notice(text: string): void
}

/** pg_dump refuses servers that are newer than itself, which may have what it does not know. */
const dumpedVersionMax = 18

/** How many names an error lists. */
const namesMax = 10

const userSchemas = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`
const relations = `select quote_ident(n.nspname) || '.' || quote_ident(c.relname) from pg_class c
  join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and ${userSchemas}
  and not exists (select from pg_depend d where
    d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`

/**
 * Owners (o), in rights (a), in policies (r); those that every server has are not listed. What a server's first role
 * owns is in no list of dependencies, because that role cannot be dropped (section 52.48, pg_shdepend).
 */
const roles = `select distinct r.rolname, s.deptype = 'r' from pg_shdepend s join pg_roles r on r.oid = s.refobjid
  where s.refclassid = 'pg_authid'::regclass and s.deptype in ('o', 'a', 'r')
  and s.dbid = (select oid from pg_database where datname = current_database())
  union select rolname, false from pg_roles where oid = 10 and exists (
    select from pg_class where relowner = 10 and oid >= 16384 union all
    select from pg_proc where proowner = 10 and oid >= 16384 union all
    select from pg_type where typowner = 10 and oid >= 16384 union all
    select from pg_namespace where nspowner = 10 and oid >= 16384)`

const extensions = `select extname from pg_extension where extname <> 'plpgsql' order by 1`

/** What else than that which is always there. */
export function installedExtensions(link: ProtocolLink): Promise<string[]> {
  return names(new LinkClient({ link }), extensions)
}

export async function checkCopy(options: PreflightOptions): Promise<void> {
  await checkVersions(options)
  if (options.scope.content !== 'data') {
    await checkExtensions(options)
    await checkRoles(options)
    await checkRoom(options)
  }
}

async function checkVersions({ source, target, notice }: PreflightOptions): Promise<void> {
  const [from, to] = [await majorVersion(source), await majorVersion(target)]
  if (from > dumpedVersionMax) {
    throw new WorkbenchError(
      'unsupported',
      `${source.link.title} is Postgres ${from}, and pg_dump here knows versions up to ${dumpedVersionMax}`,
    )
  }
  if (to < from) {
    notice(
      `${target.link.title} is Postgres ${to}, older than ${from}: what only ${from} has will be refused there`,
    )
  }
  const encoding = target.link.parameters.get('server_encoding')
  if (encoding !== undefined && encoding !== source.link.parameters.get('server_encoding')) {
    notice(
      `${target.link.title} is encoded in ${encoding}: characters that it does not have will be refused there`,
    )
  }
}

async function majorVersion(client: LinkClient): Promise<number> {
  const [[version] = []] = await client.query(`select current_setting('server_version_num')::integer / 10000`)
  return Number(version)
}

async function checkExtensions({ source, target }: PreflightOptions): Promise<void> {
  const installed = await names(source, extensions)
  const available = new Set(await names(target, 'select name from pg_available_extensions'))
  const missing = installed.filter((name) => !available.has(name))
  if (missing.length === 0) return
  throw new WorkbenchError(
    'unsupported',
    `${target.link.title} does not have ${listed('the extension', missing)}, which ${source.link.title} uses. ` +
      'Install it there first (an instance: in its options), or copy without what uses it',
  )
}

async function checkRoles({ source, target, scope, makesRoles, notice }: PreflightOptions): Promise<void> {
  if (scope.schemas.length + scope.tables.length > 0) return
  const present = new Set(await names(target, 'select rolname from pg_roles'))
  const used = (await source.query(roles)).filter(([name]) => !present.has(name ?? ''))
  const isPlain = scope.noOwner && scope.noPrivileges
  // A policy is nothing without its roles.
  const needed = used.filter(([, inPolicy]) => !isPlain || inPolicy === 't').map(([name]) => name ?? '')
  const missing = [...new Set(needed)]
  if (missing.length === 0) return
  if (makesRoles) {
    for (const name of missing) await target.query(`create role ${quotedIdentifier(name)}`)
    notice(`Made ${listed('the role', missing)}, which cannot log in until they are allowed to`)
    return
  }
  const instead = isPlain
    ? 'Policies name them, so they are needed'
    : 'Or leave out who owns what and what is granted, with --no-owner --no-privileges'
  throw new WorkbenchError(
    'not-found',
    `${target.link.title} does not have ${listed('the role', missing)}. Create what is missing first. ${instead}`,
  )
}

async function checkRoom({ source, target, scope }: PreflightOptions): Promise<void> {
  if (scope.schemas.length + scope.tables.length + scope.excludedTables.length > 0) return
  const taken = new Set(await names(target, relations))
  const both = (await names(source, relations)).filter((name) => taken.has(name))
  if (both.length === 0) return
  throw new WorkbenchError(
    'already-exists',
    `${target.link.title} has ${listed('', both)} already. Copy into an empty database, or drop it there first`,
  )
}

async function names(client: LinkClient, sql: string): Promise<string[]> {
  return (await client.query(sql)).map(([name]) => name ?? '')
}

function listed(what: string, all: readonly string[]): string {
  const shown = all.slice(0, namesMax).join(', ')
  const rest = all.length > namesMax ? ` and ${all.length - namesMax} more` : ''
  return `${what === '' ? '' : `${what}${all.length > 1 ? 's' : ''} `}${shown}${rest}`
}
