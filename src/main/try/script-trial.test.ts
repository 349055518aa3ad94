/**
 * Goal: what a trial says of rows is what is really in the tables afterwards. Each script runs twice on copies of the
 * same engine: once tried, once for real, with all rows of all tables read before and after.
 */

import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import type { TryMode, TryTable } from '../../contract/try-report.ts'
import {
  engineFixture,
  must,
  openTimeoutMs,
  run,
  testTemplatesDirectory,
} from '../../../test/support/engine-fixture.ts'
import { PgliteEngineFactory } from '../engine/pglite/pglite-engine-factory.ts'
import type { Engine, EngineSnapshot } from '../engine/engine.ts'
import { ParserClient } from '../parser/parser-client.ts'
import { encodeSql } from '../session/sql-text.ts'
import { planExtension } from './recorded-plan.ts'
import { tryScript, type TrialReport } from './script-trial.ts'
import { TriedScript } from './tried-script.ts'

const factory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
const never = new AbortController().signal

const shop = [
  'create table customers (id int primary key, name text not null, city text)',
  `insert into customers select n, 'customer ' || n, 'city ' || n % 7 from generate_series(1, 500) n`,
  `create table orders (id int generated always as identity primary key, customer int references customers on
    delete cascade, total numeric(10,2), note text)`,
  `insert into orders (customer, total) select 1 + n % 500, n from generate_series(1, 2000) n`,
  'create table audit (at int, what text)',
  `insert into audit select n, 'old' from generate_series(1, 50) n`,
  `create function audited() returns trigger language plpgsql as $$ begin
     insert into audit values (1, tg_op); return null; end $$`,
  'create trigger audited after update on orders for each row execute function audited()',
  'create table events (id int, day int) partition by list (day)',
  'create table events_1 partition of events for values in (1)',
  'create table events_2 partition of events for values in (2)',
  'insert into events select n, 1 from generate_series(1, 100) n',
  'create materialized view totals as select customer, sum(total) as total from orders group by 1',
]

