/**
 * Goal: statements of programs at the endpoint are counted one by one, however they are sent. Method: a real host and
 * engine, node-postgres and raw messages over loopback, the contract's answers.
 */

import pg from 'pg'
import Cursor from 'pg-cursor'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import { startAsKept } from '../src/contract/endpoint.ts'
import type { StatementRow } from '../src/contract/statistics.ts'
import { workbenchContract, type WorkbenchContract } from '../src/contract/workbench-contract.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { createMemoryPorts } from '../src/rpc/memory-port.ts'
import { connectContract, type ContractClient } from '../src/rpc/rpc-client.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const everything = { fromMs: 0, toMs: 4_000_000_000_000 }

describe('statistics of the endpoint', { timeout: openTimeoutMs }, () => {
  const path = temporaryDirectory()
  let host: WorkbenchHost
  let client: ContractClient<WorkbenchContract>
  let instanceId = ''
  let url = ''
  const connections: pg.Client[] = []

  beforeAll(async () => {
    const write = (): void => undefined
    const log = { info: write, warn: write, error: write }
    host = await startHost({ dataDirectory: path('data'), shell: 'command', clock: systemClock, log })
    const [near, far] = createMemoryPorts()
    host.attach(far)
    client = connectContract(workbenchContract, near)
    const wish = { name: 'counted', storage: 'memory', withSample: false } as const
    instanceId = (await client.call('instance.create', wish)).id
    await client.call('endpoint.start', { ...startAsKept, endpointId: 'postgres', port: 0 })
    const { forms } = await client.call('endpoint.connection', { endpointId: 'postgres', instanceId })
    url = present(
      forms.find(({ kind }) => kind === 'url'),
      'The address',
    ).text
  }, openTimeoutMs)
  afterAll(() => host.stop())
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.end()))
    await client.call('statistics.reset', { instanceId: null, fingerprint: null })
  })

  async function connect(application = 'shop'): Promise<pg.Client> {
    const connection = new pg.Client({ connectionString: url, application_name: application })
    connections.push(connection)
    await connection.connect()
    return connection
  }

  async function top(): Promise<readonly StatementRow[]> {
    const wish = { instanceId, ...everything, orderBy: 'calls', search: '', limit: 50 } as const
    return (await client.call('statistics.top', wish)).rows
  }

  /** Resolves when a client of the endpoint waits for another. */
  async function isWaitedFor(): Promise<void> {
    for await (const { value } of client.stream('endpoint.watchClients', { endpointId: 'postgres' })) {
      if (value.clients.some(({ waitingFor }) => waitingFor !== null)) return
    }
  }

  const counts = async (): Promise<Record<string, readonly [calls: number, rows: number, errors: number]>> =>
    Object.fromEntries((await top()).map(({ text, calls, rows, errors }) => [text, [calls, rows, errors]]))

  it('tells callers apart by what they call themselves when they call', async () => {
    const connection = await connect('billing')
    await connection.query('select 1 as one')
    await connection.query(`set application_name to 'nightly'`)
    await connection.query('select 2 as one')
    await connection.query(`begin; set local application_name to 'for now'`)
    await connection.query('select 3 as one')
    await connection.query('rollback')
    await connection.query('select 4 as one')
    const [row] = (await top()).filter(({ text }) => text.includes('as one'))
    const { fingerprint } = present(row, 'The statement')
    const wish = { instanceId, fingerprint, ...everything }
    const { callers } = await client.call('statistics.statement', wish)
    const seen = callers.map(({ application, calls }) => [application, calls])
    expect(Object.fromEntries(seen)).toEqual({ billing: 1, nightly: 2, 'for now': 1 })
  })

  it('counts simple queries by their shape, with their rows and who has sent them', async () => {
    const connection = await connect('billing')
    for (let index = 0; index < 20; index++)
      await connection.query(`select ${index} from generate_series(1, 3)`)
    await connection.query('create table t (a int); insert into t select generate_series(1, 7)')
    expect(await counts()).toEqual({
      'select $1 from generate_series($2, $3)': [20, 60, 0],
      'create table t (a int)': [1, 0, 0],
      'insert into t select generate_series($1, $2)': [1, 7, 0],
    })
    const [row] = await top()
    const key = { instanceId, fingerprint: row?.fingerprint ?? '' }
    const { callers, example } = await client.call('statistics.statement', { ...key, ...everything })
    expect(callers).toMatchObject([{ application: 'billing', endpoint: 'wire', user: 'postgres', calls: 20 }])
    expect(example?.text).toMatch(/^select \d+ from/)
  })

  it('counts prepared statements when they are executed, with an example of their parameters', async () => {
    const connection = await connect()
    const named = { name: 'by-number', text: 'select $1::int + 1 from generate_series(1, $2)' }
    for (let index = 1; index <= 5; index++) await connection.query({ ...named, values: [7, index] })
    await connection.query('select $1::text', ['one'])
    expect(await counts()).toMatchObject({
      'select $1::int + $3 from generate_series($4, $2)': [5, 15, 0],
      'select $1::text': [1, 1, 0],
    })
    const [row] = await top()
    const key = { instanceId, fingerprint: row?.fingerprint ?? '' }
    const { example } = await client.call('statistics.statement', { ...key, ...everything })
    expect(example).toMatchObject({ text: named.text, parameters: ['7', expect.stringMatching(/^\d$/)] })
  })

  it('counts errors wherever they are found: parsing, binding, executing', async () => {
    const connection = await connect()
    const fail = async (text: string, values?: readonly string[]): Promise<void> => {
      await connection.query(text, values && [...values]).catch(() => undefined)
    }
    await fail('select * from nowhere')
    await fail('select * from nowhere where a = $1', ['1'])
    await fail('select $1::int', ['x'])
    await fail('select 1 / $1::int', ['0'])
    await connection.query('select 1 / $1::int', ['1'])
    expect(await counts()).toEqual({
      'select * from nowhere': [1, 0, 1],
      'select * from nowhere where a = $1': [1, 0, 1],
      'select $1::int': [1, 0, 1],
      'select $2 / $1::int': [2, 1, 1],
    })
    const states: (readonly string[])[] = []
    for (const { fingerprint } of await top()) {
      const found = await client.call('statistics.statement', { instanceId, fingerprint, ...everything })
      states.push(found.errorCodes.map(({ sqlState }) => sqlState))
    }
    expect(states.flat().sort()).toEqual(['22012', '22P02', '42P01', '42P01'])
  })

  it('counts a result that is read in pieces once for each Execute, and a long one with all its rows', async () => {
    const connection = await connect()
    const cursor = connection.query(new Cursor('select generate_series(1, $1)', [25]))
    for (let read = 10; read > 0;) read = (await cursor.read(10)).length
    await cursor.close()
    await connection.query('select repeat($1, 1000) from generate_series(1, 5000)', ['x'])
    const rows = await counts()
    expect(rows['select generate_series($2, $1)']?.[1]).toBe(25)
    expect(rows['select repeat($1, $2) from generate_series($3, $4)']).toEqual([1, 5_000, 0])
    const long = (await top()).find(({ text }) => text.startsWith('select repeat'))
    expect(long?.bytes).toBeGreaterThan(5_000_000)
  })

  it('counts what others have waited for apart from what it took', async () => {
    const [first, second] = [await connect(), await connect()]
    await first.query('begin')
    const waiting = second.query('select 2')
    await isWaitedFor()
    await first.query('select pg_sleep(0.2)')
    await Promise.all([first.query('commit'), waiting])
    const [quick] = (await top()).filter(({ text }) => text === 'select $1')
    const [slow] = (await top()).filter(({ text }) => text.includes('pg_sleep'))
    expect(slow?.totalMs).toBeGreaterThanOrEqual(190)
    expect(quick?.waitMs).toBeGreaterThanOrEqual(190)
    expect(slow?.waitMs).toBeLessThan(slow?.totalMs ?? 0)
  })

  it('tells slow statements one by one', async () => {
    const before = await client.call('statistics.settings', null)
    await client.call('statistics.setSettings', { ...before, slowMs: 50 })
    const connection = await connect()
    await connection.query('select 1')
    await connection.query('select pg_sleep(0.1)')
    const slow = await client.call('statistics.slow', { instanceId, limit: 10 })
    await client.call('statistics.setSettings', before)
    expect(slow.map(({ text }) => text)).toContain('select pg_sleep($1)')
  })
})
