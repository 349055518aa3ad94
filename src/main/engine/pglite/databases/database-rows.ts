/**
 * The rows of pg_database, as SQL that brings them in line with the databases there are: one is the backend's own,
 * the others are entries alone, behind which this backend has nothing. Knows not where the rows lie.
 */

import type { EngineDatabases } from '../../engine.ts'
import { quoteLiteral } from '../sessions/sql-quoting.ts'

/** NAMEDATALEN - 1 (pg_config_manual.h). */
const nameBytesMax = 63

/**
 * Oids of entries: above those of what is made in a database for a long time, within an int4 for programs that read
 * them as such. Those that Postgres gives itself stay as they are.
 */
const firstEntry = 1_000_000_000
const lastEntry = 1_000_999_999

/** Every cluster has them (initdb). */
const templates = new Set(['template0', 'template1'])
/** Of the backend's own database, as other programs that open its directory look for it. */
export const plainName = 'postgres'

/** As Postgres cuts names (utils/adt/name.c, namein): never within a character. */
export function databaseName(name: string): string {
  const bytes = Buffer.from(name)
  if (bytes.length <= nameBytesMax) return name
  let end = nameBytesMax
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end)
}

/** Gives the backend's own database its plain name, and leaves no entry. */
export function plainRowsSql(ownOid: number): string {
  return databaseRowsSql({ own: plainName, others: [] }, ownOid)
}

/**
 * One script, in a transaction that no disk is waited for. The backend's own row is always written, so that caches
 * forget what they had of it.
 */
export function databaseRowsSql({ own, others }: EngineDatabases, ownOid: number): string {
  const name = templates.has(own) ? plainName : databaseName(own)
  const entries = new Map(others.map((other) => [databaseName(other.name), other.owner]))
  for (const taken of [name, ...templates]) entries.delete(taken)
  const names = [...entries.keys()].map(quoteLiteral).join(', ')
  const isEntry = `oid between ${firstEntry} and ${lastEntry}`
  const values = [...entries].map(
    ([entry, owner], index) =>
      `(${index + 1}, ${quoteLiteral(entry)}::name, ${owner === null ? 'null' : quoteLiteral(owner)})`,
  )
  return [
    'begin read write',
    'set local synchronous_commit = off',
    `delete from pg_catalog.pg_database where ${isEntry}` +
      (entries.size > 0 ? ` and datname not in (${names})` : ''),
    `update pg_catalog.pg_database set datname = ${quoteLiteral(name)} where oid = ${ownOid}`,
    ...(entries.size > 0 ? [insertSql(values.join(', '), { ownOid, isEntry })] : []),
    ...(others.some(({ owner }) => owner !== null) ? [ownersSql(values.join(', '), isEntry)] : []),
    'commit',
  ].join('; ')
}

/** For entries that have been given to somebody else since they were made. */
function ownersSql(values: string, isEntry: string): string {
  return (
    `update pg_catalog.pg_database d set datdba = r.oid from (values ${values}) entry(place, name, owner), ` +
    'pg_catalog.pg_authid r where r.rolname = entry.owner and d.datname = entry.name and d.datdba <> r.oid ' +
    `and d.${isEntry}`
  )
}

/** With everything else as the backend's own database has it. */
function insertSql(values: string, { ownOid, isEntry }: { ownOid: number; isEntry: string }): string {
  return (
    'insert into pg_catalog.pg_database (oid, datname, datdba, encoding, datlocprovider, datistemplate, ' +
    'datallowconn, dathasloginevt, datconnlimit, datfrozenxid, datminmxid, dattablespace, datcollate, datctype, ' +
    'datlocale, daticurules, datcollversion) ' +
    `select (select coalesce(max(oid::int8), ${firstEntry - 1}) from pg_catalog.pg_database where ${isEntry}) ` +
    '+ entry.place, entry.name, ' +
    'coalesce((select oid from pg_catalog.pg_authid where rolname = entry.owner), 10), o.encoding, ' +
    'o.datlocprovider, false, true, false, -1, o.datfrozenxid, o.datminmxid, o.dattablespace, o.datcollate, ' +
    'o.datctype, o.datlocale, o.daticurules, o.datcollversion ' +
    `from (values ${values}) entry(place, name, owner), pg_catalog.pg_database o ` +
    `where o.oid = ${ownOid} and not exists (select from pg_catalog.pg_database d where d.datname = entry.name)`
  )
}
