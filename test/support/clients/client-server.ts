/**
 * A database for the tests with real clients, on native Postgres or on `wardian pg`, made and dropped for one test
 * file. The owner is called the same on both, so that what clients print can be compared.
 */

import pg from 'pg'
import { afterAll, beforeAll, inject } from 'vitest'
import { askForServer } from '../wire/server-broker.ts'
import { urlOfAddress, type ServerAddress } from '../wire/server-address.ts'

/** What every instance of Wardian belongs to. */
const OWNER = 'postgres'
const OWNER_PASSWORD = 'owner'
/** Of a test or hook: both servers may have to start first, on a machine that is busy with other things. */
export const DEADLINE_MS = 240_000

export type ServerName = 'native' | 'wardian'

export const SERVERS: readonly ServerName[] = ['native', 'wardian']

export interface ClientServer {
  readonly name: ServerName
  readonly address: ServerAddress
  readonly url: string
  /** For clients that are libpq, or do as it does. */
  readonly environment: Readonly<Record<string, string>>
  /** The same server with another database, or as another role. */
  login(change: Partial<ServerAddress>): ClientServer
  close(): Promise<void>
}

/** Makes `database` on the server; close() drops it. The names of files that run side by side must differ. */
export async function openServer(name: ServerName, database: string): Promise<ClientServer> {
  const server = await askForServer(name, inject('wireBrokerPort'))
  if (name === 'native') await command(server, nativeOwner)
  const owner = name === 'native' ? { ...server, user: OWNER, password: OWNER_PASSWORD } : server
  await command(owner, `create database ${database}`)
  return serverAt(name, { ...owner, database }, () =>
    command(owner, `drop database ${database} with (force)`),
  )
}

const nativeOwner = `do $$ begin
  perform pg_advisory_xact_lock(1);
  if not exists (select from pg_roles where rolname = '${OWNER}') then
    create role ${OWNER} superuser createdb createrole replication bypassrls login password '${OWNER_PASSWORD}';
  end if;
end $$`

function serverAt(name: ServerName, address: ServerAddress, close: () => Promise<void>): ClientServer {
  return {
    ...{ name, address, url: urlOfAddress(address), close },
    environment: {
      PGHOST: address.host,
      PGPORT: String(address.port),
      PGUSER: address.user,
      PGPASSWORD: address.password,
      PGDATABASE: address.database,
      PGCONNECT_TIMEOUT: '60',
      PGCLIENTENCODING: 'UTF8',
      LC_ALL: 'C.UTF-8',
    },
    login: (change) => serverAt(name, { ...address, ...change }, () => Promise.resolve()),
  }
}

/** Has no deadline of its own: making a database can take long on a busy machine. */
async function command({ host, port, user, password, database }: ServerAddress, sql: string): Promise<void> {
  const client = new pg.Client({ host, port, user, password, database })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** Opens `database` on one server for the tests of a file. */
export function serverFixture(name: ServerName, database: string): () => ClientServer {
  let server: ClientServer | undefined
  beforeAll(async () => {
    server = await openServer(name, database)
  }, DEADLINE_MS)
  afterAll(() => server?.close(), DEADLINE_MS)
  return () => {
    if (!server) throw new Error(`${name} is open in tests only`)
    return server
  }
}

/** The same on both. */
export function serversFixture(database: string): (name: ServerName) => ClientServer {
  const servers = new Map(SERVERS.map((name) => [name, serverFixture(name, database)]))
  return (name) => {
    const server = servers.get(name)
    if (!server) throw new Error(`There is no server ${name}`)
    return server()
  }
}
