/** What clients and tools read about sessions: pg_stat_activity, pg_locks, pids, and what a login may see. */

import { describe, expect } from 'vitest'
import { wireSuite } from '../support/wire/wire-suite.ts'

const MINE = `datname = current_database() and backend_type = 'client backend'`

describe('activity', () => {
  const suite = wireSuite()

  suite.case('pg_stat_activity has a row for every session, with its name and user', async (stage) => {
    const role = stage.role('app')
    await stage.sql(`create role ${role} login password 'pw'`)
    const a = await stage.connect('a', { parameters: { application_name: 'first' } })
    await stage.connect('b', { parameters: { application_name: 'second' }, user: role, password: 'pw' })
    await a.query(`select datname, usename, application_name, client_addr is not null, client_port > 0, backend_type,
      backend_start is not null, xact_start is null, state, query
      from pg_stat_activity where ${MINE} and application_name <> '' order by application_name`)
  })

  suite.case('the own row shows the statement that reads it', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`select state, query like 'select state%', xact_start is not null, query_start = xact_start,
      state_change is not null, backend_xid, leader_pid from pg_stat_activity where pid = pg_backend_pid()`)
    await a.query(`select count(*) from pg_stat_get_activity(pg_backend_pid())`)
  })

  suite.case('an idle session shows its last statement and application_name', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await b.query(`set application_name = 'renamed'`)
    await b.query('select 42 as answer')
    await a.query(`select state, query, application_name from pg_stat_activity
      where ${MINE} and application_name = 'renamed'`)
  })

  suite.case(
    'a session in a transaction is idle in transaction, or aborted',
    async (stage) => {
      const a = await stage.connect('a', { parameters: { application_name: 'looker' } })
      const b = await stage.connect('b', { parameters: { application_name: 'other' } })
      const look = `select state, query, xact_start is not null from pg_stat_activity where application_name = 'other'`
      await b.query('begin; select 1')
      if (stage.features.isConcurrent) await a.query(look)
      await b.query('select 1/0')
      if (stage.features.isConcurrent) await a.query(look)
      await b.query('rollback')
      await a.query(look)
    },
    {
      oneBackend: {
        reason: 'whoever looks with SQL waits for the transaction it would see',
        expectation: (lines) => expect(lines.slice(-3, -2)).toEqual(['a< D ["idle", "rollback", "f"]']),
      },
    },
  )

  suite.case('a session is gone from pg_stat_activity when it has left', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b', { parameters: { application_name: 'leaver' } })
    await b.query('select 1')
    await b.terminate()
    await stage.until(`select count(*) = 0 from pg_stat_activity where application_name = 'leaver'`)
    await a.query(`select count(*) from pg_stat_activity where application_name = 'leaver'`)
  })

  suite.case('pg_backend_pid is the pid of BackendKeyData, and of pg_stat_activity', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    for (const client of [a, b]) {
      expect(await client.values('select pg_backend_pid()')).toEqual([[String(client.pid)]])
      expect(await client.values(`select pid from pg_stat_activity where pid = pg_backend_pid()`)).toEqual([
        [String(client.pid)],
      ])
    }
    await a.query(`select count(*), count(distinct pid) from pg_stat_activity where ${MINE}`)
  })

  suite.case('a role sees the sessions of others without their statements', async (stage) => {
    const role = stage.role('app')
    await stage.sql(`create role ${role} login password 'pw'`)
    const a = await stage.connect('a', { user: role, password: 'pw' })
    const b = await stage.connect('b', { parameters: { application_name: 'secretive' } })
    await b.query(`select 'secret'`)
    stage.maskPid(b)
    await a.query(`select query, state, client_port from pg_stat_activity where pid = ${b.pid}`)
    await stage.sql(`grant pg_read_all_stats to ${role}`)
    await a.query(`select query, state from pg_stat_activity where application_name = 'secretive'`)
  })

  suite.case('pg_locks shows the locks of the own transaction', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (n int primary key)')
    await a.query('begin; lock table t in share mode; insert into t values (1)')
    await a.query(`select locktype, relation::regclass, mode, granted, fastpath from pg_locks
      where pid = pg_backend_pid() and relation = 't'::regclass order by mode`)
    await a.query(`select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'transactionid'`)
    await a.query('rollback')
    await a.query(`select count(*) from pg_locks where relation = 't'::regclass`)
  })

  suite.case('what clients ask when they connect', async (stage) => {
    const a = await stage.connect('a')
    for (const sql of [
      'select version() like $$PostgreSQL 18%$$',
      `select current_setting('server_version_num')::int / 10000`,
      'select current_database(), current_schema(), current_schemas(true)',
      'select pg_is_in_recovery()',
      'show transaction_read_only',
      'show max_identifier_length',
      'select pg_postmaster_start_time() <= now(), pg_conf_load_time() <= now()',
      `select count(*) from pg_stat_database where datname = current_database()`,
      `select pg_get_userbyid(datdba), encoding, datallowconn from pg_database where datname = current_database()`,
      'select pg_blocking_pids(pg_backend_pid())',
      'select txid_current() > 0, pg_current_xact_id_if_assigned() is null',
      `select count(*) from pg_stat_ssl where pid = pg_backend_pid()`,
      `select has_database_privilege(current_database(), 'create')`,
    ]) {
      expect((await a.query(sql)).at(-1)).toBe('Z I')
    }
  })

  suite.case('a session knows the addresses of its connection', async (stage) => {
    const a = await stage.connect('a')
    await a.query('select inet_server_port() > 0, inet_client_port() > 0, inet_client_addr() is not null')
  })

  suite.case(
    'whoever waits for a lock is seen to wait, and for whom',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b', { parameters: { application_name: 'waiter' } })
      await a.query('create table t (n int)')
      await a.query('begin; lock table t')
      await b.launch('select * from t')
      await stage.isBlocked(b)
      if (stage.features.isConcurrent) {
        const c = await stage.connect('c')
        stage.maskPid(a)
        await c.query(`select wait_event_type, wait_event, state, pg_blocking_pids(pid) from pg_stat_activity
          where application_name = 'waiter'`)
        await c.query(`select mode, granted from pg_locks where relation = 't'::regclass order by 1`)
      }
      await a.query('commit')
      await b.ready()
    },
    {
      oneBackend: {
        reason: 'whoever looks with SQL waits, too; the Endpoints page shows who waits for whom',
        expectation: (lines) =>
          expect(lines.slice(-3)).toEqual(['b< T [n 23/4/-1 of a table #1]', 'b< C SELECT 0', 'b< Z I']),
      },
    },
  )
})
