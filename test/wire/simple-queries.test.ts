/** The simple protocol: several statements in one text, errors in the middle, empty texts, transaction states. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

describe('simple queries', () => {
  const suite = wireSuite()

  suite.case('empty texts answer EmptyQueryResponse', async (stage) => {
    const a = await stage.connect('a')
    expect(await a.query('')).toEqual(['I', 'Z I'])
    await a.query(';;;')
    await a.query(' -- nothing')
    await a.query('/* nothing */')
    await a.query('begin; ;')
    await a.query('')
    await a.query('commit')
  })

  suite.case('several statements are answered one by one, with one ReadyForQuery', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`select 1 as a; select 2 as b, 'x' as c where false; create table t (n int);
      insert into t values (1), (2); update t set n = 3; table t; delete from t; show server_encoding`)
  })

  suite.case(
    'an error undoes the statements before it in the same text, and skips those after',
    async (stage) => {
      const a = await stage.connect('a')
      await a.query('create table t (n int)')
      await a.query(
        'insert into t values (1); insert into t values (2); select 1/0; insert into t values (3)',
      )
      await a.query('select n from t')
      await a.query('insert into t values (1); begin; insert into t values (2); select 1/0; commit')
      await a.query('rollback; select n from t')
      await a.query('insert into t values (1); commit; insert into t values (2); select 1/0')
      await a.query('select n from t order by n')
      await a.query('begin; insert into t values (5); commit; insert into t values (6); select 1/0')
      await a.query('select n from t order by n')
    },
  )

  suite.case('a syntax error anywhere keeps the whole text from running', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (n int)')
    await a.query('insert into t values (1); selec')
    await a.query('select count(*) from t')
    await a.query(`select 'open`)
    await a.query('select (1')
    await a.query('select 1 as "open')
  })

  suite.case('transaction states: idle, in a transaction, failed', async (stage) => {
    const a = await stage.connect('a')
    for (const sql of [
      ...['begin', 'begin', 'select 1', 'selec', 'select 1', 'savepoint s', 'commit', 'commit', 'rollback'],
      ...['begin', 'savepoint s', 'select 1/0', 'rollback to s', 'select 2', 'release s', 'end', 'abort'],
      ...['start transaction', 'commit and chain', 'rollback and chain', 'rollback', 'rollback and chain'],
      ...['begin', 'rollback to nosuch', 'rollback', 'savepoint outside', 'release outside'],
    ]) {
      await a.query(sql)
    }
  })

  suite.case('transactions of two clients are their own', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create table t (n int)')
    await a.query('begin; insert into t values (1); commit')
    await b.query('begin; select count(*) from t; rollback')
    await a.query('begin; select 1/0')
    await a.query('rollback')
    expect(await b.query('commit')).toEqual([
      'N WARNING 25P01 there is no transaction in progress',
      'C COMMIT',
      'Z I',
    ])
  })

  suite.case('errors carry their fields', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`create table t (n int primary key, m int not null check (m > 0), e text unique);
      create type mood as enum ('ok'); create domain positive as int check (value > 0)`)
    for (const sql of [
      'insert into t values (1, 1), (1, 1)',
      'insert into t values (2, -1)',
      'insert into t (n) values (3)',
      `select 'bad'::mood`,
      'select (-1)::positive',
      'select nosuch from t',
      'select n from nosuch',
      'select nosuch(1)',
      `select '2026-02-30'::date`,
      `select 99999999999::int`,
      `select 'x'::int`,
      `select 1 + 'x'`,
      'select t.n, count(*) from t',
      `do $$begin raise exception 'own' using errcode = 'ZZ001', detail = 'd', hint = 'h', column = 'c',
        constraint = 'k', datatype = 't', table = 'b', schema = 's'; end$$`,
      'drop table nosuch.t',
      'create table t (x int)',
      'insert into t values (1, 2, 3, 4)',
      'select $1',
      'fetch 1 from nosuch',
      'grant select on t to nosuch',
      'copy t from $$/nonexistent$$',
      `select pg_read_file('/nonexistent')`,
    ]) {
      await a.query(sql)
    }
  })

  suite.case('an error inside a function tells where, and rolls its block back', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`create table t (n int); create function f(x int) returns int language plpgsql as $$begin
      insert into t values (x); return 1 / x; exception when division_by_zero then return -1; end$$;
      create function g(x int) returns int language plpgsql as $$begin return 1 / x; end$$`)
    await a.query('select f(1), f(0); select n from t')
    await a.query('select g(0)')
    await a.query(`do $$begin insert into t values (9); commit; insert into t values (10); rollback; end$$`)
    await a.query('select n from t')
    await a.query(`begin; do $$begin commit; end$$`)
    await a.query('rollback')
  })

  suite.case('procedures commit inside, alone and in a text of several', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`create table t (n int); create procedure p(inout x int) language plpgsql as $$begin
      insert into t values (x); commit; insert into t values (x + 1); x := x * 2; rollback; end$$`)
    await a.query('call p(1)')
    await a.query('select n from t')
    await a.query('call p(5); select 1')
    await a.query('select 1; call p(7)')
    await a.query('select n from t')
    await a.exchange(m.extended('call p($1)', ['9']), m.sync())
    await a.query('select n from t')
  })

  suite.case('a text of many statements and a statement of much text', async (stage) => {
    const a = await stage.connect('a')
    await a.query(Array.from({ length: 300 }, (_, n) => `select ${n}`).join(';'))
    await a.query(`select length('${'x'.repeat(100_000)}')`)
    await a.query(`select ${Array.from({ length: 400 }, (_, n) => n).join(', ')}`)
  })

  suite.case('several queries sent at once are answered in order', async (stage) => {
    const a = await stage.connect('a')
    await a.send(
      m.query('select 1'),
      m.query('select 1/0'),
      m.query('select 3'),
      m.query('begin'),
      m.query('select 5'),
    )
    for (let round = 0; round < 5; round += 1) await a.ready()
    await a.query('rollback')
  })

  suite.case('a query without its closing zero, or with one in the middle', async (stage) => {
    const a = await stage.connect('a')
    await a.exchange(m.frame('Q', Buffer.from('select 1\0; select 2\0')))
    const b = await stage.connect('b')
    await b.exchange(m.frame('Q', Buffer.from('select 1')))
    await b.query('select 2')
  })

  suite.case('bytes that are not of the encoding are refused with 22021', async (stage) => {
    const a = await stage.connect('a')
    await a.exchange(m.frame('Q', Buffer.from([...Buffer.from(`select '`), 0xff, ...Buffer.from(`'\0`)])))
    await a.query(`select E'\\xff'`)
    await a.query(`select '\u20ac', length('\u20ac'), octet_length('\u20ac')`)
    await a.exchange(
      m.parse('select $1::text'),
      m.bind({ values: [Buffer.from([0xc3, 0x28])] }),
      m.execute(),
      m.sync(),
    )
    await a.exchange(
      m.parse('select $1::text'),
      m.bind({ values: [Buffer.from([0x61, 0, 0x62])] }),
      m.execute(),
      m.sync(),
    )
  })
})
