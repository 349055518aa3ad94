/**
 * Servers elsewhere as engines, so that the suites that every engine must pass run on them: each engine is a new
 * database of the server, which statements reach through one session.
 */

import pg from 'pg'
import type { RemoteConnection } from '../../src/contract/remote-server.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { EngineEvent, EngineStatement, StatementSession } from '../../src/main/engine/engine.ts'
import { PostgresServer } from '../../src/main/engine/postgres/postgres-server.ts'
import type { StatementEngine, StatementEngineFactory } from './engine-fixture.ts'
import type { ServerAddress } from './wire/server-address.ts'

/** How a user would enter a server of a test. */
export function connectionTo(
  { host, port, user, database }: ServerAddress,
  fields: Partial<RemoteConnection> = {},
): RemoteConnection {
  return {
    ...{ host, port, user, database, tlsMode: 'prefer', caFile: null, certificateFile: null, keyFile: null },
    ...{ isReadOnly: false, label: '', colour: 'none', connectionsMax: 20, ...fields },
  }
}

/** A server that a suite has for itself, or its part of one. */
export interface TestServer {
  readonly address: ServerAddress
  stop(): Promise<void>
}

interface OpenSession {
  readonly server: PostgresServer
  readonly session: StatementSession
}

export class RemoteEngineFactory implements StatementEngineFactory {
  readonly #start: () => Promise<TestServer>
  #running: Promise<TestServer> | null = null
  /** One after the other: none may be copied from while another is made. */
  #last: Promise<unknown> = Promise.resolve()
  #engineCount = 0

  constructor(start: () => Promise<TestServer>) {
    this.#start = start
  }

  async open(): Promise<StatementEngine> {
    this.#running ??= this.#start()
    const { address } = await this.#running
    const database = `conformance_${process.pid}_${++this.#engineCount}`
    const made = this.#last.then(() => command(address, `create database ${database}`))
    this.#last = made.catch(() => undefined)
    await made
    return new RemoteEngine(await sessionOn({ ...address, database }))
  }

  async dispose(): Promise<void> {
    await (await this.#running)?.stop()
  }
}

/** By the simple protocol: our endpoint makes databases for whoever sends the statement in one piece. */
async function command({ tls, ...login }: ServerAddress, sql: string): Promise<void> {
  const client = new pg.Client({ ...login, ssl: tls ? { rejectUnauthorized: false } : false })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

async function sessionOn(address: ServerAddress): Promise<OpenSession> {
  const connection = connectionTo(address)
  const server = new PostgresServer({ login: { connection, password: address.password }, clock: systemClock })
  return { server, session: await server.openSession({ settings: [] }) }
}

class RemoteEngine implements StatementEngine {
  readonly onDidNotify: StatementEngine['onDidNotify']
  readonly #open: OpenSession

  constructor(open: OpenSession) {
    this.#open = open
    this.onDidNotify = open.session.onDidNotify
  }

  execute(statement: EngineStatement): AsyncIterable<EngineEvent> {
    return this.#open.session.execute(statement)
  }

  cancel(): Promise<void> {
    return this.#open.session.cancel()
  }

  async close(): Promise<void> {
    const { server, session } = this.#open
    await session.cancel()
    session.dispose()
    server.close()
  }
}
