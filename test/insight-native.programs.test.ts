/**
 * Goal: what is told of servers elsewhere is what they say themselves: sizes, bloat as pgstattuple measures it, locks
 * that somebody waits for; on Postgres 18 and on each older one that the system has.
 */

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { connect, Console, type WorkbenchClient } from './support/client-fixture.ts'
import { connectionTo } from './support/remote-engine.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { NativePostgres, otherVersions } from './support/wire/native-postgres.ts'

const DEADLINE_MS = 240_000
vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const versions = [{ major: '18', programs: null }, ...otherVersions()]

describe.each(versions)('insights of a server with Postgres $major', ({ programs }) => {
  const path = temporaryDirectory()
  const made: { native?: NativePostgres; host?: WorkbenchHost; client?: WorkbenchClient; own?: pg.Client } =
    {}
  let instanceId: string
  const client = (): WorkbenchClient => present(made.client, 'the client')
  const own = (): pg.Client => present(made.own, 'a connection of the test')

  beforeAll(async () => {
    made.native = await NativePostgres.start({ programs })
    const { address } = made.native
    made.host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock, log: silent },
    })
    made.client = connect(made.host)
    const wish = { name: 'server', connection: connectionTo(address), password: address.password }
    instanceId = (await made.client.call('remote.create', wish)).id
    await made.client.call('instance.start', { instanceId })
    made.own = new pg.Client({ ...address })
    await made.own.connect()
    await made.own.query(`
      create table parents (id int primary key, label text);
      create table children (id int primary key, parent_id int references parents, note text);
      insert into parents select g, 'label ' || g from generate_series(1, 50000) g;
      insert into children select g, g, repeat('n', g % 60) from generate_series(1, 50000) g;
      create index children_note on children (note);
      create index children_note_again on children (note);
      create index parents_label on parents (label);
      delete from parents where id % 2 = 0 and id not in (select parent_id from children);
      delete from children where id % 3 > 0`)
    await made.own.query('vacuum analyze')
  })
  afterAll(async () => {
    await made.own?.end()
    made.client?.dispose()
    await made.host?.stop()
    await made.native?.stop()
  })

  async function numbers(sql: string): Promise<number[]> {
    const { rows } = await own().query<Record<string, string>>(sql)
    return Object.values(rows[0] ?? {}).map(Number)
  }

  test('tables have the sizes that the server says', async () => {
    const { tables, read } = await client().call('insight.tables', { instanceId })
    const [version] = await numbers(`select split_part(current_setting('server_version'), ' ', 1)::numeric`)
    expect(Number(read.serverVersion)).toBe(version)
    const children = tables.find(({ name }) => name === 'children')
    const sizes = await numbers(`select pg_relation_size('children'), pg_indexes_size('children'),
      pg_total_relation_size('children')`)
    expect([children?.heapBytes, children?.indexBytes, children?.totalBytes]).toEqual(sizes)
    expect(children?.lastVacuumMs).toBeGreaterThan(0)
  })

  test('what is not needed is about what pgstattuple measures', async () => {
    const { tables } = await client().call('insight.tables', { instanceId })
    const { indexes } = await client().call('insight.indexes', { instanceId })
    await own().query('create extension if not exists pgstattuple')
    const [size = 0, free = 0] = await numbers(`select table_len, free_space from pgstattuple('children')`)
    const children = tables.find(({ name }) => name === 'children')
    expect(Math.abs((children?.bloatBytes ?? 0) - free)).toBeLessThan(size * 0.1)
    const [length = 0, density = 0] = await numbers(
      `select index_size, avg_leaf_density from pgstatindex('children_pkey')`,
    )
    const index = indexes.find(({ qualifiedName }) => qualifiedName === 'public.children_pkey')
    // A new B-tree is filled to 90 %.
    expect(Math.abs((index?.bloatBytes ?? 0) - length * (1 - density / 90))).toBeLessThan(length * 0.15)
    await own().query('drop extension pgstattuple')
  })

  test('each statement that mends runs, and its undo brings the catalog back', async () => {
    const { findings } = await client().call('insight.indexes', { instanceId })
    expect(findings.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['duplicate-index', 'foreign-key-without-index']),
    )
    const catalog = () =>
      own().query(
        'select pg_get_indexdef(indexrelid) as d from pg_index where indexrelid >= 16384 order by 1',
      )
    const terminal = await Console.open(client(), instanceId, 'console')
    for (const { repair } of findings) {
      const before = await catalog()
      await terminal.rows(repair?.sql ?? '')
      expect((await catalog()).rows).not.toEqual(before.rows)
      await terminal.rows(repair?.undo ?? '')
      expect((await catalog()).rows).toEqual(before.rows)
    }
    await terminal.close()
  })

  test('its health is told, and what this version cannot tell', async () => {
    const health = await client().call('insight.health', { instanceId })
    expect(health.commits).toBeGreaterThan(0)
    expect(health.checkpointsRequested).not.toBeNull()
    expect(health.walBytes === null).toBe(health.read.remarks.length > 0)
  })

  test('who waits for whose lock is told', async () => {
    await own().query('begin; lock table children')
    const terminal = await Console.open(client(), instanceId, 'console')
    const waiting = terminal.rows('select count(*)::text from children')
    for await (const { value } of client().stream('insight.waits', { instanceId })) {
      const [waiter] = value.waiters
      if (!waiter) continue
      expect(waiter.for).toMatch(/^Lock/)
      expect(waiter.who.statement).toBe('select count(*)::text from children')
      const holder = value.holders.find(({ statement }) => statement?.includes('lock table children'))
      expect(holder).toMatchObject({ kind: 'backend', transaction: 'open', isRunning: false })
      expect(waiter.behind[0]).toContain(`process ${holder?.processId}`)
      break
    }
    await own().query('rollback')
    await waiting
    await terminal.close()
  })

  test('plans are generic, and run only where they read', async () => {
    const plan = (text: string, analyze: boolean) =>
      client().call('insight.plan', {
        ...{ instanceId, analyze, statement: { kind: 'text', text, parameters: null } },
      })
    expect((await plan('select * from children where id = $1', false)).plan).toContain('(id = $1)')
    expect((await plan('select count(*) from children', true)).plan).toContain('actual')
    await expect(plan('delete from children', true)).rejects.toMatchObject({ code: 'unsupported' })
    await expect(plan('select pg_sleep(100)', true)).rejects.toMatchObject({ code: 'unsupported' })
  })
})
