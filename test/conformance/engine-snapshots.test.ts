/**
 * Copies of a running engine: each begins with what was committed when its snapshot was taken, and nothing of it is
 * ever seen by another. One suite, run for each factory.
 */

import { describe, expect, test } from 'vitest'
import type { Engine, EngineSnapshot } from '../../src/main/engine/engine.ts'
import {
  engineFactories,
  engineFixture,
  must,
  openTimeoutMs,
  run,
  valueOf,
} from '../support/engine-fixture.ts'

const bytesMax = 1 << 30

describe.each(engineFactories)('snapshots of $name', { timeout: openTimeoutMs }, ({ create }) => {
  const { directory, open } = engineFixture(create())

  const take = (engine: Engine, known: EngineSnapshot | null = null): Promise<EngineSnapshot> =>
    engine.snapshot({ known, bytesMax })

  test.each(['memory', 'directory'])('copies begin with what is in the original, in %s', async (place) => {
    const engine = await open({ directory: place === 'memory' ? null : directory() })
    await must(engine, `create table shop (id int primary key, name text)`)
    await must(engine, `insert into shop select n, 'item ' || n from generate_series(1, 5000) n`)
    await must(engine, 'create unlogged table cache (a int)')
    await must(engine, 'insert into cache select generate_series(1, 1000)')
    await must(engine, 'create index on cache (a)')
    await must(engine, 'create sequence numbers')
    await must(engine, `select nextval('numbers')`)
    await must(engine, 'create temporary table mine (a int)')
    const snapshot = await take(engine)
    const copies = await Promise.all([open({ snapshot }), open({ snapshot })])
    for (const copy of copies) {
      const counts = 'select (select count(*) from shop) || $$ $$ || (select count(*) from cache)'
      expect(await valueOf(copy, counts)).toBe('5000 1000')
      expect(await valueOf(copy, 'select a from cache where a = 77')).toBe('77')
      expect(await valueOf(copy, `select nextval('numbers')`)).toBe('2')
      expect((await run(copy, 'select * from mine')).outcome.error?.sql?.code).toBe('42P01')
      await must(copy, 'truncate cache')
      await must(copy, `create temporary table mine (a int)`)
    }
    expect(await valueOf(engine, 'select count(*)::text from cache')).toBe('1000')
    expect(await valueOf(engine, `select nextval('numbers')`)).toBe('2')
  })

  test('what one copy writes is seen by no other, and not by the original', async () => {
    const engine = await open()
    await must(engine, 'create table accounts (id int primary key, amount int)')
    await must(engine, 'insert into accounts select n, 0 from generate_series(1, 3000) n')
    const snapshot = await take(engine)
    const [one, other] = await Promise.all([open({ snapshot }), open({ snapshot })])
    await must(one, 'begin')
    await must(other, 'begin')
    await must(one, 'update accounts set amount = 1 where id = 7')
    await must(other, 'update accounts set amount = 2')
    await must(engine, 'update accounts set amount = 3')
    await must(one, 'commit')
    await must(other, 'commit')
    for (const each of [one, other, engine]) await must(each, 'checkpoint')
    const sum = 'select sum(amount)::text from accounts'
    expect(await Promise.all([one, other, engine].map((each) => valueOf(each, sum)))).toEqual([
      '1',
      '6000',
      '9000',
    ])
    const third = await open({ snapshot })
    expect(await valueOf(third, sum)).toBe('0')
    await must(third, 'vacuum full')
    await must(third, 'create table more as select generate_series(1, 200000)')
    expect(await valueOf(third, sum)).toBe('0')
  })

  test('a snapshot stays the same until somebody writes', async () => {
    const engine = await open()
    const first = await take(engine)
    expect((await take(engine, first)).position).toBe(first.position)
    await valueOf(engine, 'select count(*)::text from pg_class')
    expect((await take(engine, first)).position).toBe(first.position)
    await must(engine, 'create unlogged table notes (a int)')
    const second = await take(engine, first)
    expect(second.position).not.toBe(first.position)
    await must(engine, 'insert into notes values (1)')
    const third = await take(engine, second)
    expect(third.position).not.toBe(second.position)
    const copy = await open({ snapshot: third })
    expect(await valueOf(copy, 'select a::text from notes')).toBe('1')
    const copyOfCopy = await open({ snapshot: await take(copy) })
    expect(await valueOf(copyOfCopy, 'select a::text from notes')).toBe('1')
  })

  test('one that is taken within a transaction has nothing of it, and leaves it open', async () => {
    const engine = await open()
    await must(engine, 'create table shop (id int primary key)')
    await must(engine, 'create unlogged table cache (a int)')
    await must(engine, 'insert into shop values (1)')
    const session = await engine.openSession({ role: 'postgres', settings: [] })
    await must(session, 'begin')
    await must(session, `set local work_mem = '3MB'`)
    await must(session, 'insert into shop values (2)')
    await must(session, 'insert into cache values (2)')
    const copy = await open({ snapshot: await take(engine) })
    const counts = 'select (select count(*) from shop) || $$ $$ || (select count(*) from cache)'
    expect(await valueOf(copy, counts)).toBe('1 0')
    expect((await must(session, 'show work_mem')).rows).toEqual([['3MB']])
    await must(session, 'rollback')
    expect(await valueOf(engine, counts)).toBe('1 0')
    session.dispose()
  })

  test('one that would be too large is refused with its size, and the engine goes on', async () => {
    const engine = await open()
    const refused = engine.snapshot({ known: null, bytesMax: 1 << 20 })
    await expect(refused).rejects.toMatchObject({ code: 'limit-exceeded' })
    expect(await valueOf(engine, 'select 1::text')).toBe('1')
  })

  test('a copy that is discarded ends at once, whatever it runs', async () => {
    const engine = await open()
    const copy = await open({ snapshot: await take(engine) })
    const running = run(copy, 'select pg_sleep(600)')
    await copy.discard()
    await expect(running).rejects.toMatchObject({ code: 'closed' })
    await copy.close()
    expect(await valueOf(engine, 'select 1::text')).toBe('1')
  })
})
