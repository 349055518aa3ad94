/** COPY in and out: text, CSV and binary, in any pieces, failed by either side, and left in the middle. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

const TABLE = 'create table t (n int, x text)'
const COUNT = 'select count(*), sum(n), string_agg(x, $$,$$ order by n) from t'

describe('copy', () => {
  const suite = wireSuite()

  suite.case('COPY FROM STDIN takes rows and answers their number', async (stage) => {
    const a = await stage.connect('a')
    await a.query(TABLE)
    await a.send(m.query('copy t from stdin'))
    expect(await a.take(1)).toEqual(['G text [0, 0]'])
    expect(await a.exchange(m.copyData('1\tone\n2\t\\N\n'), m.copyDone())).toEqual(['C COPY 2', 'Z I'])
    await a.query(COUNT)
  })

  suite.case('rows may be cut anywhere into CopyData messages', async (stage) => {
    const a = await stage.connect('a')
    await a.query(TABLE)
    const data = Buffer.from('1\tone\n22\ttwo \u20ac\n333\t\n4\ta\\tb\\\\c\\n\n')
    await a.send(m.query('copy t from stdin'))
    await a.take(1)
    await a.exchange(
      ...[...data].map((byte) => m.copyData(Buffer.from([byte]))),
      m.copyData(''),
      m.copyDone(),
    )
    await a.query(COUNT)
  })

  suite.case('everything may be sent at once, before CopyInResponse', async (stage) => {
    const a = await stage.connect('a')
    await a.query(TABLE)
    await a.send(m.query('copy t from stdin'), m.copyData('1\tone\n'), m.copyDone(), m.query('select 1'))
    await a.ready()
    await a.ready()
  })

  suite.case('formats and options of COPY FROM', async (stage) => {
    const a = await stage.connect('a')
    await a.query(TABLE)
    const loads: readonly (readonly [string, string])[] = [
      ['copy t from stdin csv', '1,"o""ne"\n2,\n3,""\n'],
      [
        `copy t from stdin with (format csv, header, delimiter ';', null 'nil', quote '''')`,
        `n;x\n4;'a;b'\n5;nil\n`,
      ],
      [`copy t (x, n) from stdin with (delimiter '|', null '-')`, '-|6\nx|7\n'],
      [`copy t from stdin with (format csv, header match)`, 'n,x\n8,y\n'],
      [`copy t from stdin with (format csv, header match)`, 'x,n\n8,y\n'],
      ['copy t (n) from stdin where n > 9', '9\n10\n'],
      [`copy t from stdin with (on_error ignore, log_verbosity verbose)`, 'bad\tx\n11\ty\n'],
      [`copy t from stdin with (on_error ignore, reject_limit 1)`, 'bad\tx\nworse\ty\n'],
      ['copy t from stdin', '12\tend\n\\.\n'],
      ['copy t from stdin with (freeze)', '13\tx\n'],
      [`copy t from stdin with (encoding 'LATIN1')`, '14\t\u00e9\n'],
    ]
    for (const [sql, data] of loads) {
      await a.send(m.query(sql), m.copyData(data), m.copyDone())
      await a.ready()
    }
    await a.query('select n, x from t order by n')
  })

  suite.case('bad data fails the COPY where it stands, and the rest is swallowed', async (stage) => {
    const a = await stage.connect('a')
    await a.query(TABLE)
    for (const data of ['1\n', '1\tx\ty\n', 'x\ty\n', '99999999999\tx\n', '1\t\\', '1\t\xff\n'] as const) {
      await a.send(m.query('copy t from stdin'))
      await a.take(1)
      await a.send(m.copyData(Buffer.from(data, 'latin1')), m.copyData('2\tmore\n'), m.copyDone())
      await a.ready()
    }
    await a.query(COUNT)
  })

  suite.case('CopyFail ends it with 57014 and nothing stays', async (stage) => {
    const a = await stage.connect('a')
    await a.query(TABLE)
    await a.send(m.query('copy t from stdin'), m.copyData('1\tone\n'))
    await a.take(1)
    expect(await a.exchange(m.copyFail('no more'))).toEqual([
      'E ERROR 57014 COPY from stdin failed: no more',
      'Z I',
    ])
    await a.query(COUNT)
    await a.query('begin')
    await a.send(m.query('copy t from stdin'), m.copyData('1\tone\n'), m.copyFail(''))
    await a.ready()
    await a.query('rollback')
  })

  suite.case('COPY in a transaction is its part', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(TABLE)
    await a.query('begin')
    await a.exchange(m.query('copy t from stdin'), m.copyData('1\tone\n'), m.copyDone())
    await a.query(COUNT)
    await a.query('rollback')
    await b.query(COUNT)
    await a.query('begin')
    await a.exchange(m.query('copy t from stdin'), m.copyData('1\tone\n'), m.copyDone())
    await a.query('commit')
    await b.query(COUNT)
  })

  suite.case('several COPYs and other statements in one text', async (stage) => {
    const a = await stage.connect('a')
    await a.query(TABLE)
    await a.send(
      m.query('copy t from stdin; select count(*) from t; copy t to stdout; copy t from stdin; select 5'),
    )
    await a.take(1)
    await a.send(m.copyData('1\tone\n'), m.copyDone())
    await a.until('G')
    await a.exchange(m.copyData('2\ttwo\n'), m.copyDone())
    await a.query(COUNT)
  })

  suite.case('COPY by the extended protocol', async (stage) => {
    const a = await stage.connect('a')
    await a.query(TABLE)
    await a.send(m.parse('copy t from stdin'), m.bind(), m.describePortal(), m.execute(), m.flush())
    await a.until('G')
    await a.send(m.copyData('1\tone\n'), m.copyDone(), m.sync())
    await a.ready()
    await a.send(m.extended('copy t from stdin'), m.sync())
    await a.until('G')
    await a.exchange(m.sync(), m.flush(), m.copyData('2\ttwo\n'), m.copyDone(), m.sync())
    await a.exchange(m.extended('copy t to stdout'), m.sync())
    await a.send(m.extended('copy t from stdin'), m.flush())
    await a.until('G')
    await a.exchange(m.copyFail('changed my mind'), m.extended('select 1'), m.sync())
    await a.exchange(m.extended('copy t from stdin'), m.copyData('bad\n'), m.copyDone(), m.sync())
    await a.query(COUNT)
  })

  suite.case('COPY TO STDOUT in text and CSV', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`${TABLE}; insert into t values (1, 'one'), (2, null), (3, E'a\\tb\\\\c\\nd,"e"'), (4, '')`)
    expect(await a.query('copy t to stdout')).toEqual([
      'H text [0, 0]',
      'd "1\\tone\\n"',
      'd "2\\t\\\\N\\n"',
      'd "3\\ta\\\\tb\\\\\\\\c\\\\nd,\\"e\\"\\n"',
      'd "4\\t\\n"',
      'c',
      'C COPY 4',
      'Z I',
    ])
    await a.query('copy t to stdout csv header')
    await a.query(
      `copy (select n, x from t where n < 3 order by n desc) to stdout with (null 'nil', delimiter '|')`,
    )
    await a.query(`copy t (x) to stdout with (format csv, force_quote *)`)
    await a.query('copy (insert into t values (9, $$nine$$) returning n) to stdout')
    await a.query('copy (select 1 where false) to stdout')
    await a.query('copy (select n from generate_series(1, 10000) n) to stdout')
  })

  suite.case('COPY in binary, out and in again', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`${TABLE}; insert into t values (1, 'one'), (2, null)`)
    await a.query('copy t to stdout with (format binary)')
    const head = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), m.int32(0), m.int32(0)])
    const row = Buffer.concat([m.int16(2), m.int32(4), m.int32(7), m.int32(3), Buffer.from('abc')])
    const end = m.int16(-1)
    await a.exchange(
      m.query('copy t from stdin with (format binary)'),
      m.copyData(Buffer.concat([head, row, end])),
      m.copyDone(),
    )
    await a.query(COUNT)
    await a.exchange(
      m.query('copy t from stdin with (format binary)'),
      m.copyData('not binary at all'),
      m.copyDone(),
    )
    await a.exchange(
      m.query('copy t from stdin with (format binary)'),
      m.copyData(Buffer.concat([head, row])),
      m.copyDone(),
    )
    await a.query(COUNT)
  })

  suite.case('an error while copying out ends it after the rows before', async (stage) => {
    const a = await stage.connect('a')
    await a.query('copy (select 10 / (3 - n) from generate_series(1, 5) n) to stdout')
    await a.query('select 1')
    await a.exchange(m.extended('copy (select 1 / 0) to stdout'), m.sync())
  })

  suite.case('messages that do not belong into COPY end it', async (stage) => {
    const others = [m.frame('?'), m.frame('p'), m.frame('Q', Buffer.alloc(0), -1), m.terminate()]
    for (const wrong of [m.query('select 1'), m.parse('select 1'), ...others]) {
      const a = await stage.connect('a')
      await stage.sql('drop table if exists t')
      await a.query(TABLE)
      await a.send(m.query('copy t from stdin'), m.copyData('1\tone\n'))
      await a.take(1)
      await a.send(wrong)
      await a.closed()
      await stage.sql('select count(*) from t')
    }
  })

  suite.case('an end in the middle of COPY is told to who still reads', async (stage) => {
    for (const data of [m.copyData('1\tone\n'), m.copyData('1\tone\n').subarray(0, 7)]) {
      const a = await stage.connect('a')
      await stage.sql('drop table if exists t')
      await a.query(TABLE)
      await a.query('begin')
      await a.send(m.query('copy t from stdin'))
      await a.take(1)
      await a.socket.write(data)
      a.socket.end()
      await a.closed()
    }
  })

  suite.case('stray COPY messages outside of it are ignored', async (stage) => {
    const a = await stage.connect('a')
    await a.exchange(m.copyData('1\tone\n'), m.copyDone(), m.copyFail('x'), m.query('select 1'))
    await a.exchange(m.copyData('1\tone\n'), m.extended('select 2'), m.copyDone(), m.sync())
  })

  suite.case('a client that leaves in the middle of COPY leaves nothing', async (stage) => {
    const b = await stage.connect('b')
    await b.query(TABLE)
    for (const leave of ['destroy', 'reset', 'end'] as const) {
      const a = await stage.connect('a')
      await a.send(m.query('copy t from stdin'), m.copyData('1\tone\n'))
      await a.take(1)
      a.socket[leave]()
      await b.query('begin; lock table t; select count(*) from t; commit')
    }
    const a = await stage.connect('a')
    await a.send(m.query('copy t from stdin'), m.copyData('1\tone\n'), m.terminate())
    await a.closed()
    await b.query('begin; lock table t; select count(*) from t; commit')
  })

  suite.case('a client that leaves while much is copied out bothers nobody', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`${TABLE}; insert into t select n, repeat('x', 100) from generate_series(1, 20000) n`)
    await a.launch('copy t to stdout')
    await a.take(3)
    a.socket.reset()
    await b.query('begin; lock table t; select count(*) from t; commit')
  })

  suite.case('rights and impossible targets of COPY', async (stage) => {
    const a = await stage.connect('a')
    const role = stage.role('app')
    await a.query(TABLE)
    await stage.sql(`create role ${role} login password 'pw'`)
    const b = await stage.connect('b', { user: role, password: 'pw' })
    await b.query('copy t to stdout')
    await b.query('copy t from stdin')
    await b.query(`copy (select 1) to '/nonexistent/never'`)
    await b.query(`copy (select 1) to program 'true'`)
    await b.query(`copy t from program 'true'`)
    await a.query('copy nosuch from stdin')
    await a.query('copy t (nosuch) to stdout')
    await a.query('create view v as select 1 as n; copy v from stdin')
    await a.query('copy v to stdout')
    await a.query('begin read only')
    await a.query('copy t from stdin')
    await a.query('rollback')
  })

  suite.case('triggers, defaults and constraints see copied rows', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`create table t (id serial, n int check (n > 0), at text default 'now'); create function f()
      returns trigger language plpgsql as $$begin raise notice 'row %', new.n; new.n := new.n * 2; return new; end$$;
      create trigger f before insert on t for each row execute function f()`)
    await a.exchange(m.query('copy t (n) from stdin'), m.copyData('1\n2\n'), m.copyDone())
    await a.query('select * from t')
    await a.exchange(m.query('copy t (n) from stdin'), m.copyData('3\n-1\n'), m.copyDone())
    await a.query('select count(*), lastval() from t')
  })

  suite.case('fifty thousand rows in and out are the same', async (stage) => {
    const a = await stage.connect('a')
    await a.query(TABLE)
    const rows = Array.from({ length: 50_000 }, (_, n) => `${n}\trow ${n} ${'x'.repeat(n % 50)}\n`)
    await a.send(m.query('copy t from stdin'))
    await a.take(1)
    for (let at = 0; at < rows.length; at += 500) {
      await a.socket.write(m.copyData(rows.slice(at, at + 500).join('')))
    }
    await a.exchange(m.copyDone())
    await a.query('copy (table t order by n) to stdout')
  })
})
