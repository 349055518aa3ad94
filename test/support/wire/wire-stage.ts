/**
 * Where one case plays: its clients by name, their common transcript, and a superuser beside them who sets up,
 * looks on, and cleans away. Whatever a case makes is gone before the next one begins.
 */

import type { ServerAddress } from './server-address.ts'
import { WireClient, type Login, type Transcript } from './wire-client.ts'
import type { TargetFeatures, WireTarget } from './wire-target.ts'

const CONDITION_DEADLINE_MS = 10_000
/** The superuser's own round trips are what keeps the look-out from spinning. */
const PAUSE = 'select pg_sleep(0.003)'

/** Roles are the whole server's in Postgres, so theirs begin with the name of this file's database. */
/** Roles belong to a server: those of a case begin with the name of its database, as clients know it. */
const clear = (database: string): string => `
do $$ declare it record; begin
  for it in select nspname from pg_namespace where nspname !~ '^(pg_|information_schema$)' loop
    execute format('drop schema %I cascade', it.nspname);
  end loop;
  for it in select rolname from pg_roles where starts_with(rolname, '${database.replaceAll("'", "''")}_') loop
    execute format('drop owned by %I cascade', it.rolname);
    execute format('drop role %I', it.rolname);
  end loop;
  execute format('alter database %I reset all', current_database());
end $$;
create schema public;
grant usage on schema public to public`

/** Each takes some 10 ms. */
const LOGINS_PER_MOMENT = 3

const OTHERS = `from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`
/** Of a case that failed; whoever waits there would keep the next one from beginning. */
const END_OTHERS = `select pg_terminate_backend(pid, 5000) ${OTHERS}`

export class WireStage {
  readonly transcript: string[] = []
  readonly address: ServerAddress
  readonly features: TargetFeatures
  /** The superuser in the wings; on one backend it waits like everybody while a case has a transaction open. */
  readonly admin: WireClient
  readonly #clients: WireClient[] = []
  readonly #names = new Map<number, string>()
  readonly #masks: { readonly pattern: RegExp | string; readonly by: string }[] = []

  constructor(target: WireTarget, admin: WireClient) {
    this.address = target.address
    this.features = target.features
    this.admin = admin
    this.mask(target.address.database, 'DB')
    this.mask(
      new RegExp(`(?<!IntervalStyle=|intervalstyle = ')\\b${target.address.user}\\b`, 'g'),
      'SUPERUSER',
    )
    // One backend has one number for all sessions, and tells them apart behind it.
    this.mask(/\bpg_temp_\d+(_\d+)?/g, 'pg_temp_N')
  }

  /** From here on what matches is shown as `by`. */
  mask(pattern: RegExp | string, by: string): void {
    this.#masks.push({ pattern, by })
  }

  /** From here on the pid of `client` is shown as its name. */
  maskPid(client: WireClient): void {
    this.mask(new RegExp(`\\b${client.pid}\\b`, 'g'), `pid of ${client.name}`)
  }

  /** A role's name for this case, such as `DB_app` in the transcript. */
  role(name: string): string {
    return `${this.address.database}_${name}`
  }

  /** Adds a line of the case's own. */
  note(line: string): void {
    let shown = line
    for (const { pattern, by } of this.#masks) shown = shown.replaceAll(pattern, by)
    this.transcript.push(shown)
  }

  /** Notes the lines, and what they are. */
  noteAll(what: string, lines: readonly string[]): void {
    for (const line of lines) this.note(`${what} ${line}`)
  }

  /** A client that has connected and said nothing. */
  async open(name: string, login: Partial<Login> = {}): Promise<WireClient> {
    const transcript: Transcript = {
      add: (line) => this.note(line),
      nameOf: (pid) => this.#names.get(pid) ?? `stranger`,
      didStart: (who, pid) => this.#names.set(pid, who),
    }
    const client = await WireClient.open(name, { ...this.address, ...login }, transcript)
    this.#clients.push(client)
    return client
  }

  /** A client that is logged in. */
  async connect(name: string, login: Partial<Login> = {}): Promise<WireClient> {
    const client = await this.open(name, login)
    const lines = await client.start()
    if (!lines.at(-1)?.startsWith('Z')) throw new Error(`${name} cannot log in: ${lines.join('; ')}`)
    return client
  }

  /** Tries to log in, and notes all that came of it. */
  async attempt(name: string, login: Partial<Login> = {}): Promise<string[]> {
    const client = await this.open(name, login)
    const lines = await client.start()
    this.noteAll(`${name}<`, lines)
    return lines
  }

  /** SQL as superuser, outside of the transcript. */
  sql(sql: string): Promise<(string | null)[][]> {
    return this.admin.values(sql)
  }

  /** Waits until `sql`, run by the superuser, answers true. */
  async until(sql: string): Promise<void> {
    const deadline = performance.now() + CONDITION_DEADLINE_MS
    for (;;) {
      const rows = await this.sql(sql)
      if (rows[0]?.[0] === 't') return
      if (performance.now() > deadline) throw new Error(`It did not become true in time: ${sql}`)
      await this.sql(PAUSE)
    }
  }

  /** Waits until the server shows that `client` waits for a lock. One backend shows it only when it is free. */
  async isBlocked(client: WireClient): Promise<void> {
    if (!this.features.isConcurrent) {
      await this.#aMoment()
      return
    }
    await this.until(`select coalesce((select wait_event_type = 'Lock' from pg_stat_activity
      where pid = ${client.pid}), false)`)
  }

  /**
   * Waits until the server runs `client`'s statement, and is asleep in it where that is how it waits. The superuser
   * cannot ask while one backend is busy, so there the time that a statement needs to begin is given.
   */
  async isRunning(client: WireClient, isAsleep = true): Promise<void> {
    const condition = isAsleep ? `wait_event = 'PgSleep'` : `state = 'active'`
    if (!this.features.isConcurrent) await this.#aMoment()
    else
      await this.until(`select coalesce(${condition}, false) from pg_stat_activity where pid = ${client.pid}`)
  }

  /** A log-in over a connection of its own: logins never wait for a statement. */
  async #aMoment(): Promise<void> {
    for (let round = 0; round < LOGINS_PER_MOMENT; round += 1) {
      const client = await this.connect('moment')
      client.socket.destroy()
    }
  }

  /** Removes what the case before left behind. */
  async clear(): Promise<void> {
    await this.sql(END_OTHERS)
    await this.sql(clear(this.address.database))
  }

  /** Every client leaves; then the server must have no session left but the superuser's. */
  async leave(): Promise<void> {
    this.dispose()
    await this.until(`select count(*) = 0 ${OTHERS}`)
  }

  dispose(): void {
    for (const client of this.#clients) client.socket.destroy()
  }
}
