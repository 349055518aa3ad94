/**
 * Wire endpoints for tests: over one engine that a suite has in common, closed after each test, with everything that
 * counts itself given back. Passwords and certificates are made once for each suite.
 */

import { afterEach, beforeAll, expect } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { systemClock } from '../../src/base/clock.ts'
import { openDisposables } from '../../src/base/disposable.ts'
import { generatePassword, makeVerifier } from '../../src/main/endpoints/postgres/scram-verifier.ts'
import {
  PostgresEndpoint,
  type PostgresEndpointOptions,
} from '../../src/main/endpoints/postgres/postgres-endpoint.ts'
import { ChannelBackend } from './channel-backend.ts'
import { engineFactories, engineFixture, openTimeoutMs } from './engine-fixture.ts'

export interface WireFixture {
  /** An endpoint of this test, whose database `postgres` is the suite's engine. */
  listen(options?: Partial<PostgresEndpointOptions>): Promise<PostgresEndpoint>
  /** What clients are given as environment to log in as the owner. */
  environment(endpoint: PostgresEndpoint): Record<string, string>
  readonly password: string
  readonly backend: ChannelBackend
  /** A new directory that is removed after the test. */
  directory(): string
}

/** What must be given back when the endpoints of a test are closed; the engine lives on. */
const countedKinds: ReadonlySet<string> = new Set([
  ...['postgres-endpoint', 'wire-connection', 'wire-client', 'wire-session', 'protocol-channel'],
])

/** Registers hooks for the tests of a suite. */
export function wireFixture(): WireFixture {
  const factory = present(engineFactories[0], 'an engine')
  const { common, directory } = engineFixture(factory.create())
  const endpoints: PostgresEndpoint[] = []
  const failures: unknown[] = []
  const made: { backend?: ChannelBackend; verifier?: string } = {}
  const password = generatePassword()
  beforeAll(async () => {
    made.backend = new ChannelBackend(await common())
    made.verifier = await makeVerifier(password)
  }, openTimeoutMs)
  afterEach(async () => {
    await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()))
    const open = Object.keys(openDisposables()).filter((kind) => countedKinds.has(kind))
    expect(open).toEqual([])
    expect(failures.splice(0)).toEqual([])
  })
  const backend = (): ChannelBackend => present(made.backend, 'the backend')
  return {
    password,
    directory,
    get backend() {
      return backend()
    },
    async listen(options = {}) {
      const endpoint = await PostgresEndpoint.listen({
        tcp: { port: 0 },
        socketDirectory: null,
        owner: { role: 'postgres', verifier: present(made.verifier, 'the verifier') },
        resolveDatabase: (name) => Promise.resolve(name === 'postgres' ? backend() : null),
        roleBackend: null,
        tls: null,
        clock: systemClock,
        onFailure: (error) => failures.push(error),
        ...options,
      })
      endpoints.push(endpoint)
      return endpoint
    },
    environment(endpoint) {
      return {
        PGHOST: endpoint.address ?? '',
        PGPORT: String(endpoint.port),
        PGUSER: 'postgres',
        PGDATABASE: 'postgres',
        PGPASSWORD: password,
      }
    },
  }
}
