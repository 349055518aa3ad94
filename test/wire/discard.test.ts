/** DISCARD: what it takes from its own client, and that it takes nothing from others. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import type { WireClient } from '../support/wire/wire-client.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

/** Everything that a session can own. */
async function furnish(client: WireClient): Promise<void> {
  await client.query(`set work_mem = '7MB'; set search_path = pg_catalog, public; set my.own = 'x'`)
  await client.query('prepare s as select 1; listen news; create temp table t as select 1 as n')
  await client.query('begin; declare c cursor with hold for select 1 as c; commit')
  await client.query(`select nextval('public.q'), pg_try_advisory_lock_shared(1)`)
  await client.exchange(m.parse('select 2', 'p'), m.parse('select 3'), m.sync())
}

async function look(client: WireClient): Promise<void> {
  for (const sql of [
    'show work_mem',
    'show search_path',
    'show my.own',
    'execute s',
    'select * from pg_listening_channels()',
    'select n from t',
    'fetch 1 from c',
    `select currval('public.q')`,
    'select lastval()',
    `select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`,
    'select name from pg_prepared_statements order by 1',
    'select name from pg_cursors',
  ]) {
    await client.query(sql)
  }
}

describe('discard', () => {
  const suite = wireSuite()

  for (const what of ['all', 'temp', 'plans', 'sequences']) {
    suite.case(`discard ${what} takes from its own client only`, async (stage) => {
      await stage.sql('create sequence q')
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await furnish(a)
      await furnish(b)
      await a.query(`discard ${what}`)
      await look(a)
      await look(b)
    })
  }

  suite.case('discard all is refused in a transaction, the others are not', async (stage) => {
    const a = await stage.connect('a')
    await a.query('begin; discard all')
    await a.query('rollback')
    await a.query('discard all; select 1')
    await a.query('begin; discard temp; discard plans; discard sequences; commit')
    await a.exchange(m.extended('select 1'), m.extended('discard all'), m.sync())
    await a.exchange(m.extended('discard all'), m.sync())
  })

  suite.case('discard all ends roles and authorizations', async (stage) => {
    await stage.sql(`create role ${stage.role('app')}`)
    const a = await stage.connect('a')
    await a.query(`set role ${stage.role('app')}`)
    await a.query('discard all')
    await a.query('select current_user')
    await a.query(`set session authorization ${stage.role('app')}`)
    await a.query('discard all')
    await a.query('select current_user, session_user')
  })

  suite.case('the reset of a pool gives the next user an empty session', async (stage) => {
    await stage.sql('create sequence q')
    const a = await stage.connect('a')
    await furnish(a)
    await a.query('close all')
    await a.query('unlisten *; reset all; set session authorization default')
    await a.query('deallocate all')
    await a.query('select pg_advisory_unlock_all(); discard plans; discard temp; discard sequences')
    await look(a)
  })

  suite.case('discard temp in a transaction that rolls back', async (stage) => {
    const a = await stage.connect('a')
    await a.query('create temp table t as select 1 as n')
    await a.query('begin; discard temp; rollback')
    await a.query('select n from t')
  })

  suite.case('discard all may be the whole of a pipeline, and its answer is one tag', async (stage) => {
    const a = await stage.connect('a')
    expect(await a.query('discard all')).toEqual(['C DISCARD ALL', 'Z I'])
    await a.exchange(m.parse('discard all', 's'), m.describeStatement('s'), m.sync())
    await a.exchange(m.bind({ statement: 's' }), m.execute(), m.sync())
    await a.exchange(m.bind({ statement: 's' }), m.sync())
  })
})
