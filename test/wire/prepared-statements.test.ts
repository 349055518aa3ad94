/** Prepared statements of the protocol and of SQL: whose they are, what they remember, and when they end. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

describe('prepared statements', () => {
  const suite = wireSuite()

  suite.case('a statement of one client is unknown to another', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    expect(await a.query('prepare s as select 1 as one')).toEqual(['C PREPARE', 'Z I'])
    expect(await b.query('execute s')).toEqual(['E ERROR 26000 prepared statement "s" does not exist', 'Z I'])
    expect(await a.query('execute s')).toEqual(['T [one 23/4/-1]', 'D ["1"]', 'C SELECT 1', 'Z I'])
  })

  suite.case('two clients use one name for different statements', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.exchange(m.parse('select $1::int + 1', 's'), m.sync())
    await b.exchange(m.parse(`select 'b' || $1`, 's'), m.sync())
    await a.exchange(m.bind({ statement: 's', values: ['1'] }), m.execute(), m.sync())
    await b.exchange(m.bind({ statement: 's', values: ['1'] }), m.execute(), m.sync())
    await a.exchange(m.describeStatement('s'), m.sync())
    await b.exchange(m.describeStatement('s'), m.sync())
  })

  suite.case('the unnamed statement outlives Sync and belongs to its client', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.exchange(m.parse(`select 'a', $1::text`), m.sync())
    await b.exchange(m.parse(`select 'b', $1::int`), m.sync())
    await b.exchange(m.bind({ values: ['2'] }), m.execute(), m.sync())
    expect(await a.exchange(m.bind({ values: ['x'] }), m.execute(), m.sync())).toEqual([
      '2',
      'D ["a", "x"]',
      'C SELECT 1',
      'Z I',
    ])
    await a.exchange(m.bind({ values: ['y'] }), m.execute(), m.sync())
  })

  suite.case('a simple query ends the unnamed statement', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.exchange(m.parse('select 1'), m.sync())
    await b.query('select 2')
    await a.exchange(m.bind(), m.execute(), m.sync())
    await a.query('select 3')
    await a.exchange(m.bind(), m.execute(), m.sync())
  })

  suite.case('a failed Parse ends the unnamed statement and keeps named ones', async (stage) => {
    const a = await stage.connect('a')
    await a.exchange(m.parse('select 1', 's'), m.parse('select 2'), m.sync())
    await a.exchange(m.parse('selec 3'), m.sync())
    await a.exchange(m.bind(), m.sync())
    await a.exchange(m.parse('select 4', 's'), m.sync())
    await a.exchange(m.bind({ statement: 's' }), m.execute(), m.sync())
  })

  suite.case('Close of a statement is silent about names that are unknown', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.exchange(m.parse('select 1', 's'), m.sync())
    await b.exchange(m.closeStatement('s'), m.closePortal('p'), m.sync())
    await a.exchange(m.bind({ statement: 's' }), m.execute(), m.sync())
    await a.exchange(m.closeStatement('s'), m.sync())
    await a.exchange(m.bind({ statement: 's' }), m.sync())
  })

  suite.case('statements of SQL and of the protocol share one namespace', async (stage) => {
    const a = await stage.connect('a')
    await a.query('prepare viasql (int) as select $1 * 2')
    await a.exchange(m.bind({ statement: 'viasql', values: ['21'] }), m.execute(), m.sync())
    await a.exchange(m.parse('select $1::text', 'viaparse'), m.sync())
    await a.query(`execute viaparse('x')`)
    await a.query(`select name, statement, parameter_types, from_sql from pg_prepared_statements order by 1`)
    await a.query('deallocate viaparse')
    await a.exchange(m.bind({ statement: 'viaparse', values: ['21'] }), m.sync())
  })

  suite.case('pg_prepared_statements shows only the statements of its client', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('prepare mine as select 1')
    await b.query('prepare yours as select 2')
    const names = 'select name, statement, generic_plans, custom_plans from pg_prepared_statements'
    await a.query(names)
    await b.query(names)
  })

  suite.case('deallocate ends one statement, deallocate all every one of its client', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    for (const client of [a, b]) {
      await client.query('prepare one as select 1; prepare two as select 2')
      await client.exchange(m.parse('select 3', 'three'), m.sync())
    }
    await a.query('deallocate prepare one')
    await a.query('execute one')
    await a.query('deallocate one')
    await b.query('execute one')
    await a.query('deallocate all')
    await a.query('execute two')
    await a.exchange(m.bind({ statement: 'three' }), m.sync())
    await b.query('execute two')
    await b.exchange(m.bind({ statement: 'three' }), m.execute(), m.sync())
  })

  suite.case('a statement prepared in a transaction survives its rollback', async (stage) => {
    const a = await stage.connect('a')
    await a.query('begin; prepare s as select 1; rollback')
    await a.query('execute s')
    await a.exchange(m.parse('begin'), m.bind(), m.execute(), m.parse('select 2', 't'), m.sync())
    await a.query('rollback')
    await a.exchange(m.bind({ statement: 't' }), m.execute(), m.sync())
  })

  suite.case('a statement is gone with its connection', async (stage) => {
    const a = await stage.connect('a')
    await a.query('prepare s as select 1')
    await a.terminate()
    const again = await stage.connect('again')
    await again.query('execute s')
    await again.query('select count(*) from pg_prepared_statements')
  })

  suite.case('a change of the table gives 0A000 for a cached result type', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create table t (x int)')
    await a.exchange(m.parse('select * from t', 's'), m.sync())
    await a.exchange(m.bind({ statement: 's' }), m.execute(), m.sync())
    await b.query('alter table t add y text')
    await a.exchange(m.bind({ statement: 's' }), m.execute(), m.sync())
    await a.exchange(m.describeStatement('s'), m.sync())
    await b.query('drop table t')
    await a.exchange(m.bind({ statement: 's' }), m.execute(), m.sync())
  })

  suite.case('a statement is planned again for another search_path', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`create schema s1; create schema s2; create table s1.t as select 'one' as x;
      create table s2.t as select 'two' as x; set search_path to s1`)
    await a.exchange(m.parse('select x from t', 's'), m.sync())
    await a.exchange(m.bind({ statement: 's' }), m.execute(), m.sync())
    await a.query('set search_path to s2')
    await a.exchange(m.bind({ statement: 's' }), m.execute(), m.sync())
  })

  suite.case('six runs reach a generic plan, for each client by itself', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    for (const client of [a, b]) await client.query('prepare s (int) as select $1 + 1')
    for (let run = 0; run < 6; run += 1) await a.query('execute s(1)')
    await b.query('execute s(1)')
    for (const client of [a, b]) {
      await client.query('select generic_plans, custom_plans from pg_prepared_statements')
    }
  })

  suite.case('parameter types are inferred, given, or refused', async (stage) => {
    const a = await stage.connect('a')
    await a.exchange(m.parse('select $1::int, $2::numeric[], $3', 'p'), m.describeStatement('p'), m.sync())
    await a.exchange(m.parse('select $1', 'q', [23]), m.describeStatement('q'), m.sync())
    await a.exchange(m.parse('select $1 + $2'), m.describeStatement(), m.sync())
    await a.exchange(m.parse('select $2::int'), m.sync())
    await a.exchange(m.bind({ statement: 'q', values: ['x'] }), m.sync())
    await a.exchange(m.bind({ statement: 'q', values: ['1', '2'] }), m.sync())
    await a.exchange(m.bind({ statement: 'q', values: [null] }), m.execute(), m.sync())
  })

  suite.case('parameters and results travel in the formats that were asked for', async (stage) => {
    const a = await stage.connect('a')
    const four = Buffer.from([0, 0, 0, 4])
    await a.exchange(m.parse(`select $1::int4, $2::text, $1::int8, now() is null`, 's'), m.sync())
    const binary = m.bind({ statement: 's', values: [four, 'é'], formats: [1, 0], resultFormats: [1] })
    await a.exchange(binary, m.describePortal(), m.execute(), m.sync())
    const mixed = m.bind({ statement: 's', values: ['4', 'x'], resultFormats: [0, 1, 1, 0] })
    await a.exchange(mixed, m.describePortal(), m.execute(), m.sync())
    await a.exchange(m.bind({ statement: 's', values: ['4', 'x'], resultFormats: [0, 1] }), m.sync())
    await a.exchange(m.bind({ statement: 's', values: [four, 'x'], formats: [1, 1, 1] }), m.sync())
    await a.exchange(m.bind({ statement: 's', values: [Buffer.from([1]), 'x'], formats: [1, 0] }), m.sync())
    await a.exchange(
      m.bind({ statement: 's', values: ['4', 'x'], resultFormats: [7] }),
      m.execute(),
      m.sync(),
    )
  })

  suite.case('execute with arguments is refused when they do not fit', async (stage) => {
    const a = await stage.connect('a')
    await a.query('prepare s (int, text) as select $1, $2')
    await a.query('execute s(1)')
    await a.query(`execute s('x', 1)`)
    await a.query(`execute s(1, 'x')`)
    await a.query('prepare s as select 1')
    await a.query('prepare u as create table x (y int)')
    await a.exchange(m.parse('select 1; select 2'), m.sync())
  })

  suite.case('explain, create table as and insert run a prepared statement', async (stage) => {
    const a = await stage.connect('a')
    await a.query('prepare s (int) as select generate_series(1, $1) as n')
    await a.query('explain (costs off) execute s(3)')
    await a.query('create temp table t as execute s(3)')
    await a.query('select count(*) from t')
  })
})
