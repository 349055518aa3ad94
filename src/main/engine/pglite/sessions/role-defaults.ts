/** What ALTER ROLE and ALTER DATABASE have set for whoever logs in as a role. Knows no session. */

import type { InternalQuery } from './internal-query.ts'
import { quoteLiteral } from './sql-quoting.ts'

/** Name, value, and where it comes from (GucSource), if not from the client. */
export type InitialSetting = readonly [name: string, value: string, source?: number]

/**
 * Of the engine's own session: planned once, since every log-in asks them. The first costs a third of the second, and
 * is all that most instances need.
 */
const prepareAnyDefaults = 'prepare wardian_any_defaults as select from pg_catalog.pg_db_role_setting limit 1'
const prepareRoleDefaults =
  `prepare wardian_role_defaults(text) as ` +
  // PGC_S_GLOBAL, …_DATABASE, …_USER and …_DATABASE_USER (GucSource in utils/guc.h).
  `select c.entry, 5 + case when s.setdatabase <> 0 then 1 else 0 end + ` +
  `case when s.setrole <> 0 then 2 else 0 end from pg_catalog.pg_db_role_setting s, unnest(s.setconfig) c(entry) ` +
  `where s.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database())) ` +
  `and s.setrole in (0, (select oid from pg_catalog.pg_authid where rolname = $1)) ` +
  `order by s.setrole <> 0, s.setdatabase <> 0`

export class RoleDefaults {
  readonly #query: InternalQuery
  readonly #writeCount: () => number
  /** By role, as long as nobody has written anything since. */
  readonly #known = new Map<string, readonly InitialSetting[]>()
  #knownSince = 0

  /** Made while the engine's own session is current. `writeCount` is another whenever somebody has written. */
  constructor(query: InternalQuery, writeCount: () => number) {
    this.#query = query
    this.#writeCount = writeCount
    query.run(prepareAnyDefaults)
    query.run(prepareRoleDefaults)
  }

  /** Whether it can be told whoever is current. */
  isKnown(role: string): boolean {
    return this.#writeCount() === this.#knownSince && this.#known.has(role)
  }

  /**
   * The weakest first (utils/init/postinit.c, process_settings). Asked while the engine's own session is current,
   * unless it is known.
   */
  of(role: string): readonly InitialSetting[] {
    const now = this.#writeCount()
    if (now !== this.#knownSince) this.#known.clear()
    this.#knownSince = now
    let defaults = this.#known.get(role)
    if (!defaults) {
      defaults = this.#ask(role)
      this.#known.set(role, defaults)
    }
    return defaults
  }

  #ask(role: string): InitialSetting[] {
    if (this.#query.run('execute wardian_any_defaults').rows.length === 0) return []
    const { rows } = this.#query.run(`execute wardian_role_defaults(${quoteLiteral(role)})`)
    return rows.map(([entry, source]) => {
      const text = entry ?? ''
      return [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1), Number(source)]
    })
  }
}
