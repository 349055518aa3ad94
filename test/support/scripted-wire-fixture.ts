/**
 * Wire endpoints for tests over a scripted backend: no engine, real sockets, everything closed after each test and
 * counted.
 */

import { connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { systemClock, TestClock, type Clock } from '../../src/base/clock.ts'
import {
  PostgresEndpoint,
  type PostgresEndpointOptions,
} from '../../src/main/endpoints/postgres/postgres-endpoint.ts'
import { generatePassword, makeVerifier } from '../../src/main/endpoints/postgres/scram-verifier.ts'
import { expectNoLeaks } from './leak-check.ts'
import { RawWireClient } from './raw-wire-client.ts'
import { ScriptedWireBackend, type ScriptedWireSession } from './scripted-wire-backend.ts'

/** Where to connect to. */
export type WireAddress = Pick<PostgresEndpoint, 'address' | 'port' | 'socketPath'>

export interface ScriptedWireFixture {
  /** An endpoint whose database `postgres` is this test's backend. */
  listen(options?: Partial<PostgresEndpointOptions>): Promise<PostgresEndpoint>
  /** Over TCP where the endpoint has an address. */
  connect(endpoint: WireAddress): Promise<RawWireClient>
  /** The session that was opened last. */
  session(): ScriptedWireSession
  /** Turns the event loop until the condition holds; throws when it never does. */
  until(condition: () => boolean): Promise<void>
  readonly backend: ScriptedWireBackend
  readonly password: string
  /** Defects that the endpoint reported; a test that provokes some takes them out. */
  readonly failures: unknown[]
}

/** Some seconds of a busy machine. */
const turnsMax = 1_000_000

/** Registers hooks for the tests of a file. */
export function scriptedWireFixture(): ScriptedWireFixture {
  expectNoLeaks()
  const endpoints: { endpoint: PostgresEndpoint; clock: Clock }[] = []
  const clients: RawWireClient[] = []
  const failures: unknown[] = []
  const password = generatePassword()
  let verifier = ''
  let backend = new ScriptedWireBackend()
  beforeAll(async () => {
    verifier = await makeVerifier(password)
  })
  beforeEach(() => {
    backend = new ScriptedWireBackend()
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
    for (const { endpoint, clock } of endpoints.splice(0)) {
      const closed = endpoint.close()
      if (clock instanceof TestClock) clock.advance(60_000)
      await closed
    }
    expect(failures.splice(0)).toEqual([])
  })
  return {
    password,
    failures,
    get backend() {
      return backend
    },
    session: () => present(backend.sessions.at(-1), 'a session'),
    async until(condition) {
      for (let turn = 0; !condition(); turn += 1) {
        if (turn === turnsMax) throw new Error('The condition never held')
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    async listen(options = {}) {
      const clock = options.clock ?? systemClock
      const endpoint = await PostgresEndpoint.listen({
        tcp: { port: 0 },
        socketDirectory: null,
        owner: { role: 'postgres', verifier },
        resolveDatabase: (name) => Promise.resolve(name === 'postgres' ? backend : null),
        roleBackend: null,
        tls: null,
        onFailure: (error) => failures.push(error),
        ...options,
        clock,
      })
      endpoints.push({ endpoint, clock })
      return endpoint
    },
    async connect(endpoint) {
      const where = endpoint.address === null ? { path: endpoint.socketPath ?? '' } : { port: endpoint.port }
      const socket = connect({ ...where, allowHalfOpen: true, noDelay: true })
      await once(socket, 'connect')
      const client = new RawWireClient(socket)
      clients.push(client)
      return client
    },
  }
}
