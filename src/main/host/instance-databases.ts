/**
 * The instances as databases of one server, as SQL is told of them: each has its name and lists the others, and one
 * `postgres` to connect to before a database is chosen. Knows no instance's state.
 */

import type { EngineDatabases } from '../engine/engine.ts'

/** Where programs list, make and remove databases from (PostgreSQL 18 documentation, createdb). */
export const maintenanceName = 'postgres'

/** What an instance is as a database. */
export interface DatabaseIdentity {
  readonly name: string
  readonly owner: { readonly role: string } | null
}

/** As the database `own` of a server with all of these. */
export function databasesFor(own: string, all: Iterable<DatabaseIdentity>): EngineDatabases {
  const others = [...all]
    .filter(({ name }) => name !== own)
    .map(({ name, owner }) => ({ name, owner: owner?.role ?? null }))
  const hasMaintenance = own === maintenanceName || others.some(({ name }) => name === maintenanceName)
  return { own, others: hasMaintenance ? others : [{ name: maintenanceName, owner: null }, ...others] }
}
