/** SET, RESET, SET LOCAL, roles of a session, search_path: private, transactional, and reported where due. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

describe('settings', () => {
  const suite = wireSuite()

  suite.case('a setting is private to its client, and gone with it', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`set work_mem = '7MB'`)
    await b.query(`set work_mem = '8MB'`)
    expect((await a.query('show work_mem')).slice(1)).toEqual(['D ["7MB"]', 'C SHOW', 'Z I'])
    expect((await b.query('show work_mem')).slice(1)).toEqual(['D ["8MB"]', 'C SHOW', 'Z I'])
    await a.terminate()
    const c = await stage.connect('c')
    expect((await c.query('show work_mem')).slice(1)).toEqual(['D ["4MB"]', 'C SHOW', 'Z I'])
  })

  suite.case('reset and reset all go back to what the session started with', async (stage) => {
    const a = await stage.connect('a', { parameters: { work_mem: '5MB' } })
    const b = await stage.connect('b')
    await a.query(`set work_mem = '7MB'; set enable_seqscan = off; set my.own = 'x'`)
    await b.query(`set my.own = 'y'`)
    await a.query('reset work_mem')
    await a.query('show work_mem; show enable_seqscan; show my.own')
    await a.query('reset all')
    await a.query('show work_mem; show enable_seqscan; show my.own')
    await b.query('show my.own')
    await b.query('set work_mem to default; show work_mem')
  })

  suite.case('a rollback takes settings back, a commit keeps them', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`begin; set work_mem = '7MB'; set application_name = 'inside'`)
    await a.query('rollback')
    await a.query('show work_mem; show application_name')
    await a.query(`begin; set work_mem = '7MB'; set application_name = 'inside'; commit`)
    await a.query('show work_mem; show application_name')
    await a.query(`begin; savepoint s; set work_mem = '9MB'; rollback to s`)
    await a.query('show work_mem; commit')
  })

  suite.case('set local ends with its transaction, however that ends', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`begin; set local work_mem = '7MB'; set local datestyle = 'German'; show work_mem`)
    await a.query('commit')
    await a.query('show work_mem; show datestyle')
    await a.query(`begin; set local work_mem = '7MB'`)
    await a.query('rollback; show work_mem')
    await a.query(`set local work_mem = '7MB'`)
    await a.query('show work_mem')
    await b.query('show work_mem')
    await a.query(`set local work_mem = '7MB'; show work_mem`)
    await a.query('show work_mem')
  })

  suite.case('set_config and current_setting, local, own and missing', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`select set_config('my.tenant', '42', false), current_setting('my.tenant')`)
    await b.query(`select current_setting('my.tenant', true) is null as unknown`)
    await b.query(`select current_setting('my.tenant')`)
    await a.query(`begin; select set_config('my.tenant', '43', true)`)
    await a.query('show my.tenant; rollback; show my.tenant')
    await a.query(`select set_config('work_mem', '6MB', false)`)
    await a.query('reset my.tenant')
    await a.query(`select current_setting('my.tenant') = '' as empty`)
  })

  suite.case('a function with settings of its own gives them back', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`create function f() returns text language sql set work_mem = '1MB' as $$show work_mem$$`)
    await a.query(`create function g() returns void language plpgsql as
      $$begin set work_mem = '3MB'; perform set_config('my.x', 'g', false); end$$`)
    await a.query('select f()')
    await a.query('show work_mem')
    await a.query('select g()')
    await a.query('show work_mem; show my.x')
    const b = await stage.connect('b')
    await b.query('show work_mem')
    await b.query('show my.x')
  })

  suite.case('bad names and values are refused with their SQLSTATE', async (stage) => {
    // The most that a server may use depends on whether it was built for 32 bits.
    stage.mask(/kB \.\. \d+ kB/g, 'kB .. N kB')
    const a = await stage.connect('a')
    for (const sql of [
      'set nosuch = 1',
      'show nosuch',
      `set work_mem = 'much'`,
      `set work_mem = '1kB'`,
      'set max_connections = 5',
      `set server_version = '1'`,
      `set enable_seqscan = maybe`,
      `set client_min_messages = loud`,
      'reset nosuch',
      `set transaction isolation level serializable`,
      'set fsync = on',
    ]) {
      await a.query(sql)
    }
  })

  suite.case('search_path decides for its own client alone', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`create schema one; create schema two; create table one.t as select 1 as n;
      create table two.t as select 2 as n`)
    await a.query('set search_path = one')
    await b.query('set search_path = two, one')
    await a.query('select n from t')
    await b.query('select n from t')
    await a.query('select n from t; select current_schemas(true), current_schema()')
    await b.query('create table made (x int); select current_schemas(true)')
    await a.query('select count(*) from made')
    await a.query('select count(*) from two.made')
    await b.query('set search_path = nowhere; create table x (y int)')
    await b.query('select n from t')
    await b.query('reset search_path; select current_schemas(false); show search_path')
  })

  suite.case('set local search_path, and the path of a rolled back transaction', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create schema one; create table one.t as select 1 as n')
    await a.query('begin; set local search_path = one; select n from t; commit')
    await a.query('select n from t')
    await a.query('begin; set search_path = one; rollback')
    await a.query('select n from t')
  })

  suite.case('SET ROLE and SET SESSION AUTHORIZATION are private and reset', async (stage) => {
    await stage.sql(`create role ${stage.role('app')}; create role ${stage.role('other')}`)
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    const who = 'select current_user, session_user, current_role'
    await a.query(`set role ${stage.role('app')}`)
    await b.query(`set session authorization ${stage.role('other')}`)
    await a.query(who)
    await b.query(who)
    await a.query('create table denied (x int)')
    await b.query('create table denied (x int)')
    await a.query('show role; show is_superuser; show session_authorization')
    await b.query('show role; show is_superuser; show session_authorization')
    await a.query('reset role')
    await b.query('reset session authorization')
    await a.query(who)
    await b.query(who)
    await b.query(`set role none; set role nosuch`)
  })

  suite.case('SET LOCAL ROLE ends with its transaction', async (stage) => {
    await stage.sql(`create role ${stage.role('app')}`)
    const a = await stage.connect('a')
    await a.query(`begin; set local role ${stage.role('app')}; select current_user; commit`)
    await a.query('select current_user')
    await a.query(`begin; set role ${stage.role('app')}; rollback; select current_user`)
    await a.query(
      `begin; set local session authorization ${stage.role('app')}; select session_user; rollback`,
    )
    await a.query('select session_user')
  })

  suite.case('transaction settings: isolation, read only, deferrable', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create table t (n int)')
    await a.query('set default_transaction_read_only = on')
    await a.query('insert into t values (1)')
    await b.query('insert into t values (2)')
    await a.query('begin read write; insert into t values (3); commit')
    await a.query('begin; set transaction read only; insert into t values (4)')
    await a.query('rollback')
    await a.query('set session characteristics as transaction isolation level serializable, read write')
    await a.query('begin; show transaction_isolation; commit')
    await b.query('begin; show transaction_isolation; commit')
    await b.query('begin isolation level repeatable read, read only; show transaction_read_only; commit')
    await b.query('select n from t order by n; set transaction isolation level serializable')
    await b.query('show transaction_isolation')
  })

  suite.case(
    'settings at start-up are honoured: parameters, options, and their reset values',
    async (stage) => {
      const parameters = {
        options: '-c work_mem=6MB -c my.text=with\\ space --search-path=pg_catalog',
        application_name: 'starter',
        datestyle: 'SQL, DMY',
        geqo: 'off',
      }
      const a = await stage.connect('a', { parameters })
      await a.query(
        'show work_mem; show my.text; show search_path; show application_name; show datestyle; show geqo',
      )
      await a.query(`set work_mem = '9MB'; reset work_mem; show work_mem`)
      await a.query('discard all')
      await a.query('show work_mem; show my.text; show geqo; show application_name')
      await a.query(`select setting, source from pg_settings where name = 'work_mem'`)
      const b = await stage.connect('b')
      await b.query('show work_mem')
    },
  )

  suite.case('start-up settings that are wrong refuse the connection', async (stage) => {
    await stage.attempt('unknown', { parameters: { nosuch: '1' } })
    await stage.attempt('value', { parameters: { work_mem: 'much' } })
    await stage.attempt('options', { parameters: { options: '-c nosuch=1' } })
    await stage.attempt('postmaster', { parameters: { options: '-c max_connections=5' } })
    await stage.attempt('flag', { parameters: { options: '--' } })
  })

  suite.case('alter role and alter database set what a session starts with', async (stage) => {
    const role = stage.role('app')
    await stage.sql(`create role ${role} login password 'pw'`)
    const database = stage.address.database
    await stage.sql(
      `alter database ${database} set work_mem = '11MB'; alter database ${database} set my.a = 'db'`,
    )
    await stage.sql(`alter role ${role} set work_mem = '12MB'; alter role ${role} in database ${database}
      set my.b = 'both'; alter role ${role} set search_path = pg_catalog; alter role ${role} set my.a = 'role'`)
    const show = 'show work_mem; show my.a; show search_path'
    const a = await stage.connect('a')
    await a.query(show)
    const b = await stage.connect('b', { user: role, password: 'pw' })
    await b.query(`${show}; show my.b`)
    await b.query(`set work_mem = '1MB'; reset work_mem; show work_mem`)
    const c = await stage.connect('c', { user: role, password: 'pw', parameters: { work_mem: '13MB' } })
    await c.query('show work_mem; reset all; show work_mem')
    await a.query(`set role ${role}; show work_mem`)
    await a.query(`select setting, source from pg_settings where name = 'work_mem'`)
  })

  suite.case('pg_settings and update of it are the session\u2019s own', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`update pg_settings set setting = 'off' where name = 'enable_sort'`)
    const show = `select name, setting, source, reset_val from pg_settings where name in ('enable_sort', 'geqo')`
    await a.query(show)
    await b.query(show)
    await b.query('show enable_sort')
  })

  suite.case('an error in a pipeline takes back the settings of its implicit transaction', async (stage) => {
    const a = await stage.connect('a')
    await a.exchange(m.extended(`set work_mem = '7MB'`), m.extended('select 1/0'), m.sync())
    await a.query('show work_mem')
    await a.query(`set work_mem = '7MB'; select 1/0`)
    await a.query('show work_mem')
    await a.exchange(m.extended(`set work_mem = '7MB'`), m.sync())
    await a.query('show work_mem')
  })

  suite.case('settings that change how values are printed, client by client', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`set datestyle = 'German'; set timezone = 'Asia/Tokyo'; set extra_float_digits = 0`)
    await b.query(`set intervalstyle = 'iso_8601'; set bytea_output = 'escape'; set lc_monetary = 'C'`)
    const values = `select '2026-02-03 04:05:06+00'::timestamptz, interval '1 day 2 hours',
      0.1::float8 + 0.2::float8, '\\x00ff'::bytea, '2026-02-03'::date`
    await a.query(values)
    await b.query(values)
    await a.query(values)
  })

  suite.case('random seeds belong to their session', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('select setseed(0.5)')
    await b.query('select setseed(0.5)')
    await a.query('select random()')
    await b.query('select random()')
    await a.query('select random()')
    await b.query('set seed = 0.25')
    await a.query('select random()')
    await b.query('select random(), random(1, 100)')
  })
})
