/** Temporary tables, views, sequences and functions: private, first in the path, gone with their session. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

describe('temporary tables', () => {
  const suite = wireSuite()

  suite.case('two clients have temporary tables of one name', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create temp table t (a int); insert into t values (1)')
    await b.query('create temp table t (b text); insert into t values ($$b$$)')
    expect(await a.query('select * from t')).toEqual([
      'T [a 23/4/-1 of a table #1]',
      'D ["1"]',
      'C SELECT 1',
      'Z I',
    ])
    await b.query('select * from t')
    await a.query('drop table t')
    await b.query('select * from t')
    await a.query('select * from t')
  })

  suite.case('a temporary table hides a table of its name for its own client only', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`create table t as select 'real' as x; create temp table t as select 'temp' as x`)
    await a.query('select x from t; select x from public.t; select x from pg_temp.t')
    await b.query('select x from t')
    await b.query('select x from pg_temp.t')
    await a.query('set search_path = public, pg_temp; select x from t')
    await a.query('drop table pg_temp.t; select x from t')
  })

  suite.case('ON COMMIT delete rows, drop, and preserve rows', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create temp table d (n int) on commit delete rows')
    await a.query('create temp table p (n int) on commit preserve rows')
    await b.query('create temp table d (n int)')
    await b.query('insert into d values (7)')
    await a.query('begin; create temp table x (n int) on commit drop')
    await a.query('insert into d values (1); insert into p values (1); insert into x values (1)')
    await a.query('select (select count(*) from d), (select count(*) from p), (select count(*) from x)')
    await a.query('commit')
    await a.query('select (select count(*) from d), (select count(*) from p)')
    await a.query('select count(*) from x')
    await a.query('create temp table x (n int) on commit drop')
    await a.query('select count(*) from x')
    await b.query('select count(*) from d')
    await b.query('begin; select count(*) from d; commit; select count(*) from d')
  })

  suite.case('ON COMMIT actions run at every commit, also of implicit transactions', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create temp table d (n int) on commit delete rows')
    await a.query('insert into d values (1); select count(*) from d')
    await a.query('select count(*) from d')
    await a.exchange(m.extended('insert into d values (1)'), m.extended('select count(*) from d'), m.sync())
    await a.exchange(m.extended('select count(*) from d'), m.sync())
    await a.query('begin; insert into d values (1); savepoint s; release s; select count(*) from d; rollback')
  })

  suite.case('temporary tables are gone with their session, and so are their names', async (stage) => {
    const a = await stage.connect('a')
    await a.query(
      `create temp table t (id serial primary key, x text); insert into t (x) values (repeat('x', 9000))`,
    )
    await a.query('create temp view v as select * from t; create temp sequence s')
    await a.terminate()
    const temporary = `select not exists (select from pg_class join pg_namespace n on n.oid = relnamespace
      where nspname like 'pg\\_temp%')`
    await stage.until(temporary)
    const b = await stage.connect('b')
    await b.query('select * from t')
    await b.query('create temp table t (other int); select * from t')
  })

  suite.case('temporary tables with indexes, toast, constraints and triggers', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    for (const client of [a, b]) {
      await client.query(`create temp table t (id int primary key, x text unique, check (id > 0))`)
      await client.query(`insert into t select n, repeat(md5(n::text), 400) from generate_series(1, 50) n`)
    }
    await a.query('insert into t values (1, $$dup$$)')
    await b.query('update t set x = $$b$$ where id = 7')
    await a.query('select sum(length(x)) from t')
    await b.query('select sum(length(x)) from t')
    await a.query('vacuum t; analyze t; reindex table t; cluster t using t_pkey')
    await a.query('select count(*) from t where id = 7')
  })

  suite.case('alter, truncate and rollback of temporary tables', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create temp table t as select 1 as n')
    await a.query('begin; truncate t; alter table t add m int default 5; rollback')
    await a.query('select * from t')
    await a.query('begin; create temp table u (n int); rollback')
    await a.query('select * from u')
    await a.query('begin; drop table t; rollback; select * from t')
    await a.query('begin; create temp table u as select 2 as n; savepoint s; drop table u; rollback to s')
    await a.query('select * from u; commit')
  })

  suite.case('temporary views, sequences, functions and types', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`create temp view v as select 'a' as who; create temp sequence s start 10`)
    await b.query(`create temp view v as select 'b' as who; create temp sequence s start 20`)
    await a.query(`create function pg_temp.f() returns text language sql as $$select 'fa'$$`)
    await b.query(`create function pg_temp.f() returns text language sql as $$select 'fb'$$`)
    await a.query(`select who, nextval('s'), pg_temp.f() from v`)
    await b.query(`select who, nextval('s'), pg_temp.f() from v`)
    await a.query(`create type pg_temp.mood as enum ('good'); select 'good'::pg_temp.mood`)
    await b.query(`select 'good'::pg_temp.mood`)
  })

  suite.case(
    'a temporary table of another session cannot be reached by its schema',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('create temp table secret as select 42 as n')
      const [[schema = null] = []] = await a.values(
        'select nspname from pg_namespace where oid = pg_my_temp_schema()',
      )
      stage.mask(String(schema), 'pg_temp_A')
      await b.query(`select * from ${schema}.secret`)
      await b.query(`insert into ${schema}.secret values (1)`)
      await b.query('select pg_my_temp_schema() = 0 as none')
      await b.query(`select pg_is_other_temp_schema(oid) from pg_namespace where nspname = '${schema}'`)
      await a.query(`select pg_is_other_temp_schema(pg_my_temp_schema()), n from ${schema}.secret`)
    },
    {
      oneBackend: {
        reason:
          'the buffers of temporary tables are those of all sessions: what native finds empty is refused',
        expectation: (lines) => {
          const refused = 'b< E ERROR 0A000 cannot access temporary tables of other sessions'
          expect(lines.filter((line) => line === refused)).toHaveLength(2)
          expect(lines).toContain('a< D ["f", "42"]')
        },
      },
    },
  )

  suite.case('create table in a temporary schema, and what needs permanent ones', async (stage) => {
    const a = await stage.connect('a')
    await a.query(
      'create table pg_temp.t (n int); select relpersistence from pg_class where oid = $$t$$::regclass',
    )
    await a.query('create table r (n int references pg_temp.t)')
    await a.query('create temp table other.t (n int)')
    await a.query('create table if not exists pg_temp.t (n int)')
    await a.query(
      'set search_path = pg_temp; create table u (n int); select relpersistence from pg_class where relname = $$u$$',
    )
    await a.query('alter table u set schema public')
  })

  suite.case('a prepared statement follows the temporary table that hides its table', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`create table t as select 'real' as x`)
    for (const client of [a, b]) await client.query('prepare s as select x from t; execute s')
    await a.query(`create temp table t as select 'temp' as x`)
    await a.query('execute s')
    await b.query('execute s')
    await a.query('drop table pg_temp.t; execute s')
  })
})
