/** Instances for tests of the wire endpoint, made as a client of the host makes them, and served to real clients. */

import { afterAll, beforeAll } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { systemClock } from '../../src/base/clock.ts'
import { PostgresEndpoint } from '../../src/main/endpoints/postgres/postgres-endpoint.ts'
import { generatePassword, makeVerifier } from '../../src/main/endpoints/postgres/scram-verifier.ts'
import { startHost, type WorkbenchHost } from '../../src/main/host/workbench-host.ts'
import { connect } from './client-fixture.ts'
import { openTimeoutMs } from './engine-fixture.ts'
import { temporaryDirectory } from './temporary-directory.ts'

export interface ServedInstance {
  readonly host: WorkbenchHost
  readonly endpoint: PostgresEndpoint
  readonly instanceId: string
  /** How its owner logs in. */
  readonly login: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly password: string
    readonly database: string
  }
}

/** Creates an empty instance in memory; answers its id. */
export async function memoryWorkbench(host: WorkbenchHost, name: string): Promise<string> {
  const client = connect(host)
  try {
    return (await client.call('instance.create', { name, storage: 'memory', withSample: false })).id
  } finally {
    client.dispose()
  }
}

/** A host with an instance `shop`, which all tests of a suite have in common. Registers hooks. */
export function servedInstance(): ServedInstance {
  const path = temporaryDirectory()
  const password = generatePassword()
  const made: { host?: WorkbenchHost; endpoint?: PostgresEndpoint; instanceId?: string } = {}
  const host = (): WorkbenchHost => present(made.host, 'the host')
  const endpoint = (): PostgresEndpoint => present(made.endpoint, 'the endpoint')
  beforeAll(async () => {
    made.host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    })
    made.instanceId = await memoryWorkbench(made.host, 'shop')
    made.endpoint = await PostgresEndpoint.listen({
      ...{ tcp: { port: 0 }, socketDirectory: null, tls: null, clock: systemClock },
      owner: { role: 'postgres', verifier: await makeVerifier(password) },
      roleBackend: made.host.wireServer('shop'),
      resolveDatabase: (name) => Promise.resolve(host().wireServer(name)),
      onFailure: (error) => {
        throw error
      },
    })
  }, openTimeoutMs)
  afterAll(async () => {
    await made.endpoint?.close()
    await made.host?.stop()
  })
  return {
    get host() {
      return host()
    },
    get endpoint() {
      return endpoint()
    },
    get instanceId() {
      return present(made.instanceId, 'the instance')
    },
    get login() {
      return {
        ...{ host: '127.0.0.1', port: endpoint().port ?? 0 },
        ...{ user: 'postgres', password, database: 'shop' },
      }
    },
  }
}