interface Counts {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

/** What became of the rows of a table, by its key where there is one, else by what is in them. */
function contentDifference(before: readonly string[][], after: readonly string[][], hasKey: boolean): Counts {
  const digest = (row: readonly string[]): string => JSON.stringify(row)
  const old = new Map<string, string[]>()
  for (const row of before) {
    const key = hasKey ? (row[0] ?? '') : digest(row)
    old.set(key, [...(old.get(key) ?? []), digest(row)])
  }
  let [updated, kept] = [0, 0]
  for (const row of after) {
    const known = old.get(hasKey ? (row[0] ?? '') : digest(row))?.pop()
    if (known === digest(row)) kept += 1
    else if (known !== undefined) updated += 1
  }
  return { inserted: after.length - kept - updated, updated, deleted: before.length - kept - updated }
}

const keyed = new Set(['public.customers', 'public.orders', 'public.events_1'])
const rowTables = ['customers', 'orders', 'audit', 'events_1', 'events_2', 'totals'].map(
  (name) => `public.${name}`,
)

async function contents(engine: Engine): Promise<Map<string, string[][]>> {
  const found = new Map<string, string[][]>()
  for (const name of rowTables) {
    const { rows, outcome } = await run(engine, `select * from ${name}`)
    if (outcome.status === 'ok')
      found.set(
        name,
        rows.map((row) => row.map(String)),
      )
  }
  return found
}

describe('a trial', { timeout: openTimeoutMs }, () => {
  const { open } = engineFixture(factory)
  let shopSnapshot: EngineSnapshot | null = null

  /** A thread of its own, which takes as long to start as an engine; the fixture lets none stay behind a test. */
  let parser: ParserClient | null = null
  afterEach(async () => {
    await parser?.close()
    parser = null
  })

  function read(sql: string): Promise<TriedScript> {
    parser ??= new ParserClient()
    return TriedScript.read(encodeSql(sql), parser, never)
  }

  /** What an engine has on which `setup` has run; made once. */
  async function prepared(setup: readonly string[] = shop): Promise<EngineSnapshot> {
    const known = setup === shop ? shopSnapshot : null
    if (known) return known
    const engine = await open({})
    for (const statement of setup) await must(engine, statement)
    const snapshot = await engine.snapshot({ known: null, bytesMax: 1 << 30 })
    if (setup === shop) shopSnapshot = snapshot
    return snapshot
  }

  async function trial(
    sql: string,
    options: { setup?: readonly string[]; mode?: TryMode } = {},
  ): Promise<TrialReport> {
    const snapshot = await prepared(options.setup)
    const extensions = [planExtension]
    return tryScript({
      ...{ script: await read(sql), mode: options.mode ?? 'script', settings: null },
      ...{ clock: systemClock, signal: never, onProgress: () => undefined },
      openCopy: () => factory.open({ directory: null, durability: 'relaxed', snapshot, extensions }),
    })
  }

  /** Answers how many tables it has compared. */
  async function expectCounts(sql: string): Promise<number> {
    const report = await trial(sql)
    const engine = await open({ snapshot: await prepared() })
    const before = await contents(engine)
    for (const statement of (await read(sql)).statements) {
      const { outcome } = await run(engine, sql.slice(statement.start, statement.start + statement.length))
      if (outcome.status !== 'ok') break
    }
    await run(engine, 'rollback')
    const after = await contents(engine)
    for (const name of rowTables) {
      const told = report.tables.find((table) => table.name === name)
      const { inserted = 0, updated = 0, deleted = 0 } = told ?? {}
      const real = contentDifference(before.get(name) ?? [], after.get(name) ?? [], keyed.has(name))
      // Rows that were changed without a key cannot be told from replaced ones by what is in them.
      const isKeyless = !keyed.has(name)
      const expected = isKeyless
        ? [real.inserted - real.deleted]
        : [real.inserted, real.updated, real.deleted]
      expect([name, ...(isKeyless ? [inserted - deleted] : [inserted, updated, deleted])]).toEqual([
        name,
        ...expected,
      ])
      expect(isKeyless || (told?.isExact ?? true)).toBe(true)
    }
    return rowTables.length
  }

  const tableOf = (report: TrialReport, name: string): TryTable | undefined =>
    report.tables.find((table) => table.name === `public.${name}`)

  test.each([
    ['inserts', `insert into customers values (1001, 'new', null), (1002, 'newer', 'x')`],
    ['updates', `update customers set city = 'there' where id <= 30`],
    ['deletes that cascade', 'delete from customers where id in (3, 4)'],
    [
      'updates with triggers',
      `update orders set note = 'paid' where total < 10; update orders set note = 'sent' where total < 5`,
    ],
    [
      'what is rolled back',
      `begin; insert into customers values (2000, 'x', 'y'); update customers set city = 'gone'; rollback;
        insert into customers values (2001, 'x', 'y')`,
    ],
    [
      'savepoints',
      `begin; savepoint a; delete from orders where id < 20; rollback to a; update orders set total = 0 where
        id = 5; delete from orders where id between 6 and 8; commit`,
    ],
    [
      'exceptions within blocks',
      `do $$ begin for n in 1..5 loop begin insert into customers values (3000 + n, 'x', null); if n = 3 then
        raise exception 'no'; end if; exception when others then null; end; end loop; end $$; update customers
          set city = 'a' where id = 3001`,
    ],
    [
      'conflicts',
      `insert into customers select n, 'again', 'b' from generate_series(495, 505) n on conflict (id) do update
        set name = excluded.name, city = 'b'; insert into customers values (1, 'x', 'x') on conflict do nothing`,
    ],
    [
      'merge',
      `merge into customers c using (values (1, 'one'), (2, null), (900, 'nine')) v(id, name) on c.id = v.id
        when matched and v.name is null then delete when matched then update set name = v.name when not matched
          then insert values (v.id, v.name, null)`,
    ],
    [
      'rows that move between partitions',
      'update events set day = 2 where id <= 10; delete from events where id = 50',
    ],
    ['truncation', 'truncate orders; insert into orders (customer, total) values (1, 1)'],
    ['a cascading truncation', 'truncate customers cascade'],
    [
      'rewritten tables',
      'alter table orders alter customer type bigint; update orders set total = 7 where id = 9',
    ],
    [
      'vacuum full and cluster',
      `vacuum full customers; update customers set name = upper(name) where id = 77; cluster orders using
        orders_pkey`,
    ],
    [
      'refreshed views',
      'update orders set total = total + 1 where customer = 5; refresh materialized view totals',
    ],
    [
      'everything up to the first error',
      `insert into customers values (4000, 'a', 'b'); delete from customers where id = 9; select 1/0; insert
        into customers values (4001, 'a', 'b')`,
    ],
    [
      'rows that come and go',
      `insert into customers select n, 'x', null from generate_series(5000, 5100) n; delete from customers
        where id >= 5000`,
    ],
  ])('counts rows as they are: %s', async (_name, sql) => {
    expect(await expectCounts(sql)).toBe(rowTables.length)
  })

  test('tells the statements, and the place of the first error', async () => {
    const report = await trial(
      [
        `update customers set city = 'x' where id < 10;`,
        '',
        '-- why not',
        'insert into orders (customer, total)',
        `  values (1, 'não é');`,
        'select 1',
      ].join('\n'),
    )
    expect(report.wouldSucceed).toBe(false)
    expect([report.statementsRun, report.statementsTotal]).toEqual([2, 3])
    expect(report.failure).toMatchObject({ statementIndex: 1, line: 5, column: 14 })
    expect(report.failure?.error.sql?.code).toBe('22P02')
    const [first] = report.statements
    expect(first).toMatchObject({ commandTag: 'UPDATE 9', status: 'ok', line: 1 })
    expect(tableOf(report, 'customers')).toMatchObject({ updated: 9, inserted: 0, deleted: 0 })
  })

  test('tells plans of what has really run, those of blocks included, and nothing else', async () => {
    const report = await trial(`update customers set city = 'x' where id < 10;
      create table cities as select distinct city from customers;
      do $$ begin raise notice 'hello'; delete from customers where id = 20; end $$;
      insert into nowhere values (1)`)
    const [update, create, block] = report.statements.map(({ plan }) => plan ?? '')
    expect(update).toMatch(/^Update on customers .*actual time=.*rows=0/)
    expect(update).toMatch(/rows=9\.00 loops=1/)
    expect(create).toMatch(/^(Hash|Unique)/)
    expect(block).toContain('Trigger for constraint orders_customer_fkey')
    expect(report.statements.map(({ notices }) => notices.map(({ message }) => message))).toEqual([
      ...[[], [], ['hello'], []],
    ])
    expect(report.remarks).toEqual([])
  })

  test('what cannot be asked of the other side does not end the comparison', async () => {
    const setup = [
      `create type mood as enum ('good', 'bad')`,
      'create table "My ""moods" (id mood primary key, n int)',
      `insert into "My ""moods" values ('good', 1), ('bad', 2)`,
      'create materialized view later as select 1 as one with no data',
      'create table plain (a int)',
      'insert into plain select generate_series(1, 20)',
    ]
    const sql = `alter type mood rename value 'bad' to 'worse'; update "My ""moods" set n = 3;
      refresh materialized view later; update plain set a = a + 1 where a < 3; delete from plain where a = 9`
    const report = await trial(sql, { setup })
    const told = report.tables.map(({ name, inserted, updated, deleted }) => [
      name,
      inserted,
      updated,
      deleted,
    ])
    expect(told).toEqual([
      ...[['public."My ""moods"', 0, 2, 0]],
      ...[['public.later', 1, 0, 0]],
      ...[['public.plain', 0, 2, 1]],
    ])
  })

  test('a row that is deleted and inserted again is told as both', async () => {
    const report = await trial(
      `delete from customers where id = 1; insert into customers values (1, 'x', 'x')`,
      {
        setup: shop.slice(0, 2),
      },
    )
    expect(tableOf(report, 'customers')).toMatchObject({ inserted: 1, updated: 0, deleted: 1, isExact: true })
  })

  test('shows rows before and after', async () => {
    const report = await trial(
      `update customers set city = 'x' where id = 7; delete from customers where id = 9; insert into customers
        values (900, 'n', null)`,
    )
    const { columns, samples } = tableOf(report, 'customers') ?? {}
    expect(columns).toEqual(['id', 'name', 'city'])
    expect(samples).toEqual([
      { change: 'inserted', before: null, after: ['900', 'n', null] },
      { change: 'updated', before: ['7', 'customer 7', 'city 0'], after: ['7', 'customer 7', 'x'] },
      { change: 'deleted', before: ['9', 'customer 9', 'city 2'], after: null },
    ])
  })

  test('tells what becomes of the schema and of sequences', async () => {
    const report = await trial(
      `alter table customers add column mail text default 'none'; create index by_city on customers (city);
        drop materialized view totals; select nextval('orders_id_seq')`,
    )
    expect(report.objects.map(({ kind, name, change }) => `${change} ${kind} ${name}`)).toEqual([
      'changed table public.customers',
      'added index public.by_city',
      'removed materialized view public.totals',
    ])
    expect(report.objects[0]?.difference).toContain(`+  mail text default 'none'::text,`)
    expect(report.sequences).toEqual([{ name: 'public.orders_id_seq', before: '2000', after: '2001' }])
    expect(report.tables).toMatchObject([{ name: 'public.totals', fate: 'dropped', deleted: 500 }])
  })

  test('as one transaction it is all or nothing, up to what COMMIT finds', async () => {
    const setup = [
      'create table a (id int primary key)',
      'create table b (a int references a deferrable initially deferred)',
    ]
    const sql = 'insert into a values (1); insert into b values (2)'
    const report = await trial(sql, { setup, mode: 'transaction' })
    expect(report).toMatchObject({ wouldSucceed: false, tables: [], leavesTransactionOpen: false })
    expect(report.failure).toMatchObject({ statement: 'commit', statementIndex: 1 })
    expect(report.failure?.error.sql?.code).toBe('23503')
  })

  test('says when a transaction is left open, whose writes would not be there', async () => {
    const report = await trial('begin; delete from orders')
    expect(report).toMatchObject({ leavesTransactionOpen: true, wouldSucceed: true, tables: [] })
    expect(report.fitsOneTransaction).toBe(false)
  })

  test('ends its copies when it is cancelled, whatever runs', async () => {
    const engine = await open({})
    const snapshot = await engine.snapshot({ known: null, bytesMax: 1 << 30 })
    const leaving = new AbortController()
    const running = tryScript({
      ...{ script: await read('select pg_sleep(600)'), mode: 'script', settings: null },
      ...{ clock: systemClock, signal: leaving.signal },
      onProgress: (progress) => {
        if (progress.kind === 'step' && progress.step === 'running') leaving.abort()
      },
      openCopy: () => factory.open({ directory: null, durability: 'relaxed', snapshot }),
    })
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
  })
})
