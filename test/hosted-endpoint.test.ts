/**
 * Goal: the endpoint of a host is started, stopped, set and watched through the contract, and its connection
 * strings stay good. Method: a real host and engine, node-postgres over loopback, clients of the contract.
 */

import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createConnection, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import {
  stalledClientMsMin,
  startAsKept,
  type EndpointClient,
  type EndpointConnection,
  type EndpointOptions,
} from '../src/contract/endpoint.ts'
import { workbenchContract, type WorkbenchContract } from '../src/contract/workbench-contract.ts'
import { stalledClientMsDefault } from '../src/main/endpoints/postgres/client-traffic.ts'
import type { ShellKind } from '../src/main/host/host-options.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { createMemoryPorts } from '../src/rpc/memory-port.ts'
import { clientPortLimits } from '../src/rpc/message-codec.ts'
import { connectContract, type ContractClient } from '../src/rpc/rpc-client.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { expectNoLeaks } from './support/leak-check.ts'
import { withoutPreferredPort } from './support/preferred-port.ts'
import { RawWireClient } from './support/raw-wire-client.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { query } from './support/wire/frontend-messages.ts'

type Client = ContractClient<WorkbenchContract>

const endpointId = 'postgres'
const asKept = { endpointId, ...startAsKept }
const anyPort = { ...asKept, port: 0 }

