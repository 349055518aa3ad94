/**
 * Two transactions at once, as native runs them, and one after the other, as one backend must: what is seen, who
 * waits, who fails. Invariants hold in both; where the scripts differ, the promise for one backend is written out.
 */

import { describe, expect } from 'vitest'
import type { WireClient } from '../support/wire/wire-client.ts'
import type { WireStage } from '../support/wire/wire-stage.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

const WAITS = 'a second transaction waits until the first has ended, then goes on'

/**
 * Runs `second` of b while a's transaction is open, and then `first` of a. On one backend b's statements are sent,
 * and answered when a has ended.
 */
async function interleave(
  stage: WireStage,
  {
    a,
    b,
    first,
    second,
  }: { a: WireClient; b: WireClient; first: readonly string[]; second: readonly string[] },
): Promise<void> {
  if (stage.features.isConcurrent) for (const sql of second) await b.query(sql)
  else for (const sql of second) await b.launch(sql)
  for (const sql of first) await a.query(sql)
  if (!stage.features.isConcurrent) for (let n = 0; n < second.length; n += 1) await b.ready()
}

const rowsOf = (lines: readonly string[], name: string): string[] =>
  lines.filter((line) => line.startsWith(`${name}< D `)).map((line) => line.slice(name.length + 4))
const errorsOf = (lines: readonly string[]): string[] => lines.filter((line) => line.includes('< E '))

