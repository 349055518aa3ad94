/** CancelRequest, pg_cancel_backend and pg_terminate_backend: whom they reach, when, and whom they do not. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

const CANCELLED = 'E ERROR 57014 canceling statement due to user request'

describe('cancel and terminate', () => {
  const suite = wireSuite()

  suite.case('CancelRequest ends the statement that runs, and the session goes on', async (stage) => {
    const a = await stage.connect('a')
    for (const sql of [
      'select pg_sleep(60)',
      'do $$begin loop null; end loop; end$$',
      `do $$begin perform pg_sleep(60); end$$`,
    ]) {
      await a.launch(sql)
      await stage.isRunning(a, sql.includes('pg_sleep'))
      await a.cancel()
      expect((await a.ready()).slice(-2)).toEqual([CANCELLED, 'Z I'])
      await a.query('select 1')
    }
  })

  suite.case('a cancel with a wrong key or pid does nothing', async (stage) => {
    const a = await stage.connect('a')
    await a.launch('select pg_sleep(2)')
    await stage.isRunning(a)
    await a.cancel(Buffer.from([1, 2, 3, 4]))
    await a.cancel(a.key, a.pid + 1)
    await a.cancel(a.key.subarray(0, 3))
    await a.cancel(Buffer.concat([a.key, a.key]))
    expect((await a.ready()).slice(-2)).toEqual(['C SELECT 1', 'Z I'])
  })

  suite.case('a cancel of an idle session does nothing, then or later', async (stage) => {
    const a = await stage.connect('a')
    await a.cancel()
    await a.query('select 1')
    await a.query('begin')
    await a.cancel()
    await a.query('select 2')
    await a.query('commit')
  })

  suite.case('a cancel with the key of one client leaves another alone', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await b.launch('select pg_sleep(2)')
    await stage.isRunning(b)
    await a.cancel()
    expect((await b.ready()).slice(-2)).toEqual(['C SELECT 1', 'Z I'])
  })

  suite.case('a cancel in a transaction fails it, and rollback mends it', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (n int)')
    await a.query('begin; insert into t values (1); savepoint s')
    await a.launch('select pg_sleep(60)')
    await stage.isRunning(a)
    await a.cancel()
    await a.ready()
    await a.query('select 1')
    await a.query('rollback to s')
    await a.query('insert into t values (2); commit')
    await a.query('select n from t order by n')
  })

  suite.case('a cancel in a pipeline skips to its Sync', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (n int)')
    await a.send(m.extended('insert into t values (1)'), m.flush())
    await a.until('C')
    await a.send(m.extended('select pg_sleep(60)'), m.extended('select 3'), m.sync())
    await stage.isRunning(a)
    await a.cancel()
    await a.ready()
    await a.query('select count(*) from t')
  })

  suite.case('a cancel during COPY FROM STDIN ends it', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (n int)')
    await a.send(m.query('copy t from stdin'), m.copyData('1\n'))
    await a.take(1)
    await a.cancel()
    await a.send(m.copyData('2\n'), m.copyDone())
    await a.ready()
    await a.query('select count(*) from t')
  })

  suite.case('pg_cancel_backend cancels itself', async (stage) => {
    const a = await stage.connect('a')
    await a.query('select pg_cancel_backend(pg_backend_pid())')
    await a.query('select 1')
    await a.query('begin; select pg_cancel_backend(pg_backend_pid())')
    await a.query('rollback')
  })

  suite.case(
    'pg_cancel_backend cancels another',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.launch('select pg_sleep(60)')
      await stage.isRunning(a)
      await b.query(`select pg_cancel_backend(${a.pid})`)
      await a.ready()
      await a.query('select 1')
    },
    {
      oneBackend: {
        reason: 'the call must be seen by the host, as the backend is busy with what it shall cancel',
        expectation: (lines) => {
          expect(lines).toContain(`a< ${CANCELLED}`)
          expect(lines).toContain('b< D ["t"]')
        },
      },
    },
  )

  suite.case('pg_terminate_backend of itself is FATAL 57P01 and the end', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('select pg_terminate_backend(pg_backend_pid())')
    await b.query('select 1')
  })

  suite.case('pg_terminate_backend of an idle session is told to it', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create temp table t (n int); listen x')
    await b.query(`select pg_terminate_backend(${a.pid})`)
    expect(await a.closed()).toEqual([
      'E FATAL 57P01 terminating connection due to administrator command',
      'closed',
    ])
    await b.query('select pg_terminate_backend(999999, 5000)')
  })

  suite.case(
    'pg_terminate_backend of a session that is in a transaction rolls it back',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('create table t (n int)')
      await a.query('begin; insert into t values (1)')
      await b.query(`select pg_terminate_backend(${a.pid}, 5000)`)
      await a.closed()
      await b.query('select count(*) from t')
    },
    {
      oneBackend: {
        reason: 'the call must be seen by the host, which ends the transaction that would block it',
        expectation: (lines) => {
          expect(lines).toContain('a< E FATAL 57P01 terminating connection due to administrator command')
          expect(lines.slice(-4)).toEqual(['b< T [count 20/8/-1]', 'b< D ["0"]', 'b< C SELECT 1', 'b< Z I'])
        },
      },
    },
  )

  suite.case(
    'pg_terminate_backend of a session that runs a statement',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.launch('select pg_sleep(60)')
      await stage.isRunning(a)
      await b.query(`select pg_terminate_backend(${a.pid}, 5000)`)
      await a.closed()
      await b.query('select 1')
    },
    {
      oneBackend: {
        reason: 'the call must be seen by the host, as the backend is busy with what it shall end',
        expectation: (lines) =>
          expect(lines).toContain('a< E FATAL 57P01 terminating connection due to administrator command'),
      },
    },
  )

  suite.case('pids that are nobody\u2019s', async (stage) => {
    const a = await stage.connect('a')
    await a.query('select pg_terminate_backend(999999)')
    await a.query('select pg_cancel_backend(999999)')
    await a.query('select pg_terminate_backend(999999, -1)')
    await a.query('select pg_cancel_backend(null)')
    await a.query('select pg_cancel_backend(0)')
  })

  suite.case('what only the backend can answer is not mixed with what follows by half', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('begin')
    const [first, next] = [m.query('select pg_cancel_backend(0)'), m.query('select 2')]
    await b.socket.write(Buffer.concat([first, next.subarray(0, 3)]))
    await a.query('commit')
    await b.ready()
    await b.socket.write(next.subarray(3))
    await b.ready()
  })

  suite.case('a role may end its own sessions and not those of a superuser', async (stage) => {
    const role = stage.role('app')
    await stage.sql(`create role ${role} login password 'pw'`)
    const a = await stage.connect('a')
    const b = await stage.connect('b', { user: role, password: 'pw' })
    const c = await stage.connect('c', { user: role, password: 'pw' })
    await b.query(`select pg_terminate_backend(${a.pid})`)
    await b.query(`select pg_cancel_backend(${a.pid})`)
    await b.query(`select pg_terminate_backend(${c.pid}, 5000)`)
    await c.closed()
    await a.query('select 1')
  })

  suite.case('pg_sleep sleeps, and for a while too', async (stage) => {
    const a = await stage.connect('a')
    await a.query('select pg_sleep(0.05)')
    await a.query(`select pg_sleep_for('50 milliseconds')`)
    await a.query('select pg_sleep_until(clock_timestamp() + interval $$50 milliseconds$$)')
    await a.query('select pg_sleep(-1); select pg_sleep(0)')
    await a.query('select clock_timestamp() - now() < interval $$10 s$$')
    await a.query(
      `begin; select now() as t1, pg_sleep(0.05) into temp s;
        select clock_timestamp() - t1 >= interval '50 ms' from s; rollback`,
    )
  })

  suite.case('twenty cancels in a row each hit, and none hits the next statement', async (stage) => {
    const a = await stage.connect('a')
    for (let round = 0; round < 20; round += 1) {
      await a.launch('select pg_sleep(60)')
      await stage.isRunning(a)
      await a.cancel()
      await a.ready()
      await a.query('select 1')
    }
  })
})
