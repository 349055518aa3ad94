/**
 * The roles of the instance, looked at again after every transaction in which they may have changed: Postgres tells
 * of that what it tells its caches. Knows no client and no password.
 */

import type { EngineRole } from '../../engine.ts'
import type { SqlErrorFields } from '../../../../contract/error.ts'
import type { PgliteModule } from '../pglite-module.ts'
import type { InternalQuery } from './internal-query.ts'

/**
 * AUTHMEMMEMROLE, AUTHOID and DATABASEOID (utils/syscache_ids.h of PostgreSQL 18, which numbers caches by their names).
 */
const watchedCaches = [8, 11, 21]

const rolesSql =
  `select oid::text, rolname::text, rolcanlogin::text, rolsuper::text, rolpassword::text, ` +
  `case when isfinite(rolvaliduntil) then (extract(epoch from rolvaliduntil) * 1000)::int8::text end, ` +
  `rolconnlimit::text, rolcreatedb::text, ` +
  `pg_catalog.has_database_privilege(oid, pg_catalog.current_database(), 'CONNECT')::text from pg_catalog.pg_authid`
const membersSql = 'select member::text, roleid::text from pg_catalog.pg_auth_members where inherit_option'

/** What a look has found, or why it has failed. */
export type RoleLook =
  | { readonly roles: readonly EngineRole[]; readonly error: null }
  | { readonly roles: null; readonly error: SqlErrorFields }

export class RoleWatch {
  readonly #query: InternalQuery
  readonly #onStale: () => void
  #isStale = true
  #isLooking = false

  /** `onStale`: something has changed since the last look, for the first time. */
  constructor(module: PgliteModule, query: InternalQuery, onStale: () => void) {
    this.#query = query
    this.#onStale = onStale
    const index = module.addFunction(() => this.#note(), 'viii')
    for (const cache of watchedCaches) module._CacheRegisterSyscacheCallback(cache, index, 0)
  }

  get isStale(): boolean {
    return this.#isStale
  }

  /** In the engine's own session, while the backend is idle. */
  look(): RoleLook {
    // Its own transaction begins with what has been told of the change: that is none of its own.
    this.#isLooking = true
    try {
      const found = this.#query.run(rolesSql)
      const members = this.#query.run(membersSql)
      this.#isStale = false
      const error = found.error ?? members.error
      return error ? { roles: null, error } : { roles: rolesOf(found.rows, members.rows), error: null }
    } finally {
      this.#isLooking = false
    }
  }

  #note(): number {
    if (!this.#isLooking && !this.#isStale) {
      this.#isStale = true
      this.#onStale()
    }
    return 0
  }
}

type Rows = readonly (readonly (string | null)[])[]

function rolesOf(rows: Rows, members: Rows): EngineRole[] {
  const names = new Map(rows.map(([oid = '', name]) => [oid, name ?? '']))
  return rows.map(([oid, name, canLogin, isSuperuser, password, validUntil, limit, ...rights]) => ({
    name: name ?? '',
    ...{ canLogin: canLogin === 'true', isSuperuser: isSuperuser === 'true' },
    canCreateDatabases: rights[0] === 'true',
    canConnect: rights[1] === 'true',
    passwordVerifier: password ?? null,
    validUntilMs: validUntil ? Number(validUntil) : null,
    connectionLimit: Number(limit ?? -1),
    inheritsFrom: members.flatMap(([member, role]) => (member === oid ? [names.get(role ?? '') ?? ''] : [])),
  }))
}
