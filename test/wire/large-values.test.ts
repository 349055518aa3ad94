/**
 * Values that are large, results that are long, and readers that are slow. Sizes are a few MB; with
 * WARDIAN_WIRE_LARGE_MB=50 they are those of the specification.
 */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

const MEGABYTE = 1_048_576
const BYTES = Number(process.env['WARDIAN_WIRE_LARGE_MB'] ?? 3) * MEGABYTE
/**
 * For readers that do not read: many megabytes, and no more than a client of one backend may be behind with; beyond
 * that the backend stands still for it (docs/compatibility.md, "Encryption and bounds").
 */
const UNREAD_ROWS = Math.ceil(Math.min(BYTES * 4, 24 * MEGABYTE) / 100_000)
const LONG = { isOnce: true, timeoutMs: 300_000 }

describe('large values', () => {
  const suite = wireSuite()

  suite.case(
    'a parameter of many megabytes goes in and comes back',
    async (stage) => {
      const a = await stage.connect('a')
      const value = Buffer.alloc(BYTES, 'wardian ')
      await a.exchange(
        m.parse('select length($1::text), $1::text'),
        m.bind({ values: [value] }),
        m.execute(),
        m.sync(),
      )
      await a.query('select 1')
    },
    LONG,
  )

  suite.case(
    'a binary parameter and a binary result of many megabytes',
    async (stage) => {
      const a = await stage.connect('a')
      const value = Buffer.alloc(BYTES, Buffer.from([0, 1, 254, 255]))
      const bind = m.bind({ values: [value], formats: [1], resultFormats: [1] })
      await a.exchange(m.parse('select $1::bytea'), bind, m.execute(), m.sync())
    },
    LONG,
  )

  suite.case(
    'a simple query of many megabytes',
    async (stage) => {
      const a = await stage.connect('a')
      await a.socket.write(m.query(`select length('${'x'.repeat(BYTES)}')`))
      await a.ready()
      await a.socket.write(m.query(`/* ${'c'.repeat(BYTES)} */ selec`))
      const [error = ''] = await a.ready()
      expect(error.slice(0, 13)).toBe('E ERROR 42601')
    },
    LONG,
  )

  suite.case(
    'a value is stored, compressed and toasted, and read by another client',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('create table t (id int, x text)')
      const value = Buffer.alloc(BYTES, '0123456789abcdef')
      await a.exchange(
        m.parse('insert into t values (1, $1)'),
        m.bind({ values: [value] }),
        m.execute(),
        m.sync(),
      )
      await b.query('select id, length(x), md5(x), x from t')
      await b.query('copy t to stdout')
    },
    LONG,
  )

  suite.case(
    'a row of COPY of many megabytes, in pieces of all sizes',
    async (stage) => {
      const a = await stage.connect('a')
      await a.query('create table t (x text)')
      await a.send(m.query('copy t from stdin'))
      await a.take(1)
      const piece = Buffer.alloc(MEGABYTE / 4, 'row ')
      for (let sent = 0; sent < BYTES; sent += piece.length) await a.socket.write(m.copyData(piece))
      await a.exchange(m.copyData('\n'), m.copyDone())
      await a.query('select length(x), md5(x) from t')
    },
    LONG,
  )

  suite.case(
    'a hundred thousand rows, and the widest row there is',
    async (stage) => {
      const a = await stage.connect('a')
      await a.query(`select n, 'row ' || n, n * 0.5 from generate_series(1, 100000) n`)
      await a.query(`select ${Array.from({ length: 1_664 }, (_, n) => `${n} as c${n}`).join(', ')}`)
      await a.query(`select ${Array.from({ length: 1_665 }, (_, n) => n).join(', ')}`)
    },
    LONG,
  )

  suite.case(
    'as many parameters as there can be, and one more',
    async (stage) => {
      const a = await stage.connect('a')
      const numbers = Array.from({ length: 65_535 }, (_, n) => n + 1)
      const text = `select count(x) from unnest(array[${numbers.map((n) => `$${n}::int`).join(',')}]) x`
      await a.exchange(m.parse(text), m.bind({ values: numbers.map(String) }), m.execute(), m.sync())
      await a.exchange(m.parse('select $65536::int'), m.sync())
    },
    LONG,
  )

  suite.case(
    'a large result between small ones of other clients',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.launch(`select repeat('x', ${BYTES / 16}) from generate_series(1, 16)`)
      await b.query('select 1')
      await a.ready()
      await b.query('select 2')
    },
    LONG,
  )

  suite.case(
    'a client that does not read keeps nobody else waiting, and gets all in the end',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await b.query('select 0')
      a.socket.pause()
      await a.launch(`select n, repeat('x', 100000) from generate_series(1, ${UNREAD_ROWS}) n`)
      await b.query('select 1')
      await b.query('create table t (n int); select count(*) from t')
      a.socket.resume()
      await a.ready()
      await a.query('select 2')
    },
    LONG,
  )

  suite.case(
    'a client that never reads can be left alone, and ended',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      a.socket.pause()
      await a.launch(`select repeat('x', 100000) from generate_series(1, ${UNREAD_ROWS}) n`)
      await b.query('select 1')
      a.socket.reset()
      await b.query('select 2')
    },
    LONG,
  )

  suite.case('results that cannot be: too large for a value', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`select repeat('x', 1100000000)`)
    await a.query('select 1')
  })
})
