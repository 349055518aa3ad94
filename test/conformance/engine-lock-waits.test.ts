/**
 * Conversations whose statements wait for another session's advisory lock, which nothing can inside of one backend:
 * what waits is sent again, once and as it was, or is refused. One suite, run for each factory.
 */

import { beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/main/engine/engine.ts'
import { conversingFixture, type ConversingClient as Client } from '../support/conversing-client.ts'
import { engineFactories, must, valueOf } from '../support/engine-fixture.ts'
import { serialize } from '../support/protocol-client.ts'

describe.each(engineFactories)('waits for locks on $name', ({ create }) => {
  const { engine: theEngine, open } = conversingFixture(create())
  let engine: Engine

  beforeAll(() => void (engine = theEngine()))

  test('what would wait for a lock of another session is not done, and sent again when the lock is free', async () => {
    const [a, b, c] = (await open(3)) as [Client, Client, Client]
    const { query } = serialize
    expect(await a.answer(query('select pg_advisory_lock(1)'))).toBe('TDCZI')
    const twice = query(`do $$begin insert into things values (77); perform pg_advisory_lock(2);
      perform pg_advisory_lock(1); exception when others then raise 'caught'; end$$`)
    expect(await b.answer(twice)).toBe('')
    expect(b.waitCount).toBe(1)
    const seen = (pid: number): string =>
      `select concat_ws('|', state, wait_event_type, wait_event, left(query, 10), pg_blocking_pids(pid))
      from pg_stat_activity where pid = ${pid}`
    expect(await valueOf(engine, seen(b.session.processId))).toBe(
      `active|Lock|advisory|do $$begin|{${a.session.processId}}`,
    )
    expect(await valueOf(engine, seen(a.session.processId))).toBe('idle|Client|ClientRead|select pg_|{}')
    const free = query('do $$begin assert pg_try_advisory_xact_lock(2); end$$')
    expect(await c.answer(free)).toBe('CZI')
    expect(await b.answer(query('select 1'))).toBe('TDCZI')
    expect(await valueOf(engine, seen(b.session.processId))).toBe('idle|Client|ClientRead|select 1|{}')
    expect(await b.answer(twice)).toBe('')
    expect(b.freeCount).toBe(0)
    const freed = b.told()
    expect(await a.answer(query('select pg_advisory_unlock(1)'))).toBe('TDCZI')
    await freed
    expect(b.freeCount).toBe(1)
    expect(await b.answer(twice)).toBe('CZI')
    expect(await c.answer(free)).toBe('E(P0004)ZI')
    expect(await valueOf(engine, 'select count(*) from things where i = 77')).toBe('1')
    await must(engine, 'delete from things')
  })

  test('what cannot be done again is refused instead of waiting, and so is what would wait for itself', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { query, parse, bind, execute, flush, sync } = serialize
    for (const [client, key] of [
      [a, 1],
      [b, 2],
    ] as const) {
      await client.answer(query(`select pg_advisory_lock(${key})`))
    }
    const wanted = query('select pg_advisory_lock(1)')
    const drop = 'drop table if exists nothing_of_the_kind;'
    expect(await b.answer(query(`${drop} select pg_advisory_lock(1)`))).toBe('NCTE(55P03)ZI')
    expect(await b.answer(query('begin; commit; select pg_advisory_lock(1)'))).toBe('CTE(55P03)ZI')
    expect(await b.answer(query('begin'))).toBe('CZT')
    expect(await b.answer(wanted)).toBe('TE(55P03)ZE')
    expect(await b.answer(query('rollback'))).toBe('CZI')
    expect(await b.answer(parse({ text: 'select pg_advisory_lock(1)' }), flush())).toBe('1')
    expect(await b.answer(bind({}), execute({}), sync())).toBe('2E(55P03)ZI')
    const block = 'begin; set work_mem = 64; select pg_advisory_xact_lock(1); show work_mem; commit'
    expect(await b.answer(query(block))).toBe('')
    expect(await b.answer(query('show work_mem; begin; rollback'))).toBe('TDCZI')
    expect(await b.answer(wanted)).toBe('')
    expect(await a.answer(query('select pg_advisory_lock(2)'))).toBe('TE(40P01)ZI')
    b.conversation.waitsNoMore()
    expect(await a.answer(query('select pg_advisory_lock(2)'))).toBe('')
    expect([a.waitCount, b.waitCount]).toEqual([1, 2])
  })

  test('a COPY whose data needs a lock is refused instead of waiting, since its data are not kept', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { query, copyData, copyDone } = serialize
    await must(engine, 'create table locked (i int)')
    await must(
      engine,
      `create function lock() returns trigger language plpgsql
      as $$begin perform pg_advisory_lock(new.i); return new; end$$`,
    )
    await must(engine, 'create trigger lock before insert on locked for each row execute function lock()')
    expect(await a.answer(query('select pg_advisory_lock(1)'))).toBe('TDCZI')
    const rows = Buffer.concat([copyData(Buffer.from('1\n')), copyData(Buffer.from('2\n')), copyDone()])
    expect(await b.answer(query('copy locked from stdin'))).toBe('G')
    expect(await b.answer(rows)).toBe('E(55P03)ZI')
    expect(await a.answer(query('select pg_advisory_unlock(1)'))).toBe('TDCZI')
    expect(await b.answer(query('copy locked from stdin'))).toBe('G')
    expect(await b.answer(rows)).toBe('CZI')
    expect([b.waitCount, await valueOf(engine, 'select count(*) from locked')]).toEqual([0, '2'])
  })

  test('what was sent behind a statement that waits is run when that is, and once', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { query } = serialize
    await must(engine, 'create table once (i int)')
    expect(await a.answer(query('select pg_advisory_lock(1)'))).toBe('TDCZI')
    const wanted = ['begin; select pg_advisory_xact_lock(1)', 'commit', 'insert into once values (1)']
    const sent = Buffer.concat(wanted.map((sql) => query(sql)))
    expect(await b.answer(sent)).toBe('')
    expect([b.waitCount, await valueOf(engine, 'select count(*) from once')]).toEqual([1, '0'])
    const freed = b.told()
    expect(await a.answer(query('select pg_advisory_unlock(1)'))).toBe('TDCZI')
    await freed
    expect(b.conversation.sendAgain()).toBe(true)
    expect(await b.answer()).toBe('CTDCZTCZICZI')
    expect(await valueOf(engine, 'select count(*) from once')).toBe('1')
  })

  test('what was sent with a statement that waits is not run before it, however much that is', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { query } = serialize
    await must(engine, 'create table later (i int)')
    expect(await a.answer(query('select pg_advisory_lock(1)'))).toBe('TDCZI')
    // More than the worker is handed before it begins, in pieces that are kept. Of a comment only ReadyForQuery shows.
    const long = Array.from({ length: 20 }, () => query(`/* ${'-'.repeat(50_000)} */`))
    b.conversation.send([query('select pg_advisory_lock(1)'), ...long, query('insert into later values (1)')])
    expect(await b.answer()).toBe('')
    const freed = b.told()
    expect(await a.answer(query('select pg_advisory_unlock(1)'))).toBe('TDCZI')
    await freed
    expect([b.waitCount, await valueOf(engine, 'select count(*) from later')]).toEqual([1, '0'])
    b.conversation.sendAgain()
    expect(await b.answer()).toBe(`TDCZI${'ZI'.repeat(20)}CZI`)
    expect(await valueOf(engine, 'select count(*) from later')).toBe('1')
  })

  test('what waits is not sent again when some of what was sent with it is not kept', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { query } = serialize
    expect(await a.answer(query('select pg_advisory_lock(1)'))).toBe('TDCZI')
    const longer = query(`select 1 /* ${'-'.repeat(100_000)} */`)
    b.conversation.send([query('select pg_advisory_lock(1)'), longer])
    expect(await b.answer()).toBe('TE(55P03)ZITDCZI')
    expect(b.waitCount).toBe(0)
  })

  test('a statement that was prepared with what waits is prepared anew when that is sent again', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { query, parse, bind, execute, sync } = serialize
    expect(await a.answer(query('select pg_advisory_lock(1)'))).toBe('TDCZI')
    const prepared = [parse({ name: 'é', text: 'select pg_advisory_lock(1)' }), bind({ statement: 'é' })]
    expect(await b.answer(Buffer.concat([...prepared, execute({}), sync()]))).toBe('')
    expect(b.waitCount).toBe(1)
    const freed = b.told()
    expect(await a.answer(query('select pg_advisory_unlock(1)'))).toBe('TDCZI')
    await freed
    b.conversation.sendAgain()
    expect(await b.answer()).toBe('12DCZI')
    expect(await b.answer(Buffer.concat([bind({ statement: 'é' }), execute({}), sync()]))).toBe('2DCZI')
  })

  test('who has given up waiting when it could go on waits for nobody any more', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { query } = serialize
    expect(await a.answer(query('select pg_advisory_lock(1)'))).toBe('TDCZI')
    expect(await b.answer(query('select pg_advisory_lock(1)'))).toBe('')
    const freed = b.told()
    expect(await a.answer(query('select pg_advisory_unlock(1)'))).toBe('TDCZI')
    await freed
    b.conversation.waitsNoMore()
    const waiting = `select wait_event_type from pg_stat_activity where pid = ${b.session.processId}`
    expect(await valueOf(engine, waiting)).toBe('Client')
  })

  test('the beginning of a message behind what waits is not sent twice', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { query } = serialize
    expect(await a.answer(query('select pg_advisory_lock(1)'))).toBe('TDCZI')
    const next = query('select 42')
    expect(await b.answer(Buffer.concat([query('select pg_advisory_lock(1)'), next.subarray(0, 8)]))).toBe('')
    const freed = b.told()
    expect(await a.answer(query('select pg_advisory_unlock(1)'))).toBe('TDCZI')
    await freed
    b.conversation.sendAgain()
    expect(await b.answer()).toBe('TDCZI')
    expect(await b.answer(next.subarray(8))).toBe('TDCZI')
  })
})
