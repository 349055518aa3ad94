/**
 * Goal: an answer that was kept is the answer that running the statement gives, and is given without running it.
 * Method: sessions of a host over the contract, on a real engine, keeping everything however fast it was.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import type { CacheState } from '../src/contract/cache.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { connect, Console, type RunOptions, type WorkbenchClient } from './support/client-fixture.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const options = { isOn: true, bytesMax: 3 << 20, ageMaxMs: null }

describe('results that are kept', { timeout: 60_000 }, () => {
  const path = temporaryDirectory()
  const made: { host?: WorkbenchHost; client?: WorkbenchClient; instanceId?: string; console?: Console } = {}
  const console = (): Console => present(made.console, 'a session')
  const client = (): WorkbenchClient => present(made.client, 'a client')
  const instanceId = (): string => present(made.instanceId, 'an instance')
  const state = (): Promise<CacheState> => client().call('cache.state', { instanceId: instanceId() })

  beforeAll(async () => {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    made.host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock, log, cacheDurationMinMs: 0 },
    })
    made.client = connect(made.host)
    const wish = { name: 'shop', storage: 'memory', withSample: false } as const
    made.instanceId = (await made.client.call('instance.create', wish)).id
    await client().call('cache.setOptions', { instanceId: instanceId(), options })
    made.console = await Console.open(client(), instanceId(), 'Console 1')
    await console().script(
      'create table items (id int primary key, name text, price numeric); ' +
        `insert into items select i, 'item ' || i, i / 7.0 from generate_series(1, 5000) i; ` +
        'create table other (id int)',
    )
  }, openTimeoutMs)
  afterAll(async () => {
    made.client?.dispose()
    await made.host?.stop()
  })

  /** Whether a statement was answered without being run, and its rows. */
  async function ask(sql: string, run: RunOptions = {}, who = console()) {
    const seen = await who.run(sql, run)
    const [statement] = seen.statements
    const outcome = present(statement?.outcome, 'an outcome')
    expect(outcome.error).toBeNull()
    return { isHit: outcome.cached !== undefined, rows: statement?.rows ?? [], outcome }
  }

  /** Runs it until it would be answered from what was kept. */
  async function isKept(sql: string): Promise<boolean> {
    await ask(sql)
    await ask(sql)
    return (await ask(sql)).isHit
  }

  it('answers the same rows without running the statement, and says so', async () => {
    const sql = 'select id, name, price from items order by id'
    const first = await ask(sql)
    const second = await ask(sql)
    expect([first.isHit, second.isHit]).toEqual([false, true])
    expect(second.rows).toEqual(first.rows)
    expect(second.outcome.commandTag).toBe('SELECT 5000')
    expect(second.outcome.cached?.savedMs).toBeGreaterThan(0)
    const { entries, counts } = await state()
    expect(entries[0]).toMatchObject({ statement: sql, hits: 1, rowCount: 5000, relations: ['items'] })
    expect(counts).toMatchObject({ hits: 1, stored: 1 })
  })

  it('runs a statement again whose table was written, and no other', async () => {
    expect(await isKept('select count(*) from items')).toBe(true)
    expect(await isKept('select count(*) from other')).toBe(true)
    await ask('insert into other values (1)')
    expect((await ask('select count(*) from items')).isHit).toBe(true)
    const other = await ask('select count(*) from other')
    expect([other.isHit, other.rows]).toEqual([false, [['1']]])
    expect((await state()).removals[0]).toMatchObject({ reason: 'write', relations: ['other'] })
  })

  it('runs a statement again when asked to refresh it, and leaves it alone when told', async () => {
    const sql = 'select max(price) from items'
    expect(await isKept(sql)).toBe(true)
    expect((await ask(sql, { useCache: 'refresh' })).isHit).toBe(false)
    expect((await ask(sql, { useCache: 'off' })).isHit).toBe(false)
    expect((await ask(sql)).isHit).toBe(true)
    const { sessionId } = console()
    await client().call('cache.setSession', { sessionId, isOn: false })
    expect((await ask(sql)).isHit).toBe(false)
    await client().call('cache.setSession', { sessionId, isOn: true })
    expect(await isKept(sql)).toBe(true)
  })

  it.each([
    'select now()',
    'select random()',
    'select clock_timestamp()::text from items',
    `select 'now'::timestamptz`,
    `select E'n\\x6fw'::timestamptz`,
    `select 'n'\n'ow'::timestamptz`,
    `select count(*) from items where name::timestamptz > '2000-01-01'::timestamptz and false`,
    'select current_date',
    'select count(*) from pg_class',
    'select * from pg_stat_activity',
    `select nextval('numbers')`,
    'select last_value from numbers',
    'select id from other for update',
    `with added as (insert into other values (2) returning id) select * from added`,
    'select * from items tablesample bernoulli (50)',
    `select set_config('work_mem', '5MB', false)`,
    `select current_setting('work_mem')`,
    'select own(1)',
    'select pg_sleep(0)',
    'select * into copied from items limit 0; drop table copied',
    'explain select 1',
    'values (now())',
    'show work_mem',
    `select pg_notify('channel', 'hello')`,
    'select txid_current()',
    `select pg_advisory_lock(1)`,
  ])('never keeps %s', async (sql) => {
    await console().script(
      'create sequence if not exists numbers; create or replace function own(int) returns int immutable ' +
        `language sql as 'select $1'`,
    )
    for (let count = 0; count < 3; count += 1) {
      const { statements } = await console().run(sql, { mode: 'script' })
      for (const { outcome } of statements) expect(outcome?.cached).toBeUndefined()
    }
  })

  it.each([
    'select 1',
    'values (1), (2)',
    'table items',
    '/* why */ select count(*) from items -- not',
    '(select id from items limit 1)',
    'with few as (select * from items where id < 10) select sum(price) from few',
    `select * from items where name like '%9' and id in (select id from items where price > 3) order by 2`,
    `select name, row_number() over (order by price) from items limit 10`,
    `select '2024-01-01'::date + 1, interval '1 day', to_char(price, '999.9') from items limit 1`,
    'select array_agg(id order by id), json_agg(name) from items where id < 5',
    'select current_user, session_user',
    'select case when id > 3 then upper(name) else null end from items',
    'select generate_series(1, 3)',
    'select id, name from items union all select id, null from other',
  ])('keeps %s', async (sql) => {
    expect(await isKept(sql)).toBe(true)
  })

  it('answers nothing within a transaction', async () => {
    const sql = 'select count(*) from items'
    expect(await isKept(sql)).toBe(true)
    await ask('begin')
    await ask('delete from items where id = 1')
    expect(await ask(sql)).toMatchObject({ isHit: false, rows: [['4999']] })
    await ask('rollback')
    expect((await ask(sql)).rows).toEqual([['5000']])
  })

  it('answers for other settings, roles and schemas what they would see', async () => {
    const sql = `select '2024-07-01 12:00+00'::timestamptz::text, count(*) from items`
    const session = await Console.open(client(), instanceId(), 'Console 2')
    expect(await isKept(sql)).toBe(true)
    await ask(`set timezone to 'Asia/Tokyo'`, {}, session)
    expect(await ask(sql, {}, session)).toMatchObject({
      isHit: false,
      rows: [['2024-07-01 21:00:00+09', '5000']],
    })
    expect((await ask(sql, {}, session)).isHit).toBe(true)
    await ask('create schema private', {}, session)
    await ask('create table private.items (id int)', {}, session)
    await ask('set search_path to private, public', {}, session)
    expect((await ask(sql, {}, session)).rows).toEqual([['2024-07-01 21:00:00+09', '0']])
    await ask('drop schema private cascade', {}, session)
    expect((await ask(sql, {}, session)).rows).toEqual([['2024-07-01 21:00:00+09', '5000']])
    await session.close()
  })

  it('throws out what was used longest ago when there is no room', async () => {
    for (let count = 0; count < 30; count += 1) await ask(`select ${count}, * from items`)
    const { bytes, counts, entries } = await state()
    expect(bytes).toBeLessThanOrEqual(options.bytesMax)
    expect(bytes).toBe(entries.reduce((sum, entry) => sum + entry.bytes, 0))
    expect(counts.evicted).toBeGreaterThan(0)
    await client().call('cache.clear', { instanceId: instanceId(), entryId: null })
    expect(await state()).toMatchObject({ bytes: 0, entries: [] })
  })

  it('notices what is written while rows are not counted, or after counters were reset', async () => {
    const sql = 'select count(*) from other'
    await ask('truncate other')
    await ask('insert into other values (1), (2)')
    expect(await isKept(sql)).toBe(true)
    await console().script('select pg_stat_reset(); insert into other values (3), (4)')
    expect(await ask(sql)).toMatchObject({ isHit: false, rows: [['4']] })
    expect(await isKept(sql)).toBe(true)
    const session = await Console.open(client(), instanceId(), 'Console 3')
    await session.script('set track_counts to off; insert into other values (5); reset track_counts')
    await session.close()
    expect(await ask(sql)).toMatchObject({ isHit: false, rows: [['5']] })
    // From here on there is no telling what was written.
    expect(await isKept(sql)).toBe(true)
    await ask('insert into items values (-1)')
    expect((await ask(sql)).isHit).toBe(false)
    expect((await state()).removals[0]).toMatchObject({ reason: 'unsure' })
  })

  it('does as the server is told to be set from now on', async () => {
    const sql = `select '2024-03-04'::date::text, count(*) from items`
    expect(await isKept(sql)).toBe(true)
    const session = await Console.open(client(), instanceId(), 'Console 4')
    await session.rows(`alter system set datestyle to 'German'`)
    await session.rows('select pg_reload_conf()')
    await session.close()
    expect((await ask(sql)).rows).toEqual((await ask(sql, { useCache: 'off' })).rows)
  })

  it('keeps nothing over a restart of the engine', async () => {
    expect(await isKept('select 7')).toBe(true)
    await client().call('instance.stop', { instanceId: instanceId() })
    expect((await state()).entries).toEqual([])
  })
})
