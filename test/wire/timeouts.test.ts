/** statement_timeout, lock_timeout, transaction_timeout and the two of idle sessions: what each ends, and how. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

const LOOP = 'do $$begin loop null; end loop; end$$'

describe('timeouts', () => {
  const suite = wireSuite()

  suite.case('statement_timeout ends a statement with 57014, and the session goes on', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`set statement_timeout = '50ms'`)
    expect((await a.query('select pg_sleep(60)')).slice(-2)).toEqual([
      'E ERROR 57014 canceling statement due to statement timeout',
      'Z I',
    ])
    await a.query('select 1')
    await a.query(LOOP)
    await a.query('set statement_timeout = 0; select 2')
  })

  suite.case('statement_timeout of one client does not touch another', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`set statement_timeout = '30ms'`)
    await b.query('select pg_sleep(0.1)')
    await a.query('select pg_sleep(60)')
    await b.query('select pg_sleep(0.1)')
  })

  suite.case('statement_timeout in a transaction fails it', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (n int)')
    await a.query(`begin; set local statement_timeout = '40ms'; insert into t values (1)`)
    await a.query('select pg_sleep(60)')
    await a.query('select 1')
    await a.query('rollback; select count(*) from t; show statement_timeout')
    await a.query('select pg_sleep(0.1)')
  })

  suite.case(
    'statement_timeout covers a whole simple text, and each message of a pipeline by itself',
    async (stage) => {
      const a = await stage.connect('a')
      await a.query(`set statement_timeout = '300ms'`)
      await a.query('select pg_sleep(0.2); select pg_sleep(60)')
      await a.exchange(m.extended('select pg_sleep(0.2)'), m.extended('select pg_sleep(0.2)'), m.sync())
      await a.exchange(
        m.extended('select 1'),
        m.extended('select pg_sleep(60)'),
        m.extended('select 2'),
        m.sync(),
      )
      await a.query('select 3')
    },
  )

  suite.case('statement_timeout at start-up, by role, and inside a function', async (stage) => {
    const role = stage.role('app')
    await stage.sql(
      `create role ${role} login password 'pw'; alter role ${role} set statement_timeout = '50ms'`,
    )
    const a = await stage.connect('a', { parameters: { options: '-c statement_timeout=50' } })
    await a.query('select pg_sleep(60)')
    const b = await stage.connect('b', { user: role, password: 'pw' })
    await b.query('select pg_sleep(60)')
    const c = await stage.connect('c', { parameters: { statement_timeout: '50' } })
    await c.query(
      `do $$begin perform pg_sleep(60); exception when query_canceled then raise notice 'caught'; end$$`,
    )
    await c.query('select 1')
  })

  suite.case('idle_in_transaction_session_timeout ends the session with 25P03', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create table t (n int)')
    await a.query(`set idle_in_transaction_session_timeout = '50ms'`)
    await a.query('begin; insert into t values (1)')
    expect(await a.closed()).toEqual([
      'E FATAL 25P03 terminating connection due to idle-in-transaction timeout',
      'closed',
    ])
    await b.query('begin; lock table t; select count(*) from t; commit')
  })

  suite.case(
    'idle_in_transaction_session_timeout in a failed transaction, and not outside of one',
    async (stage) => {
      const a = await stage.connect('a')
      await a.query(`set idle_in_transaction_session_timeout = '400ms'`)
      const b = await stage.connect('b')
      await b.query('select pg_sleep(0.6)')
      await a.query('select 1')
      await a.query('begin; select pg_sleep(0.6)')
      await a.query('commit')
      await a.query('begin; select 1/0')
      await a.closed()
    },
  )

  suite.case('idle_in_transaction_session_timeout in an unfinished pipeline', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (n int)')
    await a.query(`set idle_in_transaction_session_timeout = '400ms'`)
    await a.query('begin')
    await a.exchange(m.extended('insert into t values (1)'), m.sync())
    await a.closed()
  })

  suite.case('idle_session_timeout ends a session that says nothing with 57P05', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`set idle_session_timeout = '50ms'`)
    await a.closed()
    await b.query('select 1')
  })

  suite.case('transaction_timeout ends the session with 25P04', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`set transaction_timeout = '80ms'`)
    await a.query('begin; select 1')
    await a.closed()
    const b = await stage.connect('b')
    await b.query(`set transaction_timeout = '80ms'`)
    await b.launch('select pg_sleep(60)')
    await b.closed()
  })

  suite.case('transaction_timeout does not mind many short transactions', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`set transaction_timeout = '700ms'`)
    for (let round = 0; round < 4; round += 1) await a.query('begin; select pg_sleep(0.25); commit')
    await a.query('select 1')
  })

  suite.case(
    'lock_timeout ends the wait for a table with 55P03',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('create table t (n int)')
      await b.query(`set lock_timeout = '400ms'`)
      await a.query('begin; lock table t')
      await b.query('select * from t')
      await b.query('select 1')
      await a.query('commit')
      await b.query('select * from t')
    },
    {
      oneBackend: {
        reason: 'while another transaction is open every statement waits, and lock_timeout bounds that wait',
        expectation: (lines) => {
          const errors = lines.filter((line) => line.startsWith('b< E'))
          expect(errors.length).toBeGreaterThan(0)
          for (const line of errors) expect(line).toMatch(/^b< E ERROR 55P03 /)
          expect(lines.slice(-2)).toEqual(['b< C SELECT 0', 'b< Z I'])
        },
      },
    },
  )

  suite.case(
    'statement_timeout ends the wait for another transaction with 57014',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('create table t (n int); insert into t values (1)')
      await b.query(`set statement_timeout = '400ms'`)
      await a.query('begin; update t set n = 2')
      await b.query('update t set n = 3')
      await a.query('commit')
      await b.query('update t set n = 4; select n from t')
    },
    {
      oneBackend: {
        reason: 'the wait for the backend counts as part of the statement, as the wait for a row lock does',
        expectation: (lines) => {
          expect(lines.filter((line) => line.startsWith('b< E'))).toEqual([
            expect.stringMatching(/^b< E ERROR 57014 canceling statement due to statement timeout/),
          ])
          expect(lines.slice(-4)).toEqual([
            'b< T [n 23/4/-1 of a table #1]',
            'b< D ["4"]',
            'b< C SELECT 1',
            'b< Z I',
          ])
        },
      },
    },
  )

  suite.case('NOWAIT and SKIP LOCKED', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t as select generate_series(1, 2) n')
    await a.query(
      'begin; select n from t for update nowait; lock table t nowait; select n from t for update skip locked',
    )
    await a.query('commit')
  })

  suite.case('timeouts that are wrong, and their units', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`set statement_timeout = '-1'`)
    await a.query(`set statement_timeout = '1 fortnight'`)
    await a.query(`set statement_timeout = '2min'; show statement_timeout`)
    await a.query(`set idle_in_transaction_session_timeout = 1500; show idle_in_transaction_session_timeout`)
    await a.query('set deadlock_timeout = 0')
    await a.query(
      `select name, setting, unit from pg_settings where name like '%\\_timeout' and context = 'user' order by 1`,
    )
  })
})