describe('anomalies', () => {
  const suite = wireSuite()

  suite.case(
    'what another has not committed is not read',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('create table t (n int); insert into t values (1)')
      await a.query('begin; update t set n = 2')
      await interleave(stage, { a, b, first: ['rollback'], second: ['select n from t'] })
    },
    {
      oneBackend: { reason: WAITS, expectation: (lines) => expect(rowsOf(lines, 'b')).toEqual(['["1"]']) },
    },
  )

  suite.case(
    'what another commits in the middle is read, or comes after',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('create table t (n int); insert into t values (1)')
      await a.query('begin; select n from t')
      const first = ['select n from t', 'commit', 'select n from t']
      await interleave(stage, { a, b, first, second: ['update t set n = 2'] })
      if (!stage.features.isConcurrent) await a.query('select n from t')
    },
    {
      oneBackend: {
        reason: 'another session never commits in the middle of a transaction: every one is repeatable',
        expectation: (lines) => {
          expect(rowsOf(lines, 'a').slice(0, 2)).toEqual(['["1"]', '["1"]'])
          expect(rowsOf(lines, 'a').at(-1)).toBe('["2"]')
        },
      },
    },
  )

  suite.case(
    'a repeatable read transaction keeps its snapshot',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('create table t (n int); insert into t values (1)')
      await a.query('begin isolation level repeatable read; select count(*) from t')
      await interleave(stage, {
        a,
        b,
        first: ['select count(*) from t', 'commit'],
        second: ['insert into t values (2)'],
      })
      await a.query('select count(*) from t')
    },
    {
      oneBackend: {
        reason: WAITS,
        expectation: (lines) => expect(rowsOf(lines, 'a')).toEqual(['["1"]', '["1"]', '["2"]']),
      },
    },
  )

  suite.case('two updates of one row: the second waits for the first', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create table t (n int); insert into t values (1)')
    await a.query('begin; update t set n = n + 10')
    await b.launch('update t set n = n + 100')
    await stage.isBlocked(b)
    await a.query('commit')
    await b.ready()
    await b.query('select n from t')
  })

  suite.case('a lock on a table is waited for', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create table t (n int); insert into t values (1)')
    await a.query('begin; lock table t')
    await b.launch('select n from t')
    await stage.isBlocked(b)
    await a.query('insert into t values (2); commit')
    await b.ready()
  })

  suite.case('a unique key that another has inserted is waited for, and refused or taken', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('create table t (n int primary key)')
    for (const end of ['rollback', 'commit']) {
      await a.query('begin; insert into t values (1)')
      await b.launch('insert into t values (1); delete from t')
      await stage.isBlocked(b)
      await a.query(end)
      await b.ready()
    }
  })

  suite.case(
    'a lost update: read in two transactions, written in both',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('create table t (n int); insert into t values (0)')
      const transaction = async (client: WireClient): Promise<void> => {
        const [[n = null] = []] = await client.values('begin; select n from t')
        await client.values(`update t set n = ${Number(n) + 1}`)
        await client.values('commit')
      }
      if (stage.features.isConcurrent) {
        await a.query('begin; select n from t')
        await b.query('begin; select n from t')
        await a.query('update t set n = 0 + 1; commit')
        await b.query('update t set n = 0 + 1; commit')
      } else await Promise.all([transaction(a), transaction(b)])
      await a.query('select n from t')
    },
    {
      oneBackend: {
        reason: 'transactions are serial, so the second reads what the first has written',
        expectation: (lines) => expect(rowsOf(lines, 'a').at(-1)).toBe('["2"]'),
      },
    },
  )

  suite.case(
    'a lost update in repeatable read is refused by native, and cannot come up on one backend',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('create table t (n int); insert into t values (0)')
      await a.query('begin isolation level repeatable read; select n from t')
      const second = ['begin isolation level repeatable read; select n from t']
      await interleave(stage, { a, b, first: ['update t set n = n + 1; commit'], second })
      await b.query('update t set n = n + 1')
      await b.query('commit')
      await a.query('select n from t')
    },
    {
      oneBackend: {
        reason: 'transactions are serial: there is no 40001 to retry',
        expectation: (lines) => {
          expect(errorsOf(lines)).toEqual([])
          expect(rowsOf(lines, 'a').at(-1)).toBe('["2"]')
        },
      },
    },
  )

  suite.case(
    'write skew in serializable: one of two doctors stays on call',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query(`create table doctor (name text, is_on_call bool);
        insert into doctor values ('alice', true), ('bob', true)`)
      const begin = 'begin isolation level serializable; select count(*) from doctor where is_on_call'
      const leave = (name: string): string =>
        `update doctor set is_on_call = false where name = '${name}' and
          (select count(*) from doctor where is_on_call) > 1`
      await a.query(begin)
      await interleave(stage, {
        a,
        b,
        first: [leave('alice')],
        second: stage.features.isConcurrent ? [begin] : [],
      })
      if (!stage.features.isConcurrent) await b.launch(begin)
      await a.query('commit')
      if (!stage.features.isConcurrent) await b.ready()
      await b.query(leave('bob'))
      await b.query('commit')
      await a.query('select count(*) from doctor where is_on_call')
    },
    {
      oneBackend: {
        reason: 'transactions are serial: the second sees that it is the last on call',
        expectation: (lines) => {
          expect(errorsOf(lines)).toEqual([])
          expect(rowsOf(lines, 'a').at(-1)).toBe('["1"]')
        },
      },
    },
  )

  suite.case(
    'a deadlock on rows',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      stage.mask(/[Pp]rocess \d+/g, 'process N')
      stage.mask(/transaction \d+/g, 'transaction N')
      await a.query('create table t (id int primary key, n int); insert into t values (1, 0), (2, 0)')
      await a.query(`set deadlock_timeout = '20ms'`)
      await b.query(`set deadlock_timeout = '1h'`)
      await a.query('begin; update t set n = 1 where id = 1')
      const [one, two] = ['begin; update t set n = 2 where id = 2', 'update t set n = 2 where id = 1']
      if (stage.features.isConcurrent) await b.query(one)
      else await b.launch(one)
      await b.launch(two)
      await stage.isBlocked(b)
      await a.query('update t set n = 1 where id = 2')
      await a.query('commit')
      if (!stage.features.isConcurrent) await b.ready()
      await b.ready()
      await b.query('commit; select n from t order by id')
    },
    {
      oneBackend: {
        reason: 'there are no row locks between transactions, so no deadlock: the second waits and wins',
        expectation: (lines) => {
          expect(errorsOf(lines)).toEqual([])
          expect(rowsOf(lines, 'b')).toEqual(['["2"]', '["2"]'])
        },
      },
    },
  )

  suite.case(
    'for update, nowait and skip locked, against a row that another has locked',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('create table t (id int primary key); insert into t values (1), (2)')
      await a.query('begin; select id from t where id = 1 for update')
      const second = [
        'select id from t where id = 1 for update nowait',
        'select id from t order by id for update skip locked',
        'select id from t where id = 1 for no key update skip locked',
      ]
      await interleave(stage, { a, b, first: ['commit'], second })
    },
    {
      oneBackend: {
        reason:
          'NOWAIT and SKIP LOCKED wait, too, and then find nothing locked: a queue of jobs is still right',
        expectation: (lines) => {
          expect(errorsOf(lines)).toEqual([])
          expect(rowsOf(lines, 'b')).toEqual(['["1"]', '["1"]', '["2"]', '["1"]'])
        },
      },
    },
  )

  suite.case(
    'workers that take jobs with skip locked take each job once',
    async (stage) => {
      await stage.sql('create table job (id int primary key, done_by text)')
      await stage.sql('insert into job select n from generate_series(1, 40) n')
      const workers = await Promise.all(Array.from({ length: 4 }, (_, n) => stage.connect(`w${n}`)))
      const taken = await Promise.all(
        workers.map(async (worker) => {
          const ids: string[] = []
          for (;;) {
            await worker.values('begin')
            const [[id = null] = []] = await worker.values(
              'select id from job where done_by is null order by id limit 1 for update skip locked',
            )
            if (id !== null) await worker.values(`update job set done_by = '${worker.name}' where id = ${id}`)
            await worker.values('commit')
            if (id === null) return ids
            ids.push(id)
          }
        }),
      )
      expect(
        taken
          .flat()
          .map(Number)
          .sort((left, right) => left - right),
      ).toEqual(Array.from({ length: 40 }, (_, n) => n + 1))
    },
    { isOnce: true },
  )

  suite.case('a transaction that is idle holds nobody\u2019s log-in', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create table t (n int)')
    await a.query('begin; insert into t values (1)')
    const lines = await stage.attempt('b')
    expect(lines.at(-1)).toBe('Z I')
    await a.query('rollback')
  })
})
