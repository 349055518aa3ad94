/** Portals and cursors: suspended, scrolled, held beyond their transaction, described, and private. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

const SERIES = 'select n from generate_series(1, 5) n'

describe('portals', () => {
  const suite = wireSuite()

  suite.case('an Execute with a limit suspends its portal and goes on from there', async (stage) => {
    const a = await stage.connect('a')
    const lines = await a.exchange(
      m.parse(SERIES),
      m.bind({ portal: 'p' }),
      m.execute('p', 2),
      m.execute('p', 2),
      m.execute('p', 2),
      m.execute('p', 2),
      m.sync(),
    )
    expect(lines).toEqual([
      '1',
      '2',
      ...['D ["1"]', 'D ["2"]', 's', 'D ["3"]', 'D ["4"]', 's', 'D ["5"]', 'C SELECT 1', 'C SELECT 0'],
      'Z I',
    ])
  })

  suite.case('a limit of exactly the rows there are suspends, and the next finds none', async (stage) => {
    const a = await stage.connect('a')
    await a.exchange(m.parse(SERIES), m.bind(), m.execute('', 5), m.execute('', 5), m.sync())
    await a.exchange(m.parse(SERIES), m.bind(), m.execute('', 6), m.sync())
    await a.exchange(m.parse(SERIES), m.bind(), m.execute('', 0), m.execute('', 1), m.sync())
    await a.exchange(m.parse(SERIES), m.bind(), m.execute('', -1), m.sync())
  })

  suite.case('portals end with their transaction, and live across Sync inside one', async (stage) => {
    const a = await stage.connect('a')
    await a.exchange(
      m.parse(SERIES, 's'),
      m.bind({ statement: 's', portal: 'p' }),
      m.execute('p', 1),
      m.sync(),
    )
    await a.exchange(m.execute('p', 1), m.sync())
    await a.query('begin')
    await a.exchange(m.bind({ statement: 's', portal: 'p' }), m.execute('p', 1), m.sync())
    await a.exchange(m.execute('p', 1), m.sync())
    await a.query('select 1')
    await a.exchange(m.execute('p', 1), m.sync())
    await a.query('commit')
    await a.exchange(m.execute('p', 1), m.sync())
  })

  suite.case('the unnamed portal ends with the next Bind or simple query', async (stage) => {
    const a = await stage.connect('a')
    await a.query('begin')
    await a.exchange(m.parse(SERIES), m.bind(), m.execute('', 1), m.sync())
    await a.exchange(m.execute('', 1), m.sync())
    await a.query('select 1')
    await a.exchange(m.execute('', 1), m.sync())
    await a.query('rollback')
  })

  suite.case('a named portal must be closed before its name is used again', async (stage) => {
    const a = await stage.connect('a')
    await a.query('begin')
    await a.exchange(m.parse(SERIES, 's'), m.bind({ statement: 's', portal: 'p' }), m.sync())
    await a.exchange(m.bind({ statement: 's', portal: 'p' }), m.sync())
    await a.query('rollback')
    await a.query('begin')
    await a.exchange(m.bind({ statement: 's', portal: 'p' }), m.closePortal('p'), m.sync())
    await a.exchange(m.bind({ statement: 's', portal: 'p' }), m.execute('p', 1), m.sync())
    await a.query('commit')
  })

  suite.case('Close of a statement keeps its portals, Close of a portal its statement', async (stage) => {
    const a = await stage.connect('a')
    await a.query('begin')
    await a.exchange(
      m.parse(SERIES, 's'),
      m.bind({ statement: 's', portal: 'p' }),
      m.execute('p', 1),
      m.sync(),
    )
    await a.exchange(m.closeStatement('s'), m.execute('p', 1), m.sync())
    await a.query('rollback')
  })

  suite.case('portals and cursors share one namespace', async (stage) => {
    const a = await stage.connect('a')
    await a.query('begin')
    await a.exchange(m.parse(SERIES), m.bind({ portal: 'p' }), m.execute('p', 1), m.sync())
    await a.query('fetch 2 from p')
    await a.query(`declare c cursor for ${SERIES}`)
    await a.exchange(m.describePortal('c'), m.execute('c', 1), m.execute('c', 0), m.sync())
    await a.query('select name, is_holdable, is_binary, is_scrollable from pg_cursors order by 1')
    await a.query('commit')
  })

  suite.case('two clients use one name for different cursors', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(
      `begin; declare c cursor with hold for select 'a' || n from generate_series(1, 3) n; commit`,
    )
    await b.query(
      `begin; declare c cursor with hold for select 'b' || n from generate_series(1, 3) n; commit`,
    )
    await a.query('fetch 1 from c')
    await b.query('fetch 1 from c')
    await a.query('fetch 1 from c')
    await a.query('close c')
    await b.query('fetch 1 from c')
    await a.query('fetch 1 from c')
    await b.query('select name from pg_cursors')
    await a.query('select name from pg_cursors')
  })

  suite.case('a held cursor keeps its rows while others change the table', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create table t as select generate_series(1, 3) n')
    await a.query(
      'begin; declare c scroll cursor with hold for select n from t order by n; fetch 1 from c; commit',
    )
    await b.query('delete from t; insert into t values (9)')
    await a.query('fetch all from c')
    await a.query('fetch backward all from c')
    await a.query('fetch absolute 2 from c; move last in c; fetch relative 0 from c')
    await b.query('drop table t')
    await a.query('fetch first from c')
    await a.query('close all')
    await a.query('fetch first from c')
  })

  suite.case('a held cursor is gone with a rollback, and with its connection', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`begin; declare c cursor with hold for ${SERIES}; rollback`)
    await a.query('fetch 1 from c')
    await a.query(`begin; declare c cursor with hold for ${SERIES}; commit`)
    await a.terminate()
    const b = await stage.connect('b')
    await b.query('fetch 1 from c')
  })

  suite.case('a cursor needs a transaction, and hold needs none after it', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`declare c cursor for ${SERIES}`)
    await a.query(`declare c cursor with hold for ${SERIES}`)
    await a.query('fetch 2 from c')
    await a.query('begin')
    await a.query('fetch 1 from c')
    await a.query('rollback')
    await a.query('fetch 1 from c')
    await a.exchange(m.describePortal('c'), m.execute('c', 2), m.sync())
    await a.query('close c')
  })

  suite.case('binary, no scroll and insensitive cursors', async (stage) => {
    const a = await stage.connect('a')
    await a.query('begin')
    await a.query(`declare b binary cursor for select n, n::text from generate_series(1, 2) n`)
    await a.query('fetch all from b')
    await a.query(`declare n no scroll cursor for ${SERIES}`)
    await a.query('fetch 2 from n')
    await a.query('fetch prior from n')
    await a.query('rollback')
  })

  suite.case('a cursor is updated and deleted through', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t as select generate_series(1, 3) n')
    await a.query('begin; declare c cursor for select n from t for update')
    await a.query('fetch 2 from c')
    await a.query('update t set n = 20 where current of c')
    await a.query('fetch 1 from c; delete from t where current of c')
    await a.query('commit')
    await a.query('select n from t order by n')
  })

  suite.case('rollback to a savepoint ends portals made after it', async (stage) => {
    const a = await stage.connect('a')
    await a.query(
      `begin; declare before cursor for ${SERIES}; savepoint s; declare after cursor for ${SERIES}`,
    )
    await a.query('fetch 1 from before; fetch 1 from after')
    await a.query('rollback to s')
    await a.query('fetch 1 from before')
    await a.query('fetch 1 from after')
    await a.query('rollback')
  })

  suite.case('Describe of statements and portals of every kind', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (id serial primary key, x varchar(10), y numeric(8, 2)[])')
    const statements = [
      'select id, x, y, id + 1 from t where id = $1',
      'insert into t (x) values ($1) returning id, x',
      'update t set x = $1',
      'begin',
      'show server_encoding',
      'explain select 1',
      'values (1, null)',
      '',
      'table t',
    ]
    for (const text of statements) {
      await a.exchange(m.parse(text), m.describeStatement(), m.sync())
    }
    for (const text of ['select id, x from t', 'delete from t', 'fetch 1 from nosuch', '']) {
      await a.exchange(m.parse(text), m.bind({ resultFormats: [1] }), m.describePortal(), m.sync())
    }
    await a.exchange(m.describeStatement('nosuch'), m.sync())
    await a.exchange(m.describePortal('nosuch'), m.sync())
    await a.exchange(m.frame('D', Buffer.from('Q\0')), m.sync())
  })

  suite.case('row-limited Execute of what returns rows by changing them', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (n int)')
    const insert = 'insert into t select generate_series(1, 4) returning n'
    await a.exchange(m.parse(insert), m.bind({ portal: 'p' }), m.execute('p', 1), m.execute('p', 2), m.sync())
    await a.query('select count(*) from t')
    const update = 'with u as (update t set n = n + 1 returning n) select n from u order by n'
    await a.exchange(m.parse(update), m.bind(), m.execute('', 2), m.execute('', 0), m.sync())
  })

  suite.case('a suspended portal reads the snapshot of its Bind', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t as select generate_series(1, 3) n')
    await a.query('begin')
    await a.exchange(
      m.parse('select n from t order by n'),
      m.bind({ portal: 'p' }),
      m.execute('p', 1),
      m.sync(),
    )
    await a.query('insert into t values (0), (4)')
    await a.exchange(m.execute('p', 0), m.sync())
    await a.query('commit')
  })

  suite.case('an error in a portal fails later Executes of it', async (stage) => {
    const a = await stage.connect('a')
    await a.query('begin')
    await a.exchange(m.parse('select 10 / (3 - n) from generate_series(1, 5) n', 's'), m.sync())
    await a.exchange(m.bind({ statement: 's', portal: 'p' }), m.execute('p', 2), m.sync())
    await a.exchange(m.execute('p', 2), m.sync())
    await a.exchange(m.execute('p', 2), m.sync())
    await a.query('rollback')
  })
})
