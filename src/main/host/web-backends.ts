/**
 * What a token is given of an instance: sessions of the token's role, read-only where the token is, whatever is asked
 * for. Makes the roles of tokens that have none of their own. Knows no socket and no token's text.
 */

import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { tokenRoles } from '../../contract/web-endpoint.ts'
import type { WireBackend, WireSessionOptions } from '../endpoints/postgres/wire-backend.ts'
import type { TokenGrant } from '../endpoints/web/web-access.ts'
import { Session } from '../session/session.ts'
import type { InstanceRegistry } from './instance-registry.ts'
import { runStatement } from './run-statement.ts'
import type { WebTokens } from './web-tokens.ts'
import type { WireServers } from './wire-servers.ts'

/**
 * Neither can log in, nor is a superuser. Who may read reads all tables (pg_read_all_data, section 21.5 of the
 * documentation of PostgreSQL 18); who may write writes them, and makes objects of its own.
 */
const roleSql: Readonly<Record<TokenGrant['access'], string>> = {
  'read-only': `do $$ begin
    if to_regrole('${tokenRoles['read-only']}') is null then create role ${tokenRoles['read-only']} nologin; end if;
    grant pg_read_all_data to ${tokenRoles['read-only']};
  end $$`,
  'read-write': `do $$ begin
    if to_regrole('${tokenRoles['read-write']}') is null then create role ${tokenRoles['read-write']} nologin; end if;
    grant pg_read_all_data, pg_write_all_data to ${tokenRoles['read-write']};
    execute format('grant create on database %I to ${tokenRoles['read-write']}', current_database());
    if exists (select from pg_catalog.pg_namespace where nspname = 'public') then
      grant create on schema public to ${tokenRoles['read-write']};
    end if;
  end $$`,
}

/** Each look waits 50 ms for what is new: some seconds of a busy machine. */
const looksMax = 200

export interface WebBackendsOptions {
  readonly instances: InstanceRegistry
  readonly wireServers: WireServers
  readonly tokens: WebTokens
  readonly clock: Clock
}

export class WebBackends {
  readonly #options: WebBackendsOptions
  /** Roles that are being made, by instance and role. */
  readonly #making = new Map<string, Promise<void>>()
  #count = 0

  constructor(options: WebBackendsOptions) {
    this.#options = options
  }

  /** null if there is none, or the grant may not see it. */
  async backend(tenant: string, grant: TokenGrant): Promise<WireBackend | null> {
    const { instances, tokens, wireServers } = this.#options
    const found = instances.list().find(({ name }) => name === tenant)
    const server = found && tokens.maySee(grant.tokenId, found.id) ? wireServers.followable(tenant) : null
    if (!found || !server) return null
    await this.#prepareRole(found.id, server, grant)
    const asGranted = (options: WireSessionOptions): WireSessionOptions => ({
      ...options,
      role: grant.role,
      isReadOnly: grant.access === 'read-only',
      mayRunDatabaseCommands: false,
    })
    return {
      findRole: () => server.findRole(grant.role),
      openSession: (options) => server.openSession(asGranted(options)),
      ...openReaderOf(server, asGranted),
    }
  }

  /** The role of a token that has none of its own is there from now on. Throws `permission-denied`. */
  async #prepareRole(instanceId: string, server: WireBackend, grant: TokenGrant): Promise<void> {
    const { access, role } = grant
    let found = await server.findRole(role)
    if (!found && role === tokenRoles[access]) {
      await this.#makeRole(instanceId, grant)
      // The engine tells of its roles a moment after they have changed.
      for (let looks = 0; looks < looksMax && !found; looks += 1) found = await server.findRole(role)
    }
    if (!found?.isSuperuser || access === 'read-write') return
    const message = `The role ${role} is a superuser, who can write files: no token that reads may have it`
    throw new WorkbenchError('permission-denied', message)
  }

  /** Once for those who come at the same time. */
  async #makeRole(instanceId: string, { access, role }: TokenGrant): Promise<void> {
    const key = `${instanceId} ${role}`
    const making = this.#making.get(key) ?? this.#runOn(instanceId, roleSql[access])
    this.#making.set(key, making)
    try {
      await making
    } finally {
      this.#making.delete(key)
    }
  }

  async #runOn(instanceId: string, sql: string): Promise<void> {
    const { clock, instances } = this.#options
    const engines = instances.get(instanceId)
    const place = { instanceId, turns: engines.turns, engines, clock }
    this.#count += 1
    const session = new Session({ ...place, id: `web-role-${this.#count}`, title: 'the role of a token' })
    try {
      await runStatement(session, sql)
    } finally {
      await session.close()
    }
  }
}

function openReaderOf(
  server: WireBackend,
  asGranted: (options: WireSessionOptions) => WireSessionOptions,
): Pick<WireBackend, 'openReader'> {
  if (!server.openReader) return {}
  const openReader = server.openReader.bind(server)
  return { openReader: (options) => openReader(asGranted(options)) }
}
