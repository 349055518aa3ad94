/** CREATE and DROP DATABASE, as migration tools use them for shadow databases, and settings of a database. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

describe('databases', () => {
  const suite = wireSuite()

  suite.case('a database is created, connected to, empty, and dropped', async (stage) => {
    const shadow = `${stage.address.database}_shadow`
    const a = await stage.connect('a')
    await a.query('create table t (n int)')
    expect(await a.query(`create database ${shadow}`)).toEqual(['C CREATE DATABASE', 'Z I'])
    await a.query(`select count(*) from pg_database where datname = '${shadow}'`)
    const b = await stage.connect('b', { database: shadow })
    await b.query('select current_database(), to_regclass($$t$$) is null')
    await b.query('create table t (other text); insert into t values ($$in shadow$$)')
    await a.query('select * from t')
    await b.query('select * from t')
    await b.terminate()
    await stage.until(`select count(*) = 0 from pg_stat_activity where datname = '${shadow}'`)
    expect(await a.query(`drop database ${shadow}`)).toEqual(['C DROP DATABASE', 'Z I'])
    await stage.attempt('c', { database: shadow })
  })

  suite.case('what is refused when creating and dropping', async (stage) => {
    const { database } = stage.address
    const a = await stage.connect('a')
    await a.query(`create database ${database}`)
    await a.query('drop database nosuch')
    await a.query('drop database if exists nosuch')
    await a.query(`drop database ${database}`)
    await a.query(`begin; create database ${database}_x`)
    await a.query('rollback')
    await a.query(`select 1; create database ${database}_x`)
    await a.query(`begin; drop database ${database}`)
    await a.query('rollback')
    await a.exchange(m.extended('select 1'), m.extended(`create database ${database}_x`), m.sync())
    await a.query(`create database ${database}_x template nosuch`)
    await a.query(`create database ${database}_x encoding 'nosuch'`)
    await a.query(`select count(*) from pg_database where datname = '${database}_x'`)
  })

  // Native waits five seconds for the others to leave (CountOtherDBBackends, storage/ipc/procarray.c).
  suite.case(
    'a database in use is dropped only with force',
    async (stage) => {
      const shadow = `${stage.address.database}_shadow`
      const a = await stage.connect('a')
      await a.query(`create database ${shadow}`)
      const b = await stage.connect('b', { database: shadow })
      await b.query('select 1')
      const refused = await a.query(`drop database ${shadow}`)
      expect(refused[0]).toMatch(/^E ERROR 55006 /)
      await a.query(`drop database ${shadow} with (force)`)
      await b.closed()
    },
    { isOnce: true },
  )

  suite.case('a role needs CREATEDB, and owns what it creates', async (stage) => {
    const shadow = `${stage.address.database}_shadow`
    const role = stage.role('app')
    await stage.sql(`create role ${role} login password 'pw'`)
    const a = await stage.connect('a', { user: role, password: 'pw' })
    await a.query(`create database ${shadow}`)
    await stage.sql(`alter role ${role} createdb`)
    await a.query(`create database ${shadow}`)
    await a.query(
      `select pg_get_userbyid(datdba) = current_user from pg_database where datname = '${shadow}'`,
    )
    await a.query(`drop database ${shadow}`)
  })

  suite.case('CREATE DATABASE by the extended protocol, with a quoted name', async (stage) => {
    const shadow = `${stage.address.database} "Shadow"`
    const quoted = `"${shadow.replaceAll('"', '""')}"`
    const a = await stage.connect('a')
    await a.exchange(
      m.parse(`create database ${quoted}`),
      m.describeStatement(),
      m.bind(),
      m.execute(),
      m.sync(),
    )
    const b = await stage.connect('b', { database: shadow })
    await b.query('select current_database()')
    await b.terminate()
    await stage.until(`select count(*) = 0 from pg_stat_activity where datname like '%Shadow%'`)
    await a.exchange(m.extended(`drop database ${quoted}`), m.sync())
  })

  suite.case('settings of a database hold for those who come later, and connect limits', async (stage) => {
    const { database } = stage.address
    const a = await stage.connect('a')
    await a.query(`alter database ${database} set search_path = pg_catalog; show search_path`)
    const b = await stage.connect('b')
    await b.query('show search_path')
    await a.query(`alter database ${database} reset all`)
    const c = await stage.connect('c')
    await c.query('select current_setting($$search_path$$) like $$%public$$')
    await a.query(`comment on database ${database} is 'noted'; select shobj_description(oid, 'pg_database')
      from pg_database where datname = current_database()`)
  })

  suite.case('listeners of one database do not hear another', async (stage) => {
    const shadow = `${stage.address.database}_shadow`
    const a = await stage.connect('a')
    await a.query(`create database ${shadow}`)
    const b = await stage.connect('b', { database: shadow })
    await a.query('listen news')
    await b.query('listen news')
    await b.query(`notify news, 'in b'`)
    await a.query(`notify news, 'in a'`)
    await b.query('select pg_try_advisory_lock(1)')
    await a.query('select pg_try_advisory_lock(1)')
    await b.terminate()
    await stage.until(`select count(*) = 0 from pg_stat_activity where datname = '${shadow}'`)
    await a.query(`drop database ${shadow}`)
  })
})
