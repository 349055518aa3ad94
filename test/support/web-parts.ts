/**
 * The parts of a host around its web endpoint, with an instance `shop` in memory: what a token is given of it can be
 * asked as node-postgres asks, before any protocol of the endpoint has a say. Registers hooks.
 */

import { mkdir } from 'node:fs/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { TokenWish } from '../../src/contract/web-endpoint.ts'
import { PostgresEndpoint } from '../../src/main/endpoints/postgres/postgres-endpoint.ts'
import { generatePassword, makeVerifier } from '../../src/main/endpoints/postgres/scram-verifier.ts'
import type { TokenGrant } from '../../src/main/endpoints/web/web-access.ts'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import type { HostedWebEndpoint } from '../../src/main/host/hosted-web-endpoint.ts'
import { createParts } from '../../src/main/host/create-parts.ts'
import type { HostParts } from '../../src/main/host/host-parts.ts'
import { StorageClient } from '../../src/main/storage/storage-client.ts'
import { openTimeoutMs, testTemplatesDirectory } from './engine-fixture.ts'
import { temporaryDirectory } from './temporary-directory.ts'

export interface WebParts {
  readonly web: HostedWebEndpoint
  readonly instanceId: string
  /** What a new token is granted. */
  grant(wish?: Partial<TokenWish>): Promise<TokenGrant>
  /** A client whose sessions are those of that grant. Ended after the test. */
  connect(grant: TokenGrant, options?: string): Promise<pg.Client>
  /** A client that is the owner of the instance. */
  connectAsOwner(): Promise<pg.Client>
}

export function webParts(): WebParts {
  const path = temporaryDirectory()
  const made: { parts?: HostParts; instanceId?: string } = {}
  const parts = (): HostParts => present(made.parts, 'the parts')
  const endpoints: PostgresEndpoint[] = []
  const clients: pg.Client[] = []
  beforeAll(async () => {
    const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const dataDirectory = path('data')
    await mkdir(dataDirectory)
    const holder = {
      processId: process.pid,
      hostName: 'here',
      program: 'a test',
      startedAtMs: 0,
      endpoint: null,
    }
    const options = { dataDirectory, shell: 'command', clock: systemClock, log: silent } as const
    const storage = new StorageClient(dataDirectory, 'damaged')
    const engines = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
    const { setAsidePath } = await storage.call('storage.open', null)
    made.parts = await createParts(options, { holder, storage, setAsidePath, engines })
    const instance = await parts().instances.add({ name: 'shop', storage: 'memory', withSample: false })
    await instance.start()
    made.instanceId = instance.id
  }, openTimeoutMs)
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end().catch(() => undefined)))
    await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()))
  })
  afterAll(async () => {
    const { web, wireServers, instances, factory, storage, parser, files, archives } = parts()
    await web.end()
    wireServers.dispose()
    await instances.end()
    await Promise.all([files.close(), archives.close(), factory.dispose(), storage.close(), parser.close()])
  })
  /** Whoever knows the password gets what stands behind `backend`. */
  const connectTo = async (
    backend: Parameters<typeof PostgresEndpoint.listen>[0]['roleBackend'],
    options?: string,
  ): Promise<pg.Client> => {
    const password = generatePassword()
    const endpoint = await PostgresEndpoint.listen({
      ...{ tcp: { port: 0 }, socketDirectory: null, tls: null, clock: systemClock, roleBackend: null },
      owner: { role: 'postgres', verifier: await makeVerifier(password) },
      resolveDatabase: async () => backend,
      onFailure: (error) => {
        throw error
      },
    })
    endpoints.push(endpoint)
    const client = new pg.Client({
      ...{ host: '127.0.0.1', port: endpoint.port, user: 'postgres', password, database: 'shop' },
      ...(options === undefined ? {} : { options }),
    })
    client.on('error', () => undefined)
    clients.push(client)
    await client.connect()
    return client
  }
  return {
    get web() {
      return parts().web
    },
    get instanceId() {
      return present(made.instanceId, 'the instance')
    },
    async grant(wish = {}) {
      const { web } = parts()
      const { secret } = await web.tokens.create({
        ...{ label: 'a test', instanceIds: null, access: 'read-only', role: null, expiresAtMs: null },
        ...wish,
      })
      return present(await web.access.authenticate(secret, null), 'the grant')
    },
    connect: async (grant, options) => {
      const backend = present(await parts().web.access.backend('shop', grant), 'the backend')
      // Nobody logs in as the role of a token over the wire of Postgres.
      const findRole: typeof backend.findRole = async (name) => {
        const role = await backend.findRole(name)
        return role && { ...role, canLogin: true }
      }
      return connectTo({ ...backend, findRole }, options)
    },
    connectAsOwner: () => connectTo(parts().wireServers.named('shop')),
  }
}
