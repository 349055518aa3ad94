/** Roles with LOGIN PASSWORD: what they may do and not, and that no statement brings them back to the superuser. */

import { describe, expect } from 'vitest'
import type { WireStage } from '../support/wire/wire-stage.ts'
import type { WireClient } from '../support/wire/wire-client.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

async function loginRole(stage: WireStage, attributes = ''): Promise<WireClient> {
  const role = stage.role('app')
  await stage.sql(`create role ${role} login password 'pw' ${attributes}`)
  return stage.connect('a', { user: role, password: 'pw' })
}

const WHO = 'select current_user, session_user, current_setting($$is_superuser$$), current_setting($$role$$)'

describe('roles', () => {
  const suite = wireSuite()

  suite.case('a role that logs in is itself, in every way it can be asked', async (stage) => {
    const a = await loginRole(stage)
    await a.query(WHO)
    await a.query(
      'select user, current_role, system_user is not null, session_user::regrole, to_regrole(current_user)',
    )
    await a.query('select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user')
    await a.query('show session_authorization; show is_superuser')
  })

  suite.case('no statement brings it back to the superuser', async (stage) => {
    const a = await loginRole(stage)
    const { user } = stage.address
    for (const sql of [
      `set role ${user}`,
      `set session authorization ${user}`,
      `set session authorization default`,
      'reset session authorization',
      'reset role',
      'set role none',
      'discard all',
      `select set_config('role', '${user}', false)`,
      `select set_config('session_authorization', '${user}', false)`,
      `do $$begin set session authorization ${user}; end$$`,
      `do $$begin execute 'reset session authorization'; execute 'reset role'; end$$`,
      `begin; set local role ${user}`,
      'rollback',
      `grant ${user} to ${stage.role('app')}`,
      `alter role ${stage.role('app')} superuser`,
      `alter role ${user} password 'stolen'`,
      `create role ${stage.role('evil')} superuser`,
      `create function f() returns text language sql security definer as 'select current_user::text'; select f()`,
      `update pg_authid set rolsuper = true`,
      'select rolpassword from pg_authid',
      'select passwd from pg_shadow',
    ]) {
      await a.query(sql)
    }
    await a.query(WHO)
  })

  suite.case('neither files, programs nor the server\u2019s settings are its own', async (stage) => {
    const a = await loginRole(stage)
    for (const sql of [
      `copy (select 1) to '/nonexistent/never'`,
      `create temp table t (x text); copy t from '/etc/passwd'`,
      `copy (select 1) to program 'true'`,
      `select pg_read_file('postgresql.conf')`,
      `select pg_ls_dir('.')`,
      `select lo_import('/etc/passwd')`,
      `alter system set work_mem = '1GB'`,
      'select pg_reload_conf()',
      'checkpoint',
      'set fsync = off',
      'set session_replication_role = replica',
      `set log_min_messages = debug5`,
      'show config_file',
      'show data_directory',
      `create function c() returns int language c as 'libc', 'getpid'`,
      'vacuum pg_class',
    ]) {
      await a.query(sql)
    }
  })

  suite.case('rights on tables, columns, schemas and functions', async (stage) => {
    const a = await loginRole(stage)
    const role = stage.role('app')
    await stage.sql(`create table t (n int, secret text); insert into t values (1, 's');
      create schema hidden; create table hidden.h (n int);
      create function priv() returns int language sql as 'select 1'; revoke all on function priv() from public`)
    await a.query('select * from t')
    await stage.sql(`grant select (n), insert on t to ${role}`)
    await a.query('select n from t')
    await a.query('select secret from t')
    await a.query(`insert into t values (2, 'x')`)
    await a.query('update t set n = 1')
    await a.query('delete from t')
    await a.query('truncate t')
    await a.query('drop table t')
    await a.query('select * from hidden.h')
    await a.query('select priv()')
    await a.query('create table own (n int)')
    await a.query('create schema own')
    await a.query('create temp table own (n int); insert into own values (1); select * from own')
    await a.query(`select has_table_privilege('t', 'select'), has_table_privilege('t', 'insert')`)
    await stage.sql(`grant create on schema public to ${role}; revoke all on t from ${role}`)
    await a.query(
      'create table owned (n int); select tableowner = current_user from pg_tables where tablename = $$owned$$',
    )
    await a.query('select n from t')
  })

  suite.case('row security shows each role its rows', async (stage) => {
    const a = await loginRole(stage)
    await stage.sql(`create table t (who text, n int); alter table t enable row level security;
      create policy own on t using (who = current_user) with check (who = current_user);
      grant all on t to public; insert into t values ('${stage.role('app')}', 1), ('other', 2)`)
    const b = await stage.connect('b')
    await a.query('select n from t')
    await b.query('select n from t order by n')
    await a.query(`insert into t values ('other', 3)`)
    await a.query(`insert into t values (current_user, 4); select n from t order by n`)
    await b.query(
      `set role ${stage.role('app')}; select n from t order by n; reset role; select count(*) from t`,
    )
    await a.query('set row_security = off; select n from t')
  })

  suite.case('members may set the role they were given, and come back to themselves', async (stage) => {
    const group = stage.role('group')
    const a = await loginRole(stage)
    await a.query(`set role ${group}`)
    await stage.sql(`create role ${group}; grant ${group} to ${stage.role('app')};
      create table t (n int); grant select on t to ${group}`)
    await a.query(`set role ${group}`)
    await a.query(WHO)
    await a.query('select * from t; reset role')
    await a.query(WHO)
    await stage.sql(`revoke ${group} from ${stage.role('app')}`)
    await a.query(`set role ${group}`)
    await stage.sql(`grant ${group} to ${stage.role('app')} with set false`)
    await a.query(`set role ${group}`)
    await a.query('select * from t')
  })

  suite.case('a security definer function acts as its owner, and only inside', async (stage) => {
    await stage.sql(`create table t (n int); create function add(x int) returns text language sql security definer
      set search_path = public as 'insert into t values (x); select current_user::text'`)
    const a = await loginRole(stage)
    await a.query('select add(5)')
    await a.query('insert into t values (6)')
    await a.query(WHO)
  })

  suite.case('createrole and createdb give what they say, and no more', async (stage) => {
    const a = await loginRole(stage, 'createrole')
    const made = stage.role('made')
    await a.query(`create role ${made} login password 'x'`)
    await a.query(`create role ${stage.role('super')} superuser`)
    await a.query(`alter role ${stage.address.user} nologin`)
    await a.query('create database nevermade')
    const b = await stage.connect('b', { user: made, password: 'x' })
    await b.query('select current_user')
    await b.terminate()
    await a.query(`drop role ${made}`)
    await stage.attempt('c', { user: made, password: 'x' })
  })

  suite.case('a superuser next to it keeps its rights, statement by statement', async (stage) => {
    const a = await loginRole(stage)
    const b = await stage.connect('b')
    await b.query('create table t (n int)')
    for (let round = 0; round < 3; round += 1) {
      await b.query('insert into t values (1)')
      expect((await a.query('insert into t values (2)'))[0]).toBe(
        'E ERROR 42501 permission denied for table t',
      )
    }
    await b.query('select current_user = session_user, count(*) from t')
    await b.query(`set session authorization ${stage.role('app')}`)
    await b.query('insert into t values (3)')
    await b.query('reset session authorization; insert into t values (4); select count(*) from t')
  })

  suite.case('prepared statements check the rights of who executes them', async (stage) => {
    const a = await loginRole(stage)
    const b = await stage.connect('b')
    await b.query('create table t (n int)')
    await a.query('prepare s as select n from t')
    await b.query('prepare s as select n from t; execute s')
    await a.query('execute s')
    await b.query(`set role ${stage.role('app')}`)
    await b.query('execute s')
    await b.query('reset role; execute s')
  })

  suite.case('a role that is dropped or altered while it is connected', async (stage) => {
    const a = await loginRole(stage)
    const role = stage.role('app')
    await stage.sql(`alter role ${role} nologin`)
    await a.query('select current_user')
    await stage.attempt('b', { user: role, password: 'pw' })
    await stage.sql(`alter role ${role} superuser`)
    await a.query('select rolsuper from pg_roles where rolname = current_user; show is_superuser')
    await stage.sql(`alter role ${role} nosuperuser login`)
    await a.query('create role never')
    await stage.sql(`alter role ${role} rename to ${stage.role('renamed')}`)
    await a.query('select current_user')
  })

  suite.case('default privileges and ownership follow the session\u2019s role', async (stage) => {
    const a = await loginRole(stage)
    await stage.sql(`grant create on schema public to ${stage.role('app')}`)
    const b = await stage.connect('b')
    await b.query(`set role ${stage.role('app')}; create table viarole (n int); reset role`)
    await a.query('create table direct (n int)')
    await b.query('create table supers (n int)')
    await a.query('select * from supers')
    await a.query('insert into viarole values (1); drop table viarole, direct')
  })
})
