/** Advisory locks: of sessions and transactions, shared and exclusive, waited for or tried, between two clients. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

const TRY = 'select pg_try_advisory_lock(1)'

/** A function that notes that it has begun, and whether it has got lock 1 or has caught one of `conditions`. */
const notingLock = (conditions: string): string => `create table notes (note text);
  create function note_lock() returns text language plpgsql as $$begin
    insert into notes values ('begun');
    begin
      perform pg_advisory_lock(1);
      insert into notes values ('locked');
    exception when ${conditions} then
      insert into notes values ('caught');
    end;
    return 'done';
  end$$`

describe('advisory locks', () => {
  const suite = wireSuite()

  suite.case('an exclusive lock keeps the other client out, not its own', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('select pg_advisory_lock(1)')
    expect((await b.query(TRY)).slice(1)).toEqual(['D ["f"]', 'C SELECT 1', 'Z I'])
    expect((await a.query(TRY)).slice(1)).toEqual(['D ["t"]', 'C SELECT 1', 'Z I'])
    await a.query('select pg_advisory_unlock(1)')
    expect((await b.query(TRY)).slice(1)).toEqual(['D ["f"]', 'C SELECT 1', 'Z I'])
    await a.query('select pg_advisory_unlock(1)')
    expect((await b.query(TRY)).slice(1)).toEqual(['D ["t"]', 'C SELECT 1', 'Z I'])
    await a.query('select pg_advisory_unlock(1)')
  })

  suite.case('whoever waits for a lock gets it when it is released', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('select pg_advisory_lock(1)')
    await b.launch('select pg_advisory_lock(1)')
    await stage.isBlocked(b)
    await a.query('select pg_advisory_unlock(1)')
    await b.ready()
    await a.query(TRY)
  })

  suite.case('whoever waits gets it when the holder leaves', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('select pg_advisory_lock(1)')
    await b.launch('select pg_advisory_lock(1)')
    await stage.isBlocked(b)
    a.socket.destroy()
    await b.ready()
  })

  suite.case('shared locks share, and keep exclusive ones out', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    const c = await stage.connect('c')
    await a.query('select pg_advisory_lock_shared(1)')
    await b.query('select pg_try_advisory_lock_shared(1)')
    await c.query(TRY)
    await a.query('select pg_advisory_unlock(1)')
    await a.query('select pg_advisory_unlock_shared(1)')
    await c.query(TRY)
    await b.query('select pg_advisory_unlock_shared(1)')
    await c.query(TRY)
    await a.query('select pg_try_advisory_lock_shared(1)')
  })

  suite.case('a lock of a transaction ends with it, by commit or rollback', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('begin; select pg_advisory_xact_lock(1); commit')
    await b.query(TRY)
    await b.query('select pg_advisory_unlock(1)')
    await a.query('begin; select pg_advisory_xact_lock(1); rollback')
    await b.query(TRY)
    await a.query('select pg_try_advisory_xact_lock(1)')
    await b.query('select pg_advisory_unlock(1)')
    await a.query('select pg_try_advisory_xact_lock(1)')
    await a.query('select pg_advisory_unlock(1)')
    await b.query(TRY)
  })

  suite.case('a lock of a session outlives a rollback', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('begin; select pg_advisory_lock(1); rollback')
    await b.query(TRY)
    await a.query('select pg_advisory_unlock(1)')
    await b.query(TRY)
  })

  suite.case('keys of one bigint and of two ints are different spaces', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('select pg_advisory_lock(1), pg_advisory_lock(-9223372036854775808)')
    await b.query('select pg_try_advisory_lock(0, 1), pg_try_advisory_lock(1), pg_try_advisory_lock(2, 0)')
    await a.query('select pg_try_advisory_lock(0, 1), pg_try_advisory_lock(-1, -1)')
    await b.query('select pg_advisory_unlock(0, 1), pg_advisory_unlock(2, 0)')
    await a.query('select pg_try_advisory_lock(0, 1)')
  })

  suite.case('an unlock of what is not held warns and answers false', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await b.query('select pg_advisory_lock(1)')
    expect((await a.query('select pg_advisory_unlock(1)')).slice(0, 3)).toEqual([
      'T [pg_advisory_unlock 16/1/-1]',
      "N WARNING 01000 you don't own a lock of type ExclusiveLock",
      'D ["f"]',
    ])
    await a.query('select pg_advisory_unlock_shared(7, 8)')
    await b.query('select pg_advisory_unlock(1)')
  })

  suite.case('unlock all releases the own locks of a session alone', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('select pg_advisory_lock(1), pg_advisory_lock(1), pg_advisory_lock_shared(2)')
    await b.query('select pg_advisory_lock(3)')
    await a.query('select pg_advisory_unlock_all()')
    await b.query('select pg_try_advisory_lock(1), pg_try_advisory_lock(2)')
    await a.query('select pg_try_advisory_lock(3)')
  })

  suite.case('discard all releases them, and so does leaving', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('select pg_advisory_lock(1)')
    await a.query('discard all')
    await b.query(TRY)
    await b.terminate()
    await stage.until('select pg_try_advisory_lock(1)')
    await stage.sql('select pg_advisory_unlock(1)')
    await a.query(TRY)
  })

  suite.case('lock_timeout ends the wait for a lock with 55P03', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('select pg_advisory_lock(1)')
    await b.query(`set lock_timeout = '400ms'`)
    await b.query('select pg_advisory_lock(1)')
    await a.query('select pg_advisory_unlock(1)')
    await b.query('select pg_advisory_lock(1)')
  })

  suite.case('statement_timeout and a cancel end the wait for a lock', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('select pg_advisory_lock(1)')
    await b.query(`set statement_timeout = '400ms'`)
    await b.query('select pg_advisory_lock(1)')
    await b.query('set statement_timeout = 0')
    await b.launch('select pg_advisory_lock(1)')
    await stage.isBlocked(b)
    await b.cancel()
    await b.ready()
    await a.query('select pg_advisory_unlock(1)')
    await b.query(TRY)
  })

  suite.case(
    'a handler of cancels and a handler of all else do not see that a lock is waited for',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query(notingLock('query_canceled or others'))
      await a.query('select pg_advisory_lock(1)')
      await b.launch('select note_lock()')
      await stage.isBlocked(b)
      await a.query('select pg_advisory_unlock(1)')
      await b.ready()
      await a.query('table notes')
      await b.query('select pg_advisory_unlock(1)')
    },
  )

  suite.case(
    'what a handler has gone on from is not run again',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query(notingLock('assert_failure'))
      await a.query('select pg_advisory_lock(1)')
      await b.launch('select note_lock()')
      if (stage.features.isConcurrent) await stage.isBlocked(b)
      else await b.ready()
      await a.query('select pg_advisory_unlock(1)')
      if (stage.features.isConcurrent) await b.ready()
      await a.query('table notes')
      await b.launch('select pg_try_advisory_lock(1)')
      await b.ready()
    },
    {
      oneBackend: {
        reason: 'a statement that is to wait ends with a failed assertion, which can be caught by its name',
        expectation: (lines) =>
          expect(
            lines.slice(lines.indexOf('a> table notes')).filter((line) => line.includes('a< D')),
          ).toEqual(['a< D ["begun"]', 'a< D ["caught"]']),
      },
    },
  )

  suite.case(
    'what a block has committed before it asks for a lock is not done again',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('create table notes (note text)')
      await a.query('select pg_advisory_lock(1)')
      await b.launch(
        `do $$begin insert into notes values ('begun'); commit; perform pg_advisory_lock(1); end$$`,
      )
      if (stage.features.isConcurrent) await stage.isBlocked(b)
      else await b.ready()
      await a.query('select pg_advisory_unlock(1)')
      if (stage.features.isConcurrent) await b.ready()
      await a.query('table notes')
    },
    {
      oneBackend: {
        reason: 'nothing can wait inside the backend, and what is committed cannot be run again',
        expectation: (lines) => {
          expect(lines).toContainEqual(expect.stringContaining('b< E ERROR 55P03 could not obtain'))
          expect(lines.filter((line) => line.includes('"begun"'))).toHaveLength(1)
        },
      },
    },
  )

  suite.case(
    'what a handler has gone on from in a transaction that is still open waits nevertheless',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query(notingLock('assert_failure'))
      for (const isExtended of [false, true]) {
        await a.query('select pg_advisory_lock(1)')
        if (isExtended) await b.send(m.extended('select note_lock()'), m.flush())
        else await b.launch('begin; select note_lock()')
        await stage.isBlocked(b)
        await a.query('select pg_advisory_unlock(1)')
        if (isExtended) await b.take(5)
        else await b.ready()
        await b.exchange(isExtended ? m.sync() : m.query('commit'))
        await a.query('table notes')
        await b.query('select pg_advisory_unlock(1)')
      }
    },
  )

  suite.case(
    'what a handler has gone on from is not answered when the wait is cancelled',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query(notingLock('assert_failure'))
      await a.query('select pg_advisory_lock(1)')
      await b.launch('begin; select note_lock()')
      await stage.isBlocked(b)
      await b.cancel()
      await b.ready()
      await b.query('rollback')
      await b.send(m.extended('select note_lock()'), m.flush())
      await stage.isBlocked(b)
      await b.cancel()
      await b.until('E')
      await b.exchange(m.sync())
      await a.query('table notes')
    },
    {
      oneBackend: {
        reason: 'whoever waits has been undone with his BEGIN: a cancel leaves no failed transaction behind',
        expectation: (lines) => {
          const ofB = lines.filter((line) => line.startsWith('b< '))
          expect(ofB.filter((line) => line.startsWith('b< E '))).toEqual(
            Array.from({ length: 2 }, () => 'b< E ERROR 57014 canceling statement due to user request'),
          )
          expect(ofB.filter((line) => line.startsWith('b< D '))).toEqual([])
          expect(ofB.slice(0, 4).at(-1)).toBe('b< Z I')
          expect(lines.slice(-2)).toEqual(['a< C SELECT 0', 'a< Z I'])
        },
      },
    },
  )

  suite.case('a handler of failed assertions that asks again and again waits for the lock', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    const attempt = 'begin perform pg_advisory_lock(1); exit; exception when assert_failure then null; end'
    await a.query('select pg_advisory_lock(1)')
    await b.launch(`do $$begin loop ${attempt}; end loop; end$$`)
    await stage.isBlocked(b)
    await a.query('select pg_advisory_unlock(1)')
    await b.ready()
    await a.query(TRY)
    await b.query('select pg_advisory_unlock(1)')
  })

  suite.case('locks are taken through prepared statements and with parameters', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.exchange(m.parse('select pg_try_advisory_lock($1::bigint)', 's'), m.sync())
    await a.exchange(m.bind({ statement: 's', values: ['5'] }), m.execute(), m.sync())
    await b.exchange(m.extended('select pg_try_advisory_lock($1::bigint)', ['5']), m.sync())
    await b.query('prepare l (bigint) as select pg_try_advisory_lock($1); execute l(5); execute l(6)')
    await a.exchange(m.bind({ statement: 's', values: ['6'] }), m.execute(), m.sync())
  })

  suite.case(
    'a lock of an open transaction keeps others out until it ends',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('begin; select pg_advisory_xact_lock(1)')
      await b.launch(TRY)
      if (stage.features.isConcurrent) await b.ready()
      await a.query('commit')
      if (!stage.features.isConcurrent) await b.ready()
    },
    {
      oneBackend: {
        reason: 'the other client waits for the transaction to end, and then the lock is free',
        expectation: (lines) => expect(lines.slice(-3)).toEqual(['b< D ["t"]', 'b< C SELECT 1', 'b< Z I']),
      },
    },
  )

  suite.case(
    'two clients that wait for each other are told of the deadlock',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      for (const client of [a, b]) await client.query(`set deadlock_timeout = '20ms'`)
      stage.mask(/[Pp]rocess \d+/g, 'process N')
      stage.mask(/database \d+/g, 'database N')
      await a.query('select pg_advisory_lock(1)')
      await b.query(`select pg_advisory_lock(2); set deadlock_timeout = '1h'`)
      await b.launch('select pg_advisory_lock(1)')
      await stage.isBlocked(b)
      await a.query('select pg_advisory_lock(2)')
      await a.query('select pg_advisory_unlock_all()')
      await b.ready()
    },
    {
      oneBackend: {
        reason: 'whoever would close the circle may be refused with 40P01 by the host in its own words',
        expectation: (lines) => {
          expect(lines.some((line) => line.startsWith('a< E ERROR 40P01 '))).toBe(true)
          expect(lines.slice(-2)).toEqual(['b< C SELECT 1', 'b< Z I'])
        },
      },
    },
  )

  suite.case('pg_locks shows advisory locks with their keys and holders', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('select pg_advisory_lock(4294967298), pg_advisory_lock_shared(3, 4)')
    stage.maskPid(a)
    await b.query(`select l.classid, l.objid, l.objsubid, l.mode, l.granted, l.pid = ${a.pid} as of_a
      from pg_locks l where locktype = 'advisory' and database = (select oid from pg_database
      where datname = current_database()) order by 1`)
  })
})
