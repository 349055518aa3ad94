/**
 * BEGIN while another client is in the middle of a transaction: it waits for nobody, and everything that a
 * transaction's beginning means holds until the first statement has its turn.
 */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import type { WireClient } from '../support/wire/wire-client.ts'
import type { WireStage } from '../support/wire/wire-stage.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

/** `a` has changed the one row and not committed; `b` is there. */
async function beside(stage: WireStage, settings = ''): Promise<[a: WireClient, b: WireClient]> {
  const a = await stage.connect('a')
  const b = await stage.connect('b', { parameters: { application_name: 'other' } })
  await a.query('create table t (n int); insert into t values (1)')
  await b.query(`set application_name = 'beside'; ${settings}`)
  await a.query('begin')
  await a.query('update t set n = n + 1')
  return [a, b]
}

/** `b` has begun beside `a` and waits for a lock of `a`'s session, which is in no transaction any more. */
async function waitingForLock(stage: WireStage): Promise<[a: WireClient, b: WireClient]> {
  const [a, b] = await beside(stage)
  await a.query('select pg_advisory_lock(1)')
  await b.query('begin')
  await a.query('commit')
  await b.launch('select pg_advisory_xact_lock(1)')
  await stage.isBlocked(b)
  return [a, b]
}

describe('transactions that begin beside another', () => {
  const suite = wireSuite()

  suite.case(
    'are told of at once, whatever the words, and begin with their first statement',
    async (stage) => {
      const [a, b] = await beside(stage)
      const words = ['begin', 'BEGIN;', ' Begin  Work ', 'begin transaction ;', 'start transaction']
      for (const text of words) {
        expect((await b.query(text)).at(-1)).toBe('Z T')
        await a.query('commit')
        await b.query('select n from t')
        await b.query('insert into t values (7)')
        await b.query('rollback')
        await b.query('select count(*) from t')
        await a.query('begin; update t set n = n + 1')
      }
      await a.query('rollback')
    },
  )

  suite.case('commit what they have done, or nothing, and may leave', async (stage) => {
    const c = await stage.connect('c')
    const [a, b] = await beside(stage)
    await b.query('begin')
    await c.query('begin')
    await c.terminate()
    await a.query('commit')
    await b.query('commit')
    await a.query('begin; update t set n = n + 1')
    await b.query('begin')
    await a.query('commit')
    await b.exchange(
      m.extended('insert into t values (5)'),
      m.extended('select n from t order by n'),
      m.sync(),
    )
    await b.query('begin')
    await b.query('commit; select n from t order by n')
  })

  suite.case('fail by the errors of their statements, the first one too', async (stage) => {
    const [a, b] = await beside(stage)
    await b.query('begin')
    await a.query('commit')
    await b.query('select 1/0')
    await b.query('select 1')
    await b.query('rollback')
    await b.query('select n from t')
  })

  suite.case('fail when a timeout ends the first statement while it waits', async (stage) => {
    for (const [name, code] of [
      ['statement_timeout', '57014'],
      ['lock_timeout', '55P03'],
    ] as const) {
      const [a, b] = await beside(stage, `set ${name} = '50ms'`)
      await b.query('begin')
      expect((await b.query('update t set n = 100')).join()).toMatch(new RegExp(`${code}.*,Z E$`))
      await a.query('commit')
      await b.query('select 2')
      await b.query('commit')
      await b.query('select n from t')
      await a.query('drop table t')
      await Promise.all([a.terminate(), b.terminate()])
    }
  })

  suite.case('fail when the first statement is cancelled while it waits', async (stage) => {
    const [a, b] = await beside(stage)
    await b.query('begin')
    await b.launch('update t set n = 100')
    await stage.isBlocked(b)
    await b.cancel()
    expect((await b.ready()).at(-1)).toBe('Z E')
    await a.query('commit')
    await b.exchange(m.extended('select 1'), m.sync())
    await b.query('rollback to savepoint s')
    await b.query('rollback')
    await b.query('begin; update t set n = 50; commit')
    await b.query('select n from t')
  })

  suite.case('end at once when they have done nothing, or failed, whoever is busy', async (stage) => {
    const [a, b] = await beside(stage, `set lock_timeout = '400ms'`)
    for (const end of ['commit', 'rollback', 'END;', 'abort work']) {
      await b.query('begin')
      await b.query(end)
    }
    await b.query('begin')
    expect((await b.query('update t set n = 100')).join()).toMatch(/55P03.*,Z E$/)
    await b.query('commit')
    await b.query('start transaction')
    await a.query('select state, query from pg_stat_activity where application_name = $$beside$$')
    await b.query('rollback')
    await a.query('select state, query from pg_stat_activity where application_name = $$beside$$')
    await a.query('commit')
    await b.query('select n from t')
  })

  suite.case('are not told of by a BEGIN that only looks like one', async (stage) => {
    const [a, b] = await beside(stage)
    for (const text of ['begin\u00a0;', '\ufeffbegin', 'begin\u3000']) {
      await b.launch(text)
      await a.query('commit')
      await b.ready()
      await b.query('select n from t')
      await a.query('begin; update t set n = n + 1')
    }
    await a.query('rollback')
  })

  suite.case('are a transaction to a BEGIN, and to what cannot run in one', async (stage) => {
    const [a, b] = await beside(stage)
    await b.query('begin')
    await a.query('commit')
    await b.query('begin')
    await b.query('rollback')
    await a.query('begin; update t set n = n + 1')
    await b.query('begin')
    await a.query('commit')
    await b.query('create database "never made"')
    await b.query('rollback')
  })

  suite.case('wait for the lock of a session like other statements', async (stage) => {
    const [a, b] = await waitingForLock(stage)
    await a.query('select pg_advisory_unlock(1)')
    expect((await b.ready()).at(-1)).toBe('Z T')
    await b.query('commit')
    await a.query('select pg_try_advisory_lock(1)')
  })

  suite.case('give a lock up when the wait for it is cancelled, and have failed', async (stage) => {
    const [a, b] = await waitingForLock(stage)
    await b.cancel()
    expect((await b.ready()).at(-1)).toBe('Z E')
    await b.query('select 1')
    await b.query('rollback')
    await a.query('select pg_advisory_unlock(1)')
    await b.query('select pg_try_advisory_lock(1)')
  })

  suite.case('are shown as idle in transaction', async (stage) => {
    const [a, b] = await beside(stage)
    await b.query('begin')
    const look = `select state, query, xact_start is not null, wait_event from pg_stat_activity
      where application_name = 'beside'`
    await a.query(look)
    await a.query('commit')
    await b.query('rollback')
    await a.query(look)
  })

  suite.case('are told of nothing that is notified meanwhile', async (stage) => {
    const [a, b] = await beside(stage)
    await a.query('commit')
    await b.query('listen news')
    await a.query('begin; notify news')
    await b.query('begin')
    await a.query('commit')
    const c = await stage.connect('c')
    await c.query('select 1')
    expect((await b.query('select 1')).join()).not.toContain('news')
  })

  suite.case('end for idling by a timeout of their session', async (stage) => {
    for (const name of ['idle_in_transaction_session_timeout', 'transaction_timeout']) {
      const [a, b] = await beside(stage, `set ${name} = '100ms'`)
      await b.launch('begin')
      await a.query('commit')
      expect((await b.ready()).at(-1)).toBe('Z T')
      expect((await b.until('closed')).join()).toMatch(/FATAL 25P0[34]/)
      await a.query('drop table t')
      await a.terminate()
    }
  })

  suite.case('idle for longer than a session may outside of one', async (stage) => {
    const [a, b] = await beside(stage, `set idle_session_timeout = '500ms'`)
    expect((await b.query('begin')).at(-1)).toBe('Z T')
    await a.query('select pg_sleep(0.8)')
    await a.query('commit')
    await b.query('select n from t')
    await b.query('commit')
    expect((await b.until('closed')).join()).toMatch(/FATAL 57P05/)
  })

  suite.case('have the options of their BEGIN', async (stage) => {
    const [a, b] = await beside(stage)
    await b.launch('begin isolation level repeatable read read only')
    await a.query('commit')
    await b.ready()
    await b.query('show transaction_isolation')
    await b.query('insert into t values (3)')
    await b.query('rollback')
  })
})