describe('the endpoint of a host', { timeout: openTimeoutMs }, () => {
  withoutPreferredPort()
  expectNoLeaks()
  const path = temporaryDirectory()
  const hosts: WorkbenchHost[] = []
  const connections: pg.Client[] = []
  let count = 0
  let logged: string[] = []

  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.end().catch(() => undefined)))
    for (const host of hosts.splice(0)) await host.stop()
    logged = []
  })

  async function open(
    dataDirectory = path(`data-${count++}`),
    shell: ShellKind = 'command',
  ): Promise<{ host: WorkbenchHost; client: Client; dataDirectory: string }> {
    const write = (message: string): void => void logged.push(message)
    const log = { info: write, warn: write, error: write }
    const host = await startHost({ dataDirectory, shell, clock: systemClock, log })
    hosts.push(host)
    const [near, far] = createMemoryPorts(clientPortLimits)
    host.attach(far)
    return { host, client: connectContract(workbenchContract, near), dataDirectory }
  }

  async function instanceIn(client: Client, name = 'shop'): Promise<string> {
    const wanted = { name, storage: 'memory', withSample: false } as const
    return (await client.call('instance.create', wanted)).id
  }

  async function options(client: Client, change: Partial<EndpointOptions>): Promise<EndpointOptions> {
    const [endpoint] = await client.call('endpoint.list', null)
    return { ...present(endpoint, 'endpoint').options, ...change }
  }

  function urlOf({ forms }: EndpointConnection, kind = 'url'): string {
    return present(
      forms.find((form) => form.kind === kind),
      kind,
    ).text
  }

  async function connect(connectionString: string, more: pg.ClientConfig = {}): Promise<pg.Client> {
    const connection = new pg.Client({ connectionString, ...more })
    connection.on('error', () => undefined)
    connections.push(connection)
    await connection.connect()
    return connection
  }

  /** Reads lists of clients until one is as wanted. */
  async function clientsUntil(
    client: Client,
    isWanted: (clients: readonly EndpointClient[]) => boolean,
  ): Promise<readonly EndpointClient[]> {
    const stream = client.stream('endpoint.watchClients', { endpointId })
    for await (const { value } of stream) if (isWanted(value.clients)) return value.clients
    throw new Error('The list ended')
  }

  async function takenPort(): Promise<{ port: number; release: () => Promise<void> }> {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const release = async (): Promise<void> => {
      server.close()
      await once(server, 'close')
    }
    return { port, release }
  }

  it('lets programs connect to every instance, by its name, until it is stopped', async () => {
    const { client } = await open()
    const [shopId, otherId] = [await instanceIn(client), await instanceIn(client, 'other one')]
    expect(await client.call('endpoint.list', null)).toMatchObject([{ state: 'off', port: null }])
    await expect(
      client.call('endpoint.connection', { endpointId, instanceId: shopId }),
    ).rejects.toMatchObject({ code: 'conflict' })
    const started = await client.call('endpoint.start', anyPort)
    expect(started).toMatchObject({ state: 'listening', address: '127.0.0.1', socketPath: null })
    for (const [instanceId, name] of [
      [shopId, 'shop'],
      [otherId, 'other one'],
    ] as const) {
      const connection = await client.call('endpoint.connection', { endpointId, instanceId })
      expect(connection).toMatchObject({ port: started.port, database: name })
      const program = await connect(urlOf(connection))
      expect((await program.query('select current_user, 6 * 7 as n')).rows).toEqual([
        { current_user: 'postgres', n: 42 },
      ])
    }
    const program = present(connections[0], 'program')
    const ended = once(program, 'error') as Promise<[{ code: string }]>
    expect(await client.call('endpoint.stop', { endpointId })).toMatchObject({ state: 'off', clientCount: 0 })
    expect((await ended)[0].code).toBe('57P01')
    const refused = new pg.Client({ host: '127.0.0.1', port: started.port ?? 0 })
    await expect(refused.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(await client.call('endpoint.stop', { endpointId })).toMatchObject({ state: 'off' })
    client.dispose()
  })

  it('keeps its port and its password over restarts, and starts by itself where it is asked to', async () => {
    const { host, client, dataDirectory } = await open()
    const wanted = { name: 'kept', storage: 'directory', withSample: false } as const
    const { id: instanceId } = await client.call('instance.create', wanted)
    const first = await client.call('endpoint.start', asKept)
    const connection = await client.call('endpoint.connection', { endpointId, instanceId })
    await client.call('endpoint.configure', {
      endpointId,
      options: await options(client, { startsWithHost: true }),
    })
    client.dispose()
    await host.stop()
    expect(statSync(join(dataDirectory, 'wardian.db')).mode & 0o077).toBe(0)

    // A command starts nothing that it was not asked for.
    const command = await open(dataDirectory)
    expect(await command.client.call('endpoint.list', null)).toMatchObject([
      { state: 'off', options: { port: first.port, startsWithHost: true } },
    ])
    command.client.dispose()
    await command.host.stop()

    const again = await open(dataDirectory, 'serve')
    await expect
      .poll(async () => (await again.client.call('endpoint.list', null))[0]?.state, { timeout: 20_000 })
      .toBe('listening')
    const program = await connect(urlOf(connection))
    expect((await program.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    again.client.dispose()
    expect(logged.join('\n')).not.toContain(connection.password)
  })

  it('takes another password at once, and those who are logged in stay', async () => {
    const { client } = await open()
    const instanceId = await instanceIn(client)
    await client.call('endpoint.start', anyPort)
    const before = await client.call('endpoint.connection', { endpointId, instanceId })
    const present = await connect(urlOf(before))
    await client.call('endpoint.setPassword', { endpointId, password: null })
    await expect(connect(urlOf(before))).rejects.toMatchObject({ code: '28P01' })
    const after = await client.call('endpoint.connection', { endpointId, instanceId })
    expect(after.password).not.toBe(before.password)
    await connect(urlOf(after))
    await client.call('endpoint.setPassword', { endpointId, password: `o'wn/ p@ss` })
    await connect(urlOf(await client.call('endpoint.connection', { endpointId, instanceId })))
    expect((await present.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    client.dispose()
  })

  it('says that its port is in use, and listens once it is free', async () => {
    const { client } = await open()
    const { port, release } = await takenPort()
    await client.call('endpoint.configure', { endpointId, options: await options(client, { port }) })
    await expect(client.call('endpoint.start', asKept)).rejects.toMatchObject({ code: 'in-use' })
    expect(await client.call('endpoint.list', null)).toMatchObject([
      { state: 'failed', failure: { code: 'in-use', message: expect.stringContaining(String(port)) } },
    ])
    // Set to another place, it is off, and not hindered there yet.
    const elsewhere = await options(client, { port: null })
    expect(await client.call('endpoint.configure', { endpointId, options: elsewhere })).toMatchObject({
      ...{ state: 'off', failure: null },
    })
    await client.call('endpoint.configure', { endpointId, options: { ...elsewhere, port } })
    await release()
    expect(await client.call('endpoint.start', asKept)).toMatchObject({
      state: 'listening',
      failure: null,
      port,
    })
    client.dispose()
  })

  it('moves when it is set to another place, which nobody else has', async () => {
    const { client } = await open()
    const instanceId = await instanceIn(client)
    const first = await client.call('endpoint.start', anyPort)
    const { port, release } = await takenPort()
    const wanted = await options(client, { port })
    expect(await client.call('endpoint.configure', { endpointId, options: wanted })).toMatchObject({
      state: 'failed',
      options: { port },
    })
    await release()
    await client.call('endpoint.start', asKept)
    const socketDirectory = path('socket')
    const moved = await client.call('endpoint.configure', {
      endpointId,
      options: { ...wanted, socketDirectory },
    })
    const socketPath = join(socketDirectory, `.s.PGSQL.${port}`)
    expect(moved).toMatchObject({ state: 'listening', port, socketPath })
    expect(moved.port).not.toBe(first.port)
    const connection = await client.call('endpoint.connection', { endpointId, instanceId })
    const program = await connect(urlOf(connection, 'socket'))
    expect((await program.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    expect(await clientsUntil(client, ({ length }) => length === 1)).toMatchObject([
      { address: null, port: null },
    ])
    await expect(
      client.call('endpoint.configure', { endpointId, options: { ...wanted, socketDirectory: 'here' } }),
    ).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(
      client.call('endpoint.start', { ...asKept, port: port === 1 ? 2 : 1 }),
    ).rejects.toMatchObject({
      code: 'conflict',
    })
    client.dispose()
  })

  it('demands TLS where it is set to, with a connection string that trusts its certificate', async () => {
    const { client } = await open()
    const instanceId = await instanceIn(client)
    await client.call('endpoint.configure', {
      endpointId,
      options: await options(client, { tls: 'required' }),
    })
    const { port } = await client.call('endpoint.start', anyPort)
    const connection = await client.call('endpoint.connection', { endpointId, instanceId })
    await connect(urlOf(connection))
    const [{ isEncrypted } = { isEncrypted: false }] = await clientsUntil(
      client,
      ({ length }) => length === 1,
    )
    expect(isEncrypted).toBe(true)
    const { password } = connection
    const plain = { host: '127.0.0.1', port: port ?? 0, user: 'postgres', password, database: 'shop' }
    await expect(connect('', plain)).rejects.toMatchObject({ code: '28000' })
    client.dispose()
  })

  it('lists its clients with what they do and for whom they wait, cancels and disconnects them', async () => {
    const { client } = await open()
    const instanceId = await instanceIn(client)
    await client.call('endpoint.start', anyPort)
    const url = urlOf(await client.call('endpoint.connection', { endpointId, instanceId }))
    expect(await clientsUntil(client, () => true)).toEqual([])
    const holder = await connect(url, { application_name: 'holder' })
    await holder.query('begin')
    const waiter = await connect(url, { application_name: 'waiter' })
    const waiting = waiter.query('select pg_sleep(600)').catch((error: unknown) => error)
    const seen = await clientsUntil(client, (clients) => clients.some(({ state }) => state === 'waiting'))
    const idOf = (name: string): string =>
      present(
        seen.find(({ applicationName }) => applicationName === name),
        name,
      ).id
    expect(seen.find(({ applicationName }) => applicationName === 'holder')).toMatchObject({
      ...{ state: 'idle in transaction', statement: 'begin', role: 'postgres', database: 'shop' },
      ...{ address: '127.0.0.1', isEncrypted: false, waitingFor: null },
    })
    expect(seen.find(({ applicationName }) => applicationName === 'waiter')).toMatchObject({
      ...{ state: 'waiting', statement: 'select pg_sleep(600)' },
      waitingFor: expect.stringContaining('holder (postgres, 127.0.0.1:'),
    })
    expect((await client.call('endpoint.list', null))[0]?.clientCount).toBe(2)
    await holder.query('commit')
    await clientsUntil(client, (clients) => clients.some(({ state }) => state === 'active'))
    let isOver = false
    void waiting.then(() => (isOver = true))
    const cancelled = async (): Promise<boolean> => {
      // As Postgres: a request that comes before the statement does has nothing to cancel.
      await client.call('endpoint.cancelClient', { endpointId, clientId: idOf('waiter') })
      return isOver
    }
    await expect.poll(cancelled, { timeout: 20_000 }).toBe(true)
    expect(await waiting).toMatchObject({ code: '57014' })
    const ended = once(holder, 'error') as Promise<[{ code: string }]>
    await client.call('endpoint.disconnectClient', { endpointId, clientId: idOf('holder') })
    expect((await ended)[0].code).toBe('57P01')
    await clientsUntil(client, ({ length }) => length === 1)
    for (const name of ['endpoint.cancelClient', 'endpoint.disconnectClient'] as const) {
      await expect(client.call(name, { endpointId, clientId: idOf('holder') })).rejects.toMatchObject({
        code: 'not-found',
      })
    }
    client.dispose()
  })

  it('cuts who takes nothing of an answer for as long as it is set to, and others get on', async () => {
    const { client } = await open()
    const instanceId = await instanceIn(client)
    const wanted = await options(client, { stalledClientMs: stalledClientMsMin })
    await client.call('endpoint.configure', { endpointId, options: wanted })
    const { port } = await client.call('endpoint.start', anyPort)
    const connection = await client.call('endpoint.connection', { endpointId, instanceId })
    const socket = createConnection(port ?? 0, '127.0.0.1')
    const stalled = new RawWireClient(socket)
    const { password } = connection
    await stalled.logIn({ password, parameters: { database: 'shop', application_name: 'stalled' } })
    socket.pause()
    // More than it may be behind with, and than the system's own buffers hold.
    stalled.send(query(`select repeat('x', 1000000) from generate_series(1, 200)`))
    await clientsUntil(client, ([{ state } = { state: 'idle' }]) => state === 'active')
    const other = await connect(urlOf(connection))
    let answer: unknown[] | null = null
    void other.query('select 1 as one').then(({ rows }) => (answer = rows))
    const seen = await clientsUntil(client, (all) => all.some(({ state }) => state === 'waiting'))
    expect(seen[1]).toMatchObject({ waitingFor: expect.stringContaining('stalled') })
    // By default it would be a minute.
    await expect.poll(() => answer, { timeout: stalledClientMsDefault / 2 }).toEqual([{ one: 1 }])
    await clientsUntil(client, ({ length }) => length === 1)
    await stalled.close()
    client.dispose()
  })

  it('ends what is watched, and its clients, with the host', async () => {
    const { client, host } = await open()
    const instanceId = await instanceIn(client)
    await client.call('endpoint.start', anyPort)
    const program = await connect(urlOf(await client.call('endpoint.connection', { endpointId, instanceId })))
    const stream = client.stream('endpoint.watchClients', { endpointId })
    const lists: number[] = []
    const watching = (async () => {
      for await (const { value } of stream) lists.push(value.clients.length)
    })().catch(() => undefined)
    await expect.poll(() => lists.length, { timeout: 20_000 }).toBeGreaterThan(0)
    const ended = once(program, 'error') as Promise<[{ code: string }]>
    await host.stop()
    expect((await ended)[0].code).toBe('57P01')
    await watching
    client.dispose()
  })

  it('keeps its password where nobody else can read it, and nowhere else', async () => {
    const { client, host, dataDirectory } = await open()
    const instanceId = await instanceIn(client)
    await client.call('endpoint.start', anyPort)
    const { password } = await client.call('endpoint.connection', { endpointId, instanceId })
    client.dispose()
    await host.stop()
    const files = readdirSync(dataDirectory, { withFileTypes: true }).filter((entry) => entry.isFile())
    const having = files.filter(({ name }) => readFileSync(join(dataDirectory, name)).includes(password))
    expect(having.map(({ name }) => name)).toEqual(['wardian.db'])
    expect(logged.join('\n')).not.toContain(password)
  })

  it('is the only one there is', async () => {
    const { client } = await open()
    await expect(client.call('endpoint.stop', { endpointId: 'mysql' })).rejects.toMatchObject({
      code: 'not-found',
    })
    client.dispose()
  })
})
