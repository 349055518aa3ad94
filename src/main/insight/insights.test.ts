/**
 * Goal: what is told of an instance is true, each statement that would mend something runs, and its undo brings the
 * catalog back. Method: a host with a real engine, asked over the contract.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import type { Finding } from '../../contract/insight.ts'
import { connect, Console, type WorkbenchClient } from '../../../test/support/client-fixture.ts'
import { openTimeoutMs, testTemplatesDirectory } from '../../../test/support/engine-fixture.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { PgliteEngineFactory } from '../engine/pglite/pglite-engine-factory.ts'
import { startHost, type WorkbenchHost } from '../host/workbench-host.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

describe('insights of an instance', { timeout: openTimeoutMs }, () => {
  const path = temporaryDirectory()
  let host: WorkbenchHost
  let client: WorkbenchClient
  let instanceId: string
  let terminal: Console

  beforeAll(async () => {
    const engineFactory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
    host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock, log: silent, engineFactory },
    })
    client = connect(host)
    const made = await client.call('instance.create', { name: 'shop', storage: 'memory', withSample: false })
    instanceId = made.id
    terminal = await Console.open(client, instanceId, 'console 1')
    const done = await terminal.script(`
      create table customers (id int primary key, name text, city varchar(40));
      create table orders (id int primary key, customer_id int references customers, total numeric, note text);
      create table "Odd ""table""" (id int primary key, "Customer" int references customers, a int, b int);
      insert into customers select g, 'name ' || g, 'city ' || g % 100 from generate_series(1, 20000) g;
      insert into orders select g, g % 20000 + 1, g, repeat('x', 40) from generate_series(1, 20000) g;
      create index orders_note_idx on orders (note);
      comment on index orders_note_idx is 'it''s a \\ note';
      create index orders_total_idx on orders (total);
      create index orders_total_again on orders (total);
      create index orders_total_note on orders (total, note);
      create unique index orders_partial on orders (id) where total > 5;
      create table lines (id int primary key, order_id int references orders);
      insert into lines select g, g from generate_series(1, 20000) g;
      create index lines_of_order on lines (order_id);
      select count(id) from lines;
      create index "Odd index" on "Odd ""table""" (a desc nulls last, (lower('x' || b)));
      select count(*) from orders; select count(*) from orders; select count(*) from orders;
      update orders set note = 'y' where id % 2 = 0`)
    expect(new Set(done)).toEqual(new Set(['ok']))
  }, openTimeoutMs)

  afterAll(async () => {
    client.dispose()
    await host.stop()
  })

  test('tables have the sizes, rows and scans that Postgres has counted', async () => {
    const { tables, total, read, databaseBytes } = await client.call('insight.tables', { instanceId })
    expect([total, read.heldBy, read.serverVersion]).toEqual([4, null, expect.stringMatching(/^18\./)])
    const orders = tables.find(({ name }) => name === 'orders')
    const [[heap, indexes, all] = []] = await terminal.rows(`select pg_relation_size('orders')::text,
      pg_indexes_size('orders')::text, pg_total_relation_size('orders')::text`)
    expect([orders?.heapBytes, orders?.indexBytes, orders?.totalBytes]).toEqual(
      [heap, indexes, all].map(Number),
    )
    expect(orders).toMatchObject({ rows: 20_000, deadRows: 10_000, inserted: 20_000, updated: 10_000 })
    expect(orders?.sequentialScans).toBeGreaterThanOrEqual(3)
    expect(databaseBytes).toBeGreaterThan(orders?.totalBytes ?? 0)
  })

  test('findings name what is dead and what was never analysed', async () => {
    const { findings } = await client.call('insight.tables', { instanceId })
    expect(kinds(findings, 'public.orders')).toContain('dead-rows')
    expect(kinds(findings, 'public.customers')).toContain('not-analyzed')
  })

  test('indexes are found that are double, covered, unused or missing', async () => {
    const { findings, indexes } = await client.call('insight.indexes', { instanceId })
    const told = findings.map(({ kind, table, object }) => [kind, table, object])
    expect(told).toContainEqual(['duplicate-index', 'public.orders', 'public.orders_total_again'])
    expect(told).toContainEqual(['overlapping-index', 'public.orders', 'public.orders_total_idx'])
    expect(told).toContainEqual(['unused-index', 'public.orders', 'public.orders_note_idx'])
    expect(told).toContainEqual(['foreign-key-without-index', 'public.orders', 'orders_customer_id_fkey'])
    expect(told.map(([, , object]) => object)).not.toContain('public.orders_pkey')
    expect(told.map(([, , object]) => object)).not.toContain('public.orders_partial')
    // Nothing has used it, but without it a foreign key would have none.
    expect(told.map(([, , object]) => object)).not.toContain('public.lines_of_order')
    expect(indexes.find(({ qualifiedName }) => qualifiedName === 'public.orders_pkey')).toMatchObject({
      ...{ isPrimary: true, isUnique: true, isValid: true, method: 'btree' },
    })
  })

  test('each statement that mends runs, and its undo brings the catalog back', async () => {
    const { findings } = await client.call('insight.indexes', { instanceId })
    const tables = await client.call('insight.tables', { instanceId })
    const all = [...findings, ...tables.findings].filter(({ repair }) => repair !== null)
    expect(all.length).toBeGreaterThan(5)
    for (const { repair, title } of all) {
      const before = await catalog()
      expect(new Set(await terminal.script(repair?.sql ?? '')), title).toEqual(new Set(['ok']))
      if (repair?.undo === null || repair === null) continue
      expect(await catalog(), title).not.toEqual(before)
      expect(new Set(await terminal.script(repair.undo)), title).toEqual(new Set(['ok']))
      expect(await catalog(), title).toEqual(before)
    }
  })

  test('its health adds up what was counted', async () => {
    const health = await client.call('insight.health', { instanceId })
    expect(health.tableHits).toBeGreaterThan(0)
    expect(health.commits).toBeGreaterThan(0)
    expect(health.walBytes).toBeGreaterThan(0)
    expect(health.transactionsLeft).toBeGreaterThan(2_000_000_000)
  })

  test('whoever holds the backend is told of, and so is who waits', async () => {
    const other = await Console.open(client, instanceId, 'console 2')
    await terminal.script('begin; delete from orders where id = 0')
    const waiting = other.rows('select count(*)::text from orders')
    const stream = client.stream('insight.waits', { instanceId })
    for await (const { value } of stream) {
      const [waiter] = value.waiters
      if (!waiter) continue
      expect(value.holders).toMatchObject([
        { title: 'console 1', kind: 'console', transaction: 'open', isRunning: false },
      ])
      expect(value.holders[0]?.statement).toContain('delete from orders')
      expect(waiter).toMatchObject({ for: 'the backend', behind: ['console 1'] })
      expect(waiter.who).toMatchObject({ title: 'console 2', statement: 'select count(*)::text from orders' })
      break
    }
    // What was read before is told, with its age, rather than nothing.
    const holder = async () => (await client.call('insight.tables', { instanceId })).read.heldBy
    await expect.poll(holder, { timeout: openTimeoutMs, interval: 100 }).toBe('console 1')
    await terminal.script('rollback')
    expect(await waiting).toEqual([['20000']])
  })

  test('a plan is one of the values, or of any', async () => {
    const plan = (text: string, parameters: (string | null)[] | null, analyze = false) =>
      client.call('insight.plan', { instanceId, analyze, statement: { kind: 'text', text, parameters } })
    await terminal.script('analyze')
    const known = await plan('select * from orders where id = $1', ['7'])
    expect(known).toMatchObject({ mode: 'estimated', parameters: ['7'] })
    expect(known.plan).toMatch(/orders_pkey[^]*id = 7/)
    const generic = await plan('select * from orders where id = $1;', null)
    expect([generic.mode, generic.parameters]).toEqual(['generic', null])
    expect(generic.plan).toContain('(id = $1)')
    const run = await plan('select count(*) from customers', [], true)
    expect(run.mode).toBe('analyzed')
    expect(run.plan).toContain('actual')
    const write = await plan('delete from orders where id = $1', null)
    expect(write.plan).toContain('Delete on')
    expect(await terminal.rows('select count(*)::text from orders')).toEqual([['20000']])
  })

  test('a plan says which index might help, and that one does', async () => {
    const text = `select * from customers where city = 'city 7' and name > 'name 1'`
    const ask = () =>
      client.call('insight.plan', {
        ...{ instanceId, analyze: false, statement: { kind: 'text', text, parameters: null } },
      })
    const [finding] = (await ask()).findings
    expect(finding).toMatchObject({ kind: 'statement-index', certainty: 'hint', table: 'public.customers' })
    expect(finding?.repair?.sql).toBe(
      'CREATE INDEX customers_city_name_idx ON public.customers ("city", "name");',
    )
    await terminal.script(finding?.repair?.sql ?? '')
    const better = await ask()
    expect(better.plan).toContain('customers_city_name_idx')
    expect(better.findings).toEqual([])
    await terminal.script(finding?.repair?.undo ?? '')
  })

  test('a plan is one of the example that the statistics have kept', async () => {
    await terminal.rows(`select * from orders where note = 'wanted' limit 3`)
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, orderBy: 'totalTime', limit: 10 } as const
    const { rows } = await client.call('statistics.top', { instanceId, search: 'where note = $1', ...range })
    const statement = { kind: 'fingerprint', fingerprint: rows[0]?.fingerprint ?? '' } as const
    const plan = await client.call('insight.plan', { instanceId, statement, analyze: false })
    expect(plan.text).toContain(`note = 'wanted'`)
    expect(plan.plan).toContain('Limit')
    const unknown = { kind: 'fingerprint', fingerprint: 'ffff' } as const
    const asked = client.call('insight.plan', { instanceId, statement: unknown, analyze: false })
    await expect(asked).rejects.toMatchObject({ code: 'not-found' })
  })

  test.each([
    ['html', /^<!doctype html>[^]*orders_total_idx/],
    ['json', /^\{\n "version": 1,[^]*orders_total_idx/],
    ['csv', /^kind,certainty,[^]*orders_total_idx/],
  ] as const)('a report is a file of %s', async (format, expected) => {
    const wish = { instanceId, fromMs: Date.now() - 3_600_000, toMs: Date.now() + 1_000, format }
    const { value, buffers } = await client.callWithBuffers('insight.report', { ...wish, part: 'findings' })
    expect(value.fileName).toMatch(new RegExp(`^shop(-findings)?-[-\\d]+\\.${format}$`))
    const text = new TextDecoder().decode(buffers[0])
    expect(text).toMatch(expected)
    // What the host asks for itself is nobody's statement.
    expect(text).not.toContain('pg_stat_all_indexes')
  })

  test.each([
    ['delete from orders', 'reads and nothing else'],
    ['select 1; select 2', 'reads and nothing else'],
    ['with gone as (delete from orders returning 1) select * from gone', 'reads and nothing else'],
    ['select pg_sleep(600)', 'calls pg_sleep'],
    [`select "pg_terminate_backend"(1)`, 'calls pg_terminate_backend'],
    ['select * from napping', 'calls pg_sleep'],
    [`select nextval('numbers')`, 'calls nextval'],
    ['select id from orders where id = 1 for update', 'read-only transaction'],
    ['select * from orders where id = $1', 'parameters are not known'],
  ])('%s is not run for its plan', async (text, message) => {
    await terminal.script(
      'create or replace view napping as select pg_sleep(600)::text; create sequence if not exists numbers',
    )
    const statement = { kind: 'text', text, parameters: null } as const
    const asked = client.call('insight.plan', { instanceId, statement, analyze: true })
    await expect(asked).rejects.toThrow(message)
    expect(await terminal.rows('select count(*)::text from orders')).toEqual([['20000']])
  })

  test('a plan that takes long is ended with its call', async () => {
    const text = 'select count(*) from generate_series(1, 100000000) a, generate_series(1, 100) b'
    const leaving = new AbortController()
    const asked = client.call(
      'insight.plan',
      { instanceId, analyze: true, statement: { kind: 'text', text, parameters: [] } },
      { signal: leaving.signal },
    )
    const waits = client.stream('insight.waits', { instanceId })
    for await (const { value } of waits)
      if (value.holders.some(({ statement }) => statement?.includes('ANALYZE'))) break
    leaving.abort()
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    expect(await terminal.rows('select 1::text')).toEqual([['1']])
  })

  test('an instance that is stopped is not started for it', async () => {
    const { id } = await client.call('instance.create', {
      name: 'still',
      storage: 'directory',
      withSample: false,
    })
    await client.call('instance.stop', { instanceId: id })
    const asked = client.call('insight.tables', { instanceId: id })
    await expect(asked).rejects.toMatchObject({ code: 'conflict' })
  })

  function catalog(): Promise<unknown> {
    return terminal.rows(`select pg_get_indexdef(i.indexrelid), obj_description(i.indexrelid, 'pg_class'),
      i.indisunique::text, i.indisvalid::text from pg_index i join pg_class c on c.oid = i.indrelid
      where c.relnamespace = 'public'::regnamespace order by 1`)
  }

  function kinds(findings: readonly Finding[], table: string): string[] {
    return findings.filter((finding) => finding.table === table).map(({ kind }) => kind)
  }
})
