/** Notices to whom they belong, client_min_messages, client encodings, and the styles that values are printed in. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

const RAISE = `do $$begin raise debug 'd'; raise log 'l'; raise info 'i'; raise notice 'n'; raise warning 'w'; end$$`

describe('notices and encodings', () => {
  const suite = wireSuite()

  suite.case('a notice comes to its own client, before the tag', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    expect(await a.query('drop table if exists nosuch')).toEqual([
      'N NOTICE 00000 table "nosuch" does not exist, skipping',
      'C DROP TABLE',
      'Z I',
    ])
    expect(await b.query('select')).toEqual(['T []', 'D []', 'C SELECT 1', 'Z I'])
  })

  suite.case('client_min_messages filters for its own client', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    for (const level of ['debug1', 'log', 'notice', 'warning', 'error']) {
      await a.query(`set client_min_messages = ${level}`)
      await a.query(RAISE)
    }
    await b.query(RAISE)
    const c = await stage.connect('c', { parameters: { options: '-c client_min_messages=warning' } })
    await c.query(RAISE)
  })

  suite.case('a notice carries all its fields', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`do $$begin raise notice 'm %', 1 using detail = 'd', hint = 'h', errcode = 'ZZ001',
      table = 't', column = 'c', constraint = 'k', datatype = 'y', schema = 's'; end$$`)
    await a.query(
      `create function f() returns int language plpgsql as $$begin raise warning 'inside'; return 1; end$$`,
    )
    await a.query('select f() from generate_series(1, 2)')
    await a.exchange(m.extended('select f()'), m.extended('select 2'), m.sync())
  })

  suite.case('notices of implicit work: serial keys, cascades, truncated names', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (id serial primary key); create view v as select * from t')
    await a.query('drop table t cascade')
    await a.query(`select 1 as ${'c'.repeat(70)}`)
    await a.query('create table if not exists u (n int); create table if not exists u (n int)')
    await a.query('begin; begin; commit; commit')
    await a.query(`select E'\\q', 'a\\b'`)
  })

  suite.case('a thousand notices of one statement all come', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`do $$begin for n in 1..1000 loop raise notice 'number %', n; end loop; end$$`)
    await a.query('select 1')
  })

  suite.case('client_encoding LATIN1 translates both ways, for its client alone', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`set client_encoding = 'LATIN1'`)
    await a.exchange(
      m.frame('Q', Buffer.from(`create table t as select '\u00e9\u00fc' as "\u00e4"\0`, 'latin1')),
    )
    await a.query('select * from t')
    await b.query('select *, octet_length("\u00e4") from t')
    await b.query(`insert into t values ('\u20ac')`)
    await a.query('select * from t')
    await a.exchange(
      m.parse('select $1::text, length($1::text)'),
      m.bind({ values: [Buffer.from([0xe9])] }),
      m.execute(),
      m.sync(),
    )
    await a.exchange(
      m.parse('select $1::text'),
      m.bind({ values: [Buffer.from([0xe9])], formats: [1], resultFormats: [1] }),
      m.execute(),
      m.sync(),
    )
    await a.query('reset client_encoding; select * from t')
  })

  suite.case('client_encoding at start-up, in errors, and in COPY', async (stage) => {
    const a = await stage.connect('a', { parameters: { client_encoding: 'LATIN1' } })
    await a.exchange(m.frame('Q', Buffer.from('select "\u00e9"\0', 'latin1')))
    await a.query('create table t (x text)')
    await a.exchange(
      m.query('copy t from stdin'),
      m.copyData(Buffer.from('\u00e9\n', 'latin1')),
      m.copyDone(),
    )
    await a.query('select octet_length(x) from t; copy t to stdout')
    const b = await stage.connect('b')
    await b.query('copy t to stdout')
    await stage.attempt('c', { parameters: { client_encoding: 'nosuch' } })
  })

  suite.case('other encodings, and those that there are not', async (stage) => {
    const a = await stage.connect('a')
    for (const encoding of ['SQL_ASCII', 'WIN1252', 'EUC_JP', 'KOI8R', 'UTF8', 'nosuch', 'unicode']) {
      await a.query(`set client_encoding = '${encoding}'`)
      await a.query(`select U&'\\00e9'`)
      await a.query('reset client_encoding')
    }
    await a.query(`set names 'LATIN9'; show client_encoding`)
  })

  suite.case('every encoding has the characters that it has, and no others', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`create function attempt(code text) returns text language plpgsql as $$
      declare found text; begin execute 'select ' || code into found; return found;
      exception when others then return sqlstate || sqlerrm; end$$`)
    const names = await a.values(`select name from generate_series(1, 41) e, pg_encoding_to_char(e) name
      where name not in ('UTF8', 'MULE_INTERNAL')`)
    for (const [name] of names) {
      await a.query(`select md5(string_agg(attempt(format('convert_to(chr(%s), %L)', n, '${name}')), ','))
        from generate_series(161, 55000, 211) n`)
      const call = `format($q$convert_from('\\x%s%s30', %L)$q$, to_hex(n), to_hex(m), '${name}')`
      await a.query(`select md5(string_agg(attempt(${call}), ','))
        from generate_series(128, 255, 5) n, generate_series(48, 255, 31) m`)
    }
  })

  suite.case(
    'DateStyle, TimeZone and IntervalStyle print each client\u2019s values its way',
    async (stage) => {
      const styles = [
        [
          `set datestyle = 'SQL, DMY'`,
          `set timezone = 'America/New_York'`,
          `set intervalstyle = 'postgres_verbose'`,
        ],
        [`set datestyle = 'German'`, `set timezone = 'Asia/Kolkata'`, `set intervalstyle = 'iso_8601'`],
        [`set datestyle = 'Postgres'`, `set timezone = 'UTC'`, `set intervalstyle = 'sql_standard'`],
        [`set datestyle = 'ISO'`, `set timezone = '+3'`, `set intervalstyle = 'postgres'`],
      ]
      const clients = await Promise.all(styles.map((_, at) => stage.connect(`c${at}`)))
      for (const [at, client] of clients.entries()) {
        for (const sql of styles[at] ?? []) await client.query(sql)
      }
      const values = `select '2026-07-08 09:10:11.5+00'::timestamptz, '2026-07-08'::date, '01/02/2026'::date,
      interval '1 year 2 mons -3 days 04:05:06', '12:00'::timetz at time zone 'UTC' is not null`
      for (const client of clients) await client.query(values)
      for (const client of clients) await client.exchange(m.extended(values), m.sync())
    },
  )

  suite.case('a time zone abbreviation, and one that does not exist', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`set timezone = 'Mars/Olympus'`)
    await a.query(`select '2026-01-01 00:00 EST'::timestamptz at time zone 'UTC'`)
    await a.query(`select '2026-01-01 00:00 Europe/Berlin'::timestamptz at time zone 'UTC'`)
    await a.query(`set datestyle = 'nonsense'`)
  })
})
