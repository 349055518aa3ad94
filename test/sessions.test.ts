/** Sessions over the real engine, through the whole host, as clients see them. */

import type { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../src/base/clock.ts'
import { openDisposables } from '../src/base/disposable.ts'
import type { Instance, SessionState } from '../src/contract/instance.ts'
import { defaultSnapshotPolicy } from '../src/contract/snapshot.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { connect, Console, type WorkbenchClient } from './support/client-fixture.ts'
import { testTemplatesDirectory } from './support/engine-fixture.ts'
import { expectNoLeaks, expectOnly } from './support/leak-check.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

describe('sessions', () => {
  let kept: Record<string, number> = {}
  expectOnly(() => kept)
  const path = temporaryDirectory()
  const workers: Worker[] = []
  const clients: WorkbenchClient[] = []
  const defects: unknown[] = []
  let host: WorkbenchHost
  let shop: Instance

  beforeAll(async () => {
    process.on('worker', remember)
    const log = {
      info: () => undefined,
      warn: () => undefined,
      error: (...what: unknown[]) => defects.push(what),
    }
    host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock, log },
      engineFactory: new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory }),
    })
    const client = connect(host)
    shop = await client.call('instance.create', { name: 'shop', storage: 'directory', withSample: true })
    // Snapshots have suites of their own; here nothing is done besides.
    const policy = { ...defaultSnapshotPolicy, before: 'nothing' } as const
    await client.call('snapshot.setPolicy', { instanceId: shop.id, policy })
    // What the first uses start stays: the threads of snapshots and of the parser, and the catalog's session.
    const first = await Console.open(client, shop.id, 'first')
    await first.script('select 1; select 2')
    await client.call('catalog.names', { instanceId: shop.id })
    client.dispose()
    // The host may still be writing down what was done: a request to its storage.
    await vi.waitFor(() => {
      expect(openDisposables()['session']).toBe(1)
      expect(openDisposables()).not.toHaveProperty('rpc-client-request')
    })
    kept = openDisposables()
  }, 180_000)
  afterEach(() => {
    for (const client of clients.splice(0)) client.dispose()
    expect(defects).toEqual([])
  })
  afterAll(async () => {
    process.off('worker', remember)
    await host.stop()
  })

  function remember(worker: Worker): void {
    workers.push(worker)
  }

  function connectClient(): WorkbenchClient {
    const client = connect(host)
    clients.push(client)
    return client
  }

  /** A session of a client of its own, or of one that is given. */
  function open(title: string, client = connectClient()): Promise<Console> {
    return Console.open(client, shop.id, title)
  }

  /** Resolves when the session is in the wanted state. */
  function state(client: WorkbenchClient, isWanted: (state: SessionState) => boolean): Promise<SessionState> {
    return new Promise((resolve) => {
      const subscription = client.on('session.didChange', (changed) => {
        if (!isWanted(changed)) return
        subscription.dispose()
        resolve(changed)
      })
    })
  }

  it('has the sample shop in it, the same on every machine', async () => {
    const session = await open('sample')
    const counts = `SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM products),
      (SELECT count(*) FROM orders), (SELECT count(*) FROM order_items), (SELECT sum(total) FROM orders),
      (SELECT count(*) FROM monthly_revenue), (SELECT md5(string_agg(o::text, ',' ORDER BY order_id)) FROM orders o)`
    await session.run(`SET timezone = 'UTC'`)
    expect(await session.rows(counts)).toEqual([
      ['2000', '500', '40000', '60000', '14312675.50', '24', 'df6a55c28a8509523b5567d42d6e1d9d'],
    ])
    await session.run('BEGIN')
    await session.run('UPDATE order_items SET quantity = quantity + 1 WHERE order_id = 20')
    expect(await session.rows('SELECT total = order_total(20) FROM orders WHERE order_id = 20')).toEqual([
      ['t'],
    ])
    await session.run('ROLLBACK')
  })

  it('runs a script statement by statement, up to the first error, with every field of it', async () => {
    const session = await open('script')
    const text = `select 'é;' as a; -- one
select 2; select nope from orders; select 4`
    const { statements } = await session.run(text, { mode: 'script' })
    expect(statements.map((seen) => text.slice(seen.start, seen.start + seen.length))).toEqual([
      `select 'é;' as a`,
      'select 2',
      'select nope from orders',
    ])
    expect(statements.map((seen) => seen.outcome?.status)).toEqual(['ok', 'ok', 'failed'])
    expect(statements[0]?.rows).toEqual([['é;']])
    expect(statements[2]?.outcome?.error).toMatchObject({
      code: 'sql-error',
      sql: { code: '42703', position: 8, message: expect.stringContaining('nope') },
    })
  })

  it('sends a result whole when the client sets no bound that 32 bits could hold', async () => {
    const session = await open('unbounded')
    const options = { resultBytesMax: Number.MAX_SAFE_INTEGER, mode: 'script' } as const
    const { statements } = await session.run('select 1; select generate_series(1, 300000)', options)
    expect(statements.map(({ rows }) => rows.length)).toEqual([1, 300_000])
    expect(statements.map(({ outcome }) => outcome?.status)).toEqual(['ok', 'ok'])
  })

  it('tells notices, and what a statement outside of a transaction has done', async () => {
    const session = await open('notices')
    const { statements } = await session.run(`do $$ begin raise notice 'hello %', 1; end $$`)
    expect(statements[0]?.notices).toMatchObject([{ severity: 'NOTICE', message: 'hello 1' }])
    expect(statements[0]?.outcome).toMatchObject({ status: 'ok', commandTag: 'DO', transaction: 'idle' })
  })

  it('makes others wait while a transaction is open, tells for whom, and lets them in afterwards', async () => {
    const [a, b] = [await open('writer'), await open('reader')]
    expect(await a.script(`begin; insert into categories values (100, 'New', null)`)).toEqual(['ok', 'ok'])
    const waiting = state(
      b.client,
      (changed) => changed.sessionId === b.sessionId && changed.activity === 'waiting',
    )
    const reading = b.run('select count(*) from categories')
    expect(await waiting).toMatchObject({ waitingFor: 'writer' })
    await a.run('rollback')
    const { statements, waitedFor } = await reading
    expect(waitedFor[0]).toBe('writer')
    expect(statements[0]?.rows).toEqual([['12']])
  })

  it('shows a failed transaction as such until it is rolled back', async () => {
    const session = await open('failed')
    const { statements } = await session.run('begin; select 1/0', { mode: 'script' })
    expect(statements[1]?.outcome).toMatchObject({ transaction: 'failed', error: { sql: { code: '22012' } } })
    const next = await session.run('select 1')
    expect(next.statements[0]?.outcome?.error?.sql?.code).toBe('25P02')
    expect((await session.run('rollback')).statements[0]?.outcome?.transaction).toBe('idle')
  })

  it('cancels what runs with 57014, and goes on', async () => {
    const session = await open('cancel')
    const running = session.run('select pg_sleep(600)', {
      onEvent: (event) => {
        if (event.kind === 'started') void session.cancel()
      },
    })
    const [seen] = (await running).statements
    expect(seen?.outcome?.status).toBe('cancelled')
    expect(await session.rows('select 1')).toEqual([['1']])
  })

  it('cancels what waits without touching what runs', async () => {
    const [a, b] = [await open('holder'), await open('impatient')]
    await a.run('begin')
    const waiting = b.run('select 1', { onEvent: (event) => void (event.kind === 'waiting' && b.cancel()) })
    expect((await waiting).statements[0]?.outcome).toMatchObject({
      status: 'cancelled',
      error: { code: 'cancelled' },
    })
    expect((await a.run('commit')).statements[0]?.outcome?.status).toBe('ok')
  })

  it('cuts a result at its budget, and says so', async () => {
    const session = await open('budget')
    const run = session.run('select repeat(i::text, 100) from generate_series(1, 1000000) i', {
      resultBytesMax: 1 << 20,
    })
    const outcome = (await run).statements[0]?.outcome
    expect(outcome).toMatchObject({ status: 'cut', commandTag: null, transaction: 'idle' })
    expect(outcome?.resultBytes).toBeLessThan(4 << 20)
    expect(await session.rows('select 1')).toEqual([['1']])
  })

  it('rolls back and lets others in when a client vanishes in the middle of a result', async () => {
    const [gone, other] = [await open('gone'), await open('other')]
    await gone.run('begin')
    await gone.run(`insert into categories values (101, 'Lost', null)`)
    const reading = gone.run('select generate_series(1, 50000000)', {
      onEvent: (event) => {
        if (event.kind === 'batch') gone.client.dispose()
      },
    })
    await expect(reading).rejects.toMatchObject({ code: 'closed' })
    expect(await other.rows('select count(*) from categories where category_id = 101')).toEqual([['0']])
  })

  it('rolls back when a session is closed while its statement runs', async () => {
    const client = connectClient()
    const [closed, other] = [await open('closed', client), await open('next', client)]
    await closed.run('begin')
    const started = Promise.withResolvers<void>()
    const running = closed.run('select pg_sleep(600)', { onEvent: () => started.resolve() })
    await started.promise
    await closed.close()
    expect((await running).statements[0]?.outcome?.status).toBe('cancelled')
    expect(await other.rows('select 1')).toEqual([['1']])
    await expect(closed.run('select 1')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('interleaves the statements of sessions that ask at the same time', async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, (_, index) => open(`parallel ${index}`)))
    const script = Array.from({ length: 10 }, (_, index) => `select ${index}`).join(';')
    const all = await Promise.all(sessions.map((session) => session.script(script)))
    expect(all.flat().filter((status) => status === 'ok')).toHaveLength(80)
  })

  it('refuses text that Postgres cannot have, and runs 400 kB of it that it can', async () => {
    const session = await open('texts')
    const { statements } = await session.run(`select 'a\0b'`)
    expect(statements[0]?.outcome?.error).toMatchObject({ code: 'invalid-argument' })
    const long = `select length('${'é'.repeat(200_000)}')`
    expect(await session.rows(long)).toEqual([['200000']])
  })

  it('answers every level of the database tree', async () => {
    const client = connectClient()
    const list = async (level: Parameters<typeof listLevel>[1], parentOid: number, filter = '') =>
      listLevel(client, level, { instanceId: shop.id, parentOid, filter })
    const [schema] = (await list('root', 0)).nodes
    expect(schema).toMatchObject({ kind: 'schema', name: 'public', qualifiedName: 'public' })
    const oid = schema?.oid ?? 0
    const names = async (level: Parameters<typeof listLevel>[1], parentOid = oid): Promise<string[]> =>
      (await list(level, parentOid)).nodes.map((node) => `${node.kind} ${node.name}`)
    expect(await names('tables')).toEqual(
      ['categories', 'customers', 'order_items', 'orders', 'products'].map((name) => `table ${name}`),
    )
    expect(await names('views')).toEqual([
      'view customer_totals',
      'materialized-view monthly_revenue',
      'view order_details',
    ])
    expect(await names('functions')).toEqual(['function order_total', 'function refresh_order_total'])
    expect(await names('types')).toEqual(['type email_address', 'type order_status'])
    expect(await names('sequences')).toHaveLength(3)
    const orders = (await list('tables', oid, 'ORDERS')).nodes[0]
    expect(orders).toMatchObject({ rowEstimate: 40_000, comment: expect.stringContaining('basket') })
    const columns = (await list('columns', orders?.oid ?? 0)).nodes
    expect(columns.map((node) => [node.name, node.detail, node.isKey, node.isNullable])).toContainEqual([
      ...['total', 'numeric(12,2)', false, false],
    ])
    expect(columns[0]).toMatchObject({ name: 'order_id', isKey: true })
    expect(await names('indexes', orders?.oid)).toContain('index orders_by_customer')
    const items = (await list('tables', oid, 'order_i')).nodes[0]
    expect(await names('triggers', items?.oid)).toEqual(['trigger order_items_keep_total'])
    expect((await names('constraints', items?.oid))[0]).toBe('constraint order_items_pkey')
    const functions = (await list('functions', oid, 'total')).nodes
    expect(functions[0]).toMatchObject({ detail: '(of_order integer) → numeric', name: 'order_total' })
  })

  it('estimates the rows of tables that nobody has analysed, and of an empty one', async () => {
    const session = await open('new tables')
    await session.script(`create schema fresh; create table fresh.filled as select generate_series(1, 300) as n;
      create table fresh.empty (n int); create table fresh.analysed as select 1 as n; analyze fresh.analysed;
      create table fresh.parts (n int) partition by list (n); create view fresh.seen as select 1 as n`)
    const list = async (level: 'root' | 'tables' | 'views', parentOid: number, filter = '') =>
      (await listLevel(session.client, level, { instanceId: shop.id, parentOid, filter })).nodes
    const oid = (await list('root', 0, 'fresh'))[0]?.oid ?? 0
    const estimates = (await list('tables', oid)).map(({ name, rowEstimate }) => [name, rowEstimate])
    expect(estimates).toEqual([
      ['analysed', 1],
      ['empty', 0],
      ['filled', 300],
      ['parts', null],
    ])
    expect((await list('views', oid))[0]?.rowEstimate).toBeNull()
    await session.run('drop schema fresh cascade')
  })

  it('answers names for completion, the own ones first', async () => {
    const names = await connectClient().call('catalog.names', { instanceId: shop.id })
    expect(names.relations[0]).toMatchObject({
      ...{
        schema: 'public',
        name: 'categories',
        kind: 'table',
        columns: ['category_id', 'name', 'parent_id'],
      },
    })
    expect(names.functions[0]).toEqual({
      schema: 'public',
      name: 'order_total',
      arguments: 'of_order integer',
    })
    expect(names.searchPath).toEqual(['pg_catalog', 'public'])
    expect(names.isComplete).toBe(true)
  })

  it('shows that the tree waits, and stops asking when nobody waits for it any more', async () => {
    const session = await open('long transaction')
    await session.run('begin')
    const waiting = state(session.client, (changed) => changed.activity === 'waiting')
    const controller = new AbortController()
    const params = { instanceId: shop.id, level: 'root', parentOid: 0, filter: '' } as const
    const listing = session.client.call('catalog.list', params, { signal: controller.signal })
    expect(await waiting).toMatchObject({ title: 'Database tree', waitingFor: 'long transaction' })
    controller.abort()
    await expect(listing).rejects.toMatchObject({ code: 'cancelled' })
    await session.run('commit')
    expect((await session.client.call('catalog.list', params)).total).toBe(3)
  })

  it('survives the death of the engine in the middle of a statement, with what was committed', async () => {
    const [a, b] = [await open('victim'), await open('witness')]
    await b.run('create table kept (id int)')
    await b.run('insert into kept values (1)')
    await a.run('begin')
    await a.run('insert into kept values (2)')
    const reset = state(b.client, (changed) => changed.sessionId === b.sessionId && changed.wasReset)
    const running = a.run('select pg_sleep(600)', {
      onEvent: (event) => {
        if (event.kind === 'started')
          void workers.findLast((worker) => worker.threadId > 0 && isEngine(worker))?.terminate()
      },
    })
    expect((await running).statements[0]?.outcome).toMatchObject({
      ...{ status: 'failed', transaction: 'idle' },
      error: { code: 'engine-crashed', message: expect.stringContaining('starts again by itself') as string },
    })
    await reset
    expect(await b.rows('select id from kept')).toEqual([['1']])
    expect(defects.splice(0)).toHaveLength(1)
  })

  it('keeps what was committed when an instance is stopped and started', async () => {
    const session = await open('restart')
    await session.run('create table if not exists stays (id int)')
    await session.run('insert into stays values (7)')
    await session.client.call('instance.stop', { instanceId: shop.id })
    expect(await session.rows('select id from stays')).toEqual([['7']])
  })
})

