/** Pipelines: many messages before one Sync, Flush without it, errors that skip to it, implicit transactions. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

describe('pipelines', () => {
  const suite = wireSuite()

  suite.case('many statements before one Sync are answered in order', async (stage) => {
    const a = await stage.connect('a')
    const lines = await a.exchange(m.extended('select 1 as a'), m.extended('select 2 as b'), m.sync())
    expect(lines).toEqual([
      ...['1', '2', 'T [a 23/4/-1]', 'D ["1"]', 'C SELECT 1'],
      ...['1', '2', 'T [b 23/4/-1]', 'D ["2"]', 'C SELECT 1'],
      'Z I',
    ])
    await a.exchange(
      ...Array.from({ length: 200 }, (_, n) => m.extended('select $1::int', [String(n)])),
      m.sync(),
    )
  })

  suite.case('an error skips everything up to Sync, and later pipelines are whole', async (stage) => {
    const a = await stage.connect('a')
    await a.send(
      ...[m.extended('select 1'), m.extended('select 1/0'), m.extended('select 2'), m.closeStatement('x')],
      ...[m.flush(), m.describeStatement('nosuch'), m.sync()],
      ...[m.extended('select 3'), m.sync(), m.extended('nonsense'), m.sync(), m.query('select 4')],
    )
    for (let round = 0; round < 4; round += 1) await a.ready()
  })

  suite.case(
    'errors and notices do not wait for a Sync, and nor does what stands before them',
    async (stage) => {
      const a = await stage.connect('a')
      await a.send(m.extended('select 1'), m.extended('select 1/0'))
      await a.until('E')
      await a.exchange(m.extended('nonsense'), m.flush(), m.sync())
      await a.send(m.parse('nonsense'))
      await a.take(1)
      await a.exchange(m.sync())
      await a.send(m.extended(`do $$begin raise notice 'x'; end$$`))
      await a.until('N')
      await a.exchange(m.sync())
      // Half a message behind it is no reason to wait.
      await a.socket.write(Buffer.concat([m.extended('select 1/0'), m.query('select 1').subarray(0, 8)]))
      await a.until('E')
      await a.socket.write(m.query('select 1').subarray(8))
      await a.exchange(m.sync())
      const b = await stage.connect('b')
      await b.send(m.extended('select 1/0'), m.terminate())
      await b.closed()
    },
  )

  suite.case(
    'an error in the pipeline of one client leaves another\u2019s alone',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.send(m.extended('select 1/0'))
      await b.send(m.extended('select 2'), m.sync())
      if (stage.features.isConcurrent) await b.ready()
      await a.exchange(m.extended('select 3'), m.sync())
      if (!stage.features.isConcurrent) await b.ready()
      await b.query('select 4')
    },
    {
      oneBackend: {
        reason: 'a pipeline holds the backend to its Sync, also when it has failed',
        expectation: (lines) => {
          expect(lines.filter((line) => line.startsWith('a< D'))).toEqual([])
          expect(lines.filter((line) => line.startsWith('b< D'))).toEqual(['b< D ["2"]', 'b< D ["4"]'])
          expect(lines.filter((line) => line.startsWith('b< E'))).toEqual([])
        },
      },
    },
  )

  suite.case('Flush brings the answers of its own client', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.send(m.parse('select 1'), m.describeStatement(), m.flush())
    await a.take(3)
    await a.exchange(m.sync())
    await b.send(m.parse('select 2'), m.flush())
    expect(await b.take(1)).toEqual(['1'])
    await b.exchange(m.bind(), m.execute(), m.sync())
  })

  suite.case(
    'Parse and Flush of two clients, then Execute of both',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.send(m.parse(`select 'a'`), m.flush())
      await a.take(1)
      await b.send(m.parse(`select 'b'`), m.flush())
      if (stage.features.isConcurrent) await b.take(1)
      await a.exchange(m.bind(), m.execute(), m.sync())
      if (!stage.features.isConcurrent) await b.take(1)
      await b.exchange(m.bind(), m.execute(), m.sync())
    },
    {
      oneBackend: {
        reason: 'a pipeline holds the backend from its first message to its Sync',
        expectation: (lines) => {
          expect(lines.filter((line) => line.startsWith('a< D'))).toEqual(['a< D ["a"]'])
          expect(lines.filter((line) => line.startsWith('b< D'))).toEqual(['b< D ["b"]'])
        },
      },
    },
  )

  suite.case('the statements before one Sync are one transaction', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create table t (n int primary key)')
    await a.exchange(m.extended('insert into t values (1)'), m.extended('insert into t values (1)'), m.sync())
    await b.query('select count(*) from t')
    await a.exchange(
      m.extended('insert into t values (1)'),
      m.sync(),
      m.extended('insert into t values (1)'),
      m.sync(),
    )
    await a.ready()
    await b.query('select count(*) from t')
  })

  suite.case('BEGIN and COMMIT in a pipeline change what Sync means', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (n int)')
    await a.exchange(
      m.extended('insert into t values (1)'),
      m.extended('begin'),
      m.extended('insert into t values (2)'),
      m.sync(),
    )
    await a.exchange(m.extended('insert into t values (3)'), m.sync())
    await a.exchange(m.extended('rollback'), m.sync())
    await a.query('select n from t')
    await a.exchange(
      m.extended('begin'),
      m.extended('insert into t values (4)'),
      m.extended('commit'),
      m.extended('select 1/0'),
      m.sync(),
    )
    await a.query('select n from t')
    await a.exchange(
      m.extended('insert into t values (5)'),
      m.extended('commit'),
      m.extended('insert into t values (6)'),
      m.extended('rollback'),
      m.sync(),
    )
    await a.query('select n from t order by n')
    await a.exchange(m.extended('savepoint s'), m.sync())
    await a.exchange(m.extended('select 1'), m.extended('savepoint s'), m.sync())
  })

  suite.case('a failed transaction answers 25P02 until it is ended', async (stage) => {
    const a = await stage.connect('a')
    await a.query('begin')
    await a.exchange(m.extended('select 1/0'), m.sync())
    await a.exchange(m.extended('select 1'), m.sync())
    await a.exchange(m.parse('select 1', 's'), m.sync())
    await a.exchange(
      m.parse('rollback', 'r'),
      m.describeStatement('r'),
      m.bind({ statement: 'r' }),
      m.execute(),
      m.sync(),
    )
    await a.query('begin; select 1/0')
    await a.exchange(m.extended('commit'), m.sync())
    await a.exchange(m.describeStatement('r'), m.bind({ statement: 'r' }), m.execute(), m.sync())
  })

  suite.case('several Syncs without anything between are each answered', async (stage) => {
    const a = await stage.connect('a')
    await a.send(m.sync(), m.sync(), m.flush(), m.sync())
    for (let round = 0; round < 3; round += 1) await a.ready()
    await a.exchange(m.closeStatement('nosuch'), m.closePortal(), m.sync())
  })

  suite.case('a simple query after a pipeline without Sync is in its transaction', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await b.query('create table t (n int)')
    await a.send(m.extended('insert into t values (1)'), m.query('select count(*) from t'))
    await a.ready()
    await a.exchange(m.sync())
    await b.query('select n from t')
  })

  suite.case('a simple query after an error in a pipeline is skipped, too', async (stage) => {
    const a = await stage.connect('a')
    await a.send(m.extended('select 1/0'), m.query('select 5'), m.sync(), m.query('select 6'))
    await a.ready()
    await a.ready()
  })

  suite.case('an unfinished pipeline is rolled back when its client leaves', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await b.query('create table t (n int)')
    await a.send(m.extended('insert into t values (1)'), m.flush())
    await a.until('C')
    a.socket.destroy()
    await b.query('lock table t; select 1')
    await b.query('begin; lock table t; select count(*) from t; commit')
  })

  suite.case('an unfinished pipeline that is terminated is rolled back, too', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await b.query('create table t (n int)')
    await a.send(m.extended('insert into t values (1)'), m.flush())
    await a.until('C')
    await a.terminate()
    await b.query('begin; lock table t; select count(*) from t; commit')
  })

  suite.case('empty statements, and messages without the ones before', async (stage) => {
    const a = await stage.connect('a')
    await a.exchange(m.extended(''), m.sync())
    await a.exchange(m.extended('   -- only a comment\n ;'), m.sync())
    await a.exchange(m.execute('nosuch'), m.sync())
    await a.exchange(m.bind({ statement: 'nosuch' }), m.sync())
    await a.exchange(m.execute(), m.sync())
    await a.exchange(m.bind(), m.sync())
  })

  suite.case('commands that need to be alone are refused after others', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (n int)')
    await a.exchange(m.extended('vacuum t'), m.sync())
    await a.exchange(m.extended('insert into t values (1)'), m.extended('vacuum t'), m.sync())
    await a.exchange(m.extended('vacuum t'), m.extended('insert into t values (2)'), m.sync())
    await a.exchange(m.extended('create index concurrently on t (n)'), m.sync())
    await a.query('select count(*) from t')
  })

  suite.case('a pipeline that sets and shows, prepares and executes', async (stage) => {
    const a = await stage.connect('a')
    await a.exchange(
      m.extended(`set local work_mem = '7MB'`),
      m.extended('show work_mem'),
      m.parse('select $1::int * 2', 's'),
      m.bind({ statement: 's', values: ['2'] }),
      m.execute(),
      m.bind({ statement: 's', values: ['3'], portal: 'p' }),
      m.describePortal('p'),
      m.execute('p'),
      m.closePortal('p'),
      m.closeStatement('s'),
      m.sync(),
    )
    await a.query('show work_mem')
  })

  suite.case('a thousand inserts in a pipeline, with an error at the end of it', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (n int)')
    await a.exchange(m.parse('insert into t values ($1)', 'i'), m.sync())
    const inserts = Array.from({ length: 1_000 }, (_, n) => [
      m.bind({ statement: 'i', values: [String(n)] }),
      m.execute(),
    ])
    await a.exchange(...inserts.flat(), m.sync())
    await a.query('select count(*), sum(n) from t')
    await a.exchange(...inserts.flat(), m.bind({ statement: 'i', values: ['x'] }), m.execute(), m.sync())
    await a.query('select count(*), sum(n) from t')
  })
})
