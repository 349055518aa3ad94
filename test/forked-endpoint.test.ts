/**
 * Goal: with a copy of the instance for each connection, connections do what they like at once, and neither each
 * other nor the instance sees anything of it. Method: a real host and engines, node-postgres over loopback.
 */

import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import { startAsKept, type EndpointClient } from '../src/contract/endpoint.ts'
import { workbenchContract, type WorkbenchContract } from '../src/contract/workbench-contract.ts'
import { forkBytes } from '../src/main/host/fork-memory.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { createMemoryPorts } from '../src/rpc/memory-port.ts'
import { clientPortLimits } from '../src/rpc/message-codec.ts'
import { connectContract, type ContractClient } from '../src/rpc/rpc-client.ts'
import { Console } from './support/client-fixture.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { expectNoLeaks } from './support/leak-check.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

/** Each is a Postgres of its own, which takes most of a second to start on a busy machine. */
const connectionCount = Number(process.env['WARDIAN_FORK_CONNECTIONS'] ?? 3)

const endpointId = 'postgres'
const forking = { endpointId, ...startAsKept, port: 0, mode: 'fork' } as const
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

describe('an endpoint with a copy for each connection', { timeout: 2 * openTimeoutMs }, () => {
  expectNoLeaks()
  const path = temporaryDirectory()
  const connections: pg.Client[] = []
  let workers: Worker[] = []
  let host: WorkbenchHost | null = null
  let client: ContractClient<WorkbenchContract>
  let dataDirectory = ''
  let url = ''
  let count = 0
  // Of engines: the parser's thread, too, is started when it is needed first.
  const onWorker = (worker: Worker): void => {
    if (worker.threadName?.startsWith('wardian-engine') === true) workers.push(worker)
  }

  beforeEach(() => {
    workers = []
    process.on('worker', onWorker)
  })
  afterEach(async () => {
    process.off('worker', onWorker)
    await Promise.all(connections.splice(0).map((connection) => connection.end().catch(() => undefined)))
    client.dispose()
    await host?.stop()
    host = null
  })

  async function open(storage: 'memory' | 'directory', forkBytesMax = 64 * forkBytes): Promise<void> {
    dataDirectory = path(`data-${count++}`)
    const options = { shell: 'command', clock: systemClock, log: silent } as const
    host = await startHost({ ...options, dataDirectory, forkBytesMax })
    const [near, far] = createMemoryPorts(clientPortLimits)
    host.attach(far)
    client = connectContract(workbenchContract, near)
    const { id: instanceId } = await client.call('instance.create', {
      ...{ name: 'shop', storage, withSample: false },
    })
    await client.call('endpoint.start', { endpointId, ...startAsKept, port: 0 })
    const shared = await connect(await urlOf(instanceId))
    await shared.query('create table stock (id int primary key, amount int)')
    await shared.query('insert into stock select n, 0 from generate_series(1, 100) n')
    await shared.query(`create role app login password 'geheim'`)
    await shared.query(`create role no_entry password 'geheim'`)
    await client.call('endpoint.stop', { endpointId })
    expect(await client.call('endpoint.start', forking)).toMatchObject({
      ...{ state: 'listening', mode: 'fork', options: { mode: 'shared' } },
    })
    url = await urlOf(instanceId)
  }

  async function urlOf(instanceId: string): Promise<string> {
    const { forms } = await client.call('endpoint.connection', { endpointId, instanceId })
    return present(
      forms.find(({ kind }) => kind === 'url'),
      'url',
    ).text
  }

  async function connect(connectionString = url, more: pg.ClientConfig = {}): Promise<pg.Client> {
    const connection = new pg.Client({ connectionString, ...more })
    connection.on('error', () => undefined)
    connections.push(connection)
    await connection.connect()
    return connection
  }

  function connectAs(user: string, password: string): Promise<pg.Client> {
    const place = { host: '127.0.0.1', port: Number(new URL(url).port), database: 'shop' }
    return connect('', { ...place, user, password })
  }

  async function clientsUntil(
    isWanted: (clients: readonly EndpointClient[]) => boolean,
  ): Promise<readonly EndpointClient[]> {
    const stream = client.stream('endpoint.watchClients', { endpointId })
    for await (const { value } of stream) if (isWanted(value.clients)) return value.clients
    throw new Error('The list ended')
  }

  function codeOf(query: Promise<unknown>): Promise<string> {
    return query.then(
      () => 'ok',
      (error: { readonly code?: string }) => error.code ?? 'no code',
    )
  }

  const names = (): readonly string[] =>
    ['.', 'instances'].flatMap((folder) => {
      const place = join(dataDirectory, folder)
      return existsSync(place) ? readdirSync(place) : []
    })

  const total = async (connection: pg.Client): Promise<unknown> =>
    (await connection.query<{ sum: string }>('select sum(amount) from stock')).rows[0]?.sum

  it('copies what is committed, also while a console has a transaction open', async () => {
    await open('memory')
    const first = await connect()
    const [shop] = await client.call('instance.list', null)
    const session = await Console.open(client, shop?.id ?? '', 'holder')
    await session.run('begin')
    await session.run('update stock set amount = 5')
    // Nobody has committed anything since the first copy, so the second need not wait.
    const second = await connect()
    expect([await total(first), await total(second)]).toEqual(['0', '0'])
    await session.run('commit and chain')
    const waiting = connect()
    await session.run('rollback')
    expect(await total(await waiting)).toBe('500')
  })

  it.each(['memory', 'directory'] as const)(
    'lets connections write the same rows at once, each in a transaction of its own, in %s',
    async (storage) => {
      await open(storage)
      const before = names()
      const forks = await Promise.all(Array.from({ length: connectionCount }, () => connect()))
      await Promise.all(forks.map((fork) => fork.query('begin')))
      await Promise.all(forks.map((fork, n) => fork.query('update stock set amount = $1', [n])))
      await Promise.all(forks.map((fork) => fork.query('commit')))
      expect(await Promise.all(forks.map(total))).toEqual(forks.map((_, n) => String(100 * n)))
      const processIds = await Promise.all(
        forks.map(async (fork) => (await fork.query('select pg_backend_pid() as pid')).rows[0] as unknown),
      )
      expect(new Set(processIds.map((row) => JSON.stringify(row))).size).toBe(connectionCount)
      const seen = await clientsUntil(({ length }) => length === connectionCount)
      expect(seen.every(({ isFork, database }) => isFork && database === 'shop')).toBe(true)
      await Promise.all(forks.map((fork) => fork.end()))
      expect(names()).toEqual(before)
      // The next one begins with what the instance has, and so does the instance.
      expect(await total(await connect())).toBe('0')
      await client.call('endpoint.stop', { endpointId })
      await client.call('endpoint.start', { ...forking, mode: 'shared', port: Number(new URL(url).port) })
      expect(await total(await connect())).toBe('0')
    },
  )

  it('shows what was committed in the instance when the connection was made, and no more', async () => {
    await open('memory')
    const early = await connect()
    const { sessionId } = await client.call('session.open', {
      instanceId: present((await client.call('instance.list', null))[0], 'instance').id,
      title: 'Console',
    })
    const run = async (sql: string): Promise<void> => {
      const source = { kind: 'inline', text: sql } as const
      const bounds = { resultBytesMax: 1 << 20, resultsMax: null }
      const stream = client.stream('statement.run', { sessionId, source, mode: 'statement', ...bounds })
      for await (const chunk of stream) void chunk
    }
    await run('update stock set amount = 1')
    const late = await connect()
    expect([await total(early), await total(late)]).toEqual(['0', '100'])
    // A copy that is busy hinders neither the instance nor another copy.
    const sleeping = codeOf(late.query('select pg_sleep(600)'))
    await run('update stock set amount = 2')
    expect(await total(await connect())).toBe('200')
    const busy = (await clientsUntil((all) => all.some(({ state }) => state === 'active'))).find(
      ({ state }) => state === 'active',
    )
    await client.call('endpoint.cancelClient', { endpointId, clientId: present(busy, 'busy').id })
    expect(await sleeping).toBe('57014')
    expect(await total(late)).toBe('100')
    // Who has the instance for a transaction, since something was committed, is waited for, but not for ever.
    await run('update stock set amount = 3')
    await run('begin')
    const [endpoint] = await client.call('endpoint.list', null)
    const options = { ...present(endpoint, 'endpoint').options, idleTransactionMs: 1_000 }
    await client.call('endpoint.configure', { endpointId, options })
    expect(await codeOf(connect())).toBe('55P03')
    await run('commit')
    expect(await total(await connect())).toBe('300')
  })

  it('copies run as their instance does: with its settings, and with what is loaded at its start', async () => {
    await open('directory')
    const [shop] = await client.call('instance.list', null)
    const instanceId = present(shop, 'shop').id
    const settings = [{ name: 'work_mem', value: '9MB' }]
    const options = { durability: 'durable', extensions: [], settings } as const
    await client.call('instance.configure', { instanceId, options })
    await client.call('extension.add', { instanceId, name: 'pg_stat_statements' })
    const copy = await connect()
    const asked = `select current_setting('work_mem') as work_mem, count(*) >= 0 as counts from pg_stat_statements`
    expect((await copy.query(asked)).rows).toEqual([{ work_mem: '9MB', counts: true }])
  })

  it('a copy that crashes takes its own client with it, and nobody else', async () => {
    await open('memory')
    const other = await connect()
    const before = workers.length
    const doomed = await connect()
    const running = doomed.query('select pg_sleep(600)').catch((error: unknown) => error)
    await clientsUntil((all) => all.some(({ state }) => state === 'active'))
    expect(workers.length).toBe(before + 1)
    await present(workers.at(-1), 'worker').terminate()
    expect(await running).toMatchObject({ code: '57P01', hint: expect.stringContaining('a copy') })
    expect(await total(other)).toBe('0')
    expect(await total(await connect())).toBe('0')
  })

  it('logs in roles of the instance with their rights, and makes no databases', async () => {
    await open('memory')
    const app = await connectAs('app', 'geheim')
    expect(await codeOf(app.query('select * from stock'))).toBe('42501')
    const owner = await connect()
    expect(await codeOf(owner.query('create database other'))).toBe('0A000')
    expect(await codeOf(owner.query('drop database shop'))).toBe('0A000')
    expect(await total(owner)).toBe('0')
  })

  it('makes no copy for who does not get in', async () => {
    await open('memory')
    const before = workers.length
    expect(await codeOf(connectAs('app', 'wrong'))).toBe('28P01')
    expect(await codeOf(connectAs('nobody', 'geheim'))).toBe('28P01')
    expect(await codeOf(connectAs('no_entry', 'geheim'))).toBe('28000')
    expect(await codeOf(connect(`${url}_not`))).toBe('3D000')
    expect(workers.length).toBe(before)
    await connectAs('app', 'geheim')
    expect(workers.length).toBe(before + 1)
  })

  it('refuses with 53300 and a hint what would not fit into memory, until somebody leaves', async () => {
    await open('memory', 2.5 * forkBytes)
    const first = await connect()
    const refused = await connect().catch((error: unknown) => error)
    await connect().catch(() => undefined)
    expect(refused).toMatchObject({ code: '53300', hint: expect.stringContaining('close some') })
    await first.end()
    await expect.poll(() => codeOf(connect()), { timeout: openTimeoutMs }).toBe('ok')
  })

  it('ends with the endpoint, or with the instance: its clients are told', async () => {
    await open('memory')
    const fork = await connect()
    const ended = once(fork, 'error') as Promise<[{ code: string }]>
    await fork.query('begin')
    await client.call('endpoint.stop', { endpointId })
    expect((await ended)[0].code).toBe('57P01')
    await client.call('endpoint.start', forking)
    url = await urlOf(present((await client.call('instance.list', null))[0], 'instance').id)
    const last = await connect()
    const told = once(last, 'error') as Promise<[{ code: string }]>
    for (const { id } of await client.call('instance.list', null)) {
      await client.call('instance.delete', { instanceId: id })
    }
    expect((await told)[0].code).toBe('57P01')
    await client.call('endpoint.stop', { endpointId })
    const { mode } = present((await client.call('endpoint.list', null))[0], 'endpoint')
    expect(mode).toBe('shared')
  })
})