describe('the end of a host', () => {
  expectNoLeaks()
  const path = temporaryDirectory()

  it('leaves nothing open, whatever its clients were doing', async () => {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const host = await startHost({
      ...{ dataDirectory: path('end'), shell: 'command', clock: systemClock, log },
      engineFactory: new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory }),
    })
    const client = connect(host)
    const { id } = await client.call('instance.create', { name: 'm', storage: 'memory', withSample: false })
    const [running, waiting] = [await Console.open(client, id, 'a'), await Console.open(client, id, 'b')]
    const started = Promise.withResolvers<void>()
    const [first, second] = [
      running.run('select pg_sleep(600)', { onEvent: () => started.resolve() }),
      waiting.run('select 2'),
    ]
    await started.promise
    await host.stop()
    expect((await first).statements[0]?.outcome?.status).toBe('cancelled')
    expect((await second).statements[0]?.outcome?.status).toBe('cancelled')
    expect(client.isClosed).toBe(true)
  })
})

/** Threads that read and write files, or read archives, may be there for a moment, too. */
function isEngine(worker: Worker): boolean {
  return worker.threadName?.startsWith('wardian-engine') ?? false
}

async function listLevel(
  client: WorkbenchClient,
  level:
    | 'root'
    | 'tables'
    | 'views'
    | 'functions'
    | 'types'
    | 'sequences'
    | 'columns'
    | 'indexes'
    | 'triggers'
    | 'constraints',
  parent: { instanceId: string; parentOid: number; filter: string },
) {
  return client.call('catalog.list', { level, ...parent })
}
