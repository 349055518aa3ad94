/** currval, lastval and cached values of sequences: each session has its own. */

import { describe, expect } from 'vitest'
import { wireSuite } from '../support/wire/wire-suite.ts'

describe('sequences', () => {
  const suite = wireSuite()

  suite.case('currval and lastval are those of the own session', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create sequence s; create sequence u start 100')
    expect(await b.query(`select currval('s')`)).toEqual([
      'T [currval 20/8/-1]',
      'E ERROR 55000 currval of sequence "s" is not yet defined in this session',
      'Z I',
    ])
    await a.query(`select nextval('s'), nextval('s')`)
    await b.query(`select nextval('s')`)
    await a.query(`select currval('s'), lastval()`)
    await b.query(`select currval('s'), lastval()`)
    await b.query(`select nextval('u')`)
    await a.query('select lastval()')
    await b.query(`select lastval(), currval('s')`)
    await a.query(`select currval('u')`)
  })

  suite.case('lastval is undefined until nextval was called', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`create sequence s; select nextval('s')`)
    await b.query('select lastval()')
    await b.query(`select setval('s', 50)`)
    await b.query('select lastval()')
    await b.query(`select currval('s')`)
    await a.query(`select currval('s'), nextval('s')`)
  })

  suite.case('values that were drawn are not given back by a rollback', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create sequence s')
    await a.query(`begin; select nextval('s'); rollback`)
    await a.query(`select currval('s')`)
    await b.query(`select nextval('s')`)
    await a.query(`select currval('s'), lastval()`)
  })

  suite.case('a cache of values belongs to its session', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create sequence s cache 10')
    await a.query(`select nextval('s')`)
    await b.query(`select nextval('s')`)
    await a.query(`select nextval('s')`)
    await b.query(`select nextval('s')`)
    await a.query('discard sequences')
    await a.query(`select nextval('s')`)
    await b.query(`select nextval('s')`)
  })

  suite.case('serial and identity columns give currval through their sequence', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create table t (id serial, other int generated always as identity, x text)')
    await a.query(`insert into t (x) values ('a') returning id, other`)
    await b.query(`insert into t (x) values ('b') returning id, other`)
    await a.query(`select currval(pg_get_serial_sequence('t', 'id')), lastval()`)
    await b.query(`select currval(pg_get_serial_sequence('t', 'other')), lastval()`)
  })

  suite.case('a dropped, renamed or altered sequence', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`create sequence s; select nextval('s')`)
    await b.query('alter sequence s rename to r; alter sequence r increment 5')
    await a.query(`select currval('r'), nextval('r'), lastval()`)
    await b.query('drop sequence r')
    await a.query('select lastval()')
    await b.query(`create sequence r start 7`)
    await a.query(`select currval('r')`)
    await a.query(`select nextval('r'), lastval()`)
  })

  suite.case('restart by one is seen by the other', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`create sequence s; select nextval('s') from generate_series(1, 5)`)
    await b.query('alter sequence s restart with 100')
    await a.query(`select nextval('s'), currval('s')`)
    await b.query(`select last_value, is_called from s`)
    await a.query(`select setval('s', 7, false), nextval('s')`)
  })

  suite.case('a new session starts without a current value', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`create sequence s; select nextval('s')`)
    await a.terminate()
    const b = await stage.connect('b')
    await b.query(`select currval('s')`)
    await b.query('select lastval()')
    await b.query(`select nextval('s')`)
  })
})
