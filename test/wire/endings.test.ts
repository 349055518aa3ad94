/**
 * Ends of connections in every state of the protocol, by Terminate, a half-close, a close and a reset. After each,
 * what the session held is free, what it had not committed is gone, and a bystander has noticed nothing.
 */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import type { WireClient } from '../support/wire/wire-client.ts'
import type { WireStage } from '../support/wire/wire-stage.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

const ENDS = ['terminate', 'end', 'destroy', 'reset'] as const

interface State {
  readonly name: string
  /** False where the client has not logged in. */
  readonly isLoggedIn: boolean
  reach(client: WireClient): Promise<void>
}

const HALF = 'half of a message was sent'
const HALF_OF_DATA = 'half of a CopyData was sent'
/** A Terminate would be their other half. */
const HALVES = new Set([HALF, HALF_OF_DATA])

const INSERT = m.extended('insert into t values (99)')

/** Before a log-in is complete. */
const STARTING: readonly State[] = [
  { name: 'nothing was said', isLoggedIn: false, reach: () => Promise.resolve() },
  {
    name: 'half of a start-up packet was sent',
    isLoggedIn: false,
    reach: (client) => client.socket.write(client.startupPacket().subarray(0, 9)),
  },
  {
    name: 'encryption was asked for',
    isLoggedIn: false,
    reach: async (client) => void (await client.socket.ask(m.untyped(m.int32(m.GSSENC_REQUEST)))),
  },
  {
    name: 'a password is awaited',
    isLoggedIn: false,
    reach: async (client) => {
      await client.socket.write(client.startupPacket())
      await client.take(1)
    },
  },
]

const LOGGED_IN: readonly (readonly [string, (client: WireClient) => Promise<unknown>])[] = [
  ['idle', () => Promise.resolve()],
  [HALF, (client) => client.socket.write(m.query('select 1').subarray(0, 7))],
  ['only a type was sent', (client) => client.socket.write(Buffer.from('Q'))],
  ['Parse was sent', (client) => client.send(m.parse('select 1'))],
  ['Parse was answered', (client) => client.send(m.parse('select 1'), m.flush()).then(() => client.take(1))],
  ['Bind was sent', (client) => client.send(m.parse('select 1'), m.bind())],
  ['an Execute waits for its Sync', (client) => client.send(INSERT, m.flush()).then(() => client.until('C'))],
  [
    'an error waits for its Sync',
    (client) => client.send(m.extended('select 1/0')).then(() => client.until('E')),
  ],
  ['in a transaction', (client) => client.query('begin; insert into t values (99)')],
  ['in a failed transaction', (client) => client.query('begin; insert into t values (99); select 1/0')],
  [
    'after a savepoint',
    (client) => client.query('begin; insert into t values (99); savepoint s; lock table t'),
  ],
  [
    'a portal is suspended',
    async (client) => {
      await client.query('begin')
      await client.exchange(
        m.parse('select n from t for update'),
        m.bind({ portal: 'p' }),
        m.execute('p', 1),
        m.sync(),
      )
    },
  ],
  [
    'copying in',
    (client) => client.send(m.query('copy t from stdin'), m.copyData('99\n')).then(() => client.take(1)),
  ],
  [
    HALF_OF_DATA,
    async (client) => {
      await client.send(m.query('copy t from stdin'))
      await client.take(1)
      await client.socket.write(m.copyData('99\n100\n').subarray(0, 8))
    },
  ],
  [
    'copying out',
    async (client) => {
      await client.launch(`copy (select repeat('x', 1000) from generate_series(1, 3000)) to stdout`)
      await client.take(2)
    },
  ],
  [
    'a result is on its way',
    async (client) => {
      await client.launch(`select repeat('x', 1000) from generate_series(1, 3000)`)
      await client.take(2)
    },
  ],
  ['a statement runs', (client) => client.launch('insert into t select 99 from pg_sleep(0.1) where false')],
  [
    'listening, locking and preparing',
    (client) =>
      client.query(
        'listen news; select pg_advisory_lock(1); create temp table mine (n int); prepare s as select 1',
      ),
  ],
]

const STATES: readonly State[] = [
  ...STARTING,
  ...LOGGED_IN.map(([name, reach]) => ({
    name,
    isLoggedIn: true,
    reach: async (client: WireClient) => void (await reach(client)),
  })),
]

async function leave(client: WireClient, end: (typeof ENDS)[number]): Promise<void> {
  if (end === 'terminate') await client.socket.write(m.terminate())
  else client.socket[end]()
}

/** What the one who left could have held or half done. */
async function bystand(stage: WireStage, bystander: WireClient): Promise<void> {
  await stage.until(`select count(*) <= 1 from pg_stat_activity where datname = current_database()
    and pid <> pg_backend_pid() and backend_type = 'client backend'`)
  expect(await bystander.query('begin; lock table t; select n from t; commit')).toEqual([
    ...['C BEGIN', 'C LOCK TABLE', 'T [n 23/4/-1 of a table #1]', 'D ["1"]', 'C SELECT 1', 'C COMMIT', 'Z I'],
  ])
  await bystander.query('execute mine; select pg_try_advisory_lock(1), pg_advisory_unlock(1)')
}

describe('endings', () => {
  const suite = wireSuite()

  for (const state of STATES) {
    suite.case(
      `a client leaves when ${state.name}`,
      async (stage) => {
        const bystander = await stage.connect('bystander')
        await bystander.query('create table t (n int); insert into t values (1); prepare mine as select 42')
        for (const end of ENDS) {
          if (end === 'terminate' && HALVES.has(state.name)) continue
          const client = state.isLoggedIn ? await stage.connect('leaver') : await stage.open('leaver')
          await state.reach(client)
          await leave(client, end)
          await bystand(stage, bystander)
          client.socket.destroy()
        }
      },
      { isOnce: true },
    )
  }

  suite.case('a half-closed socket still gets the answers to what it sent', async (stage) => {
    const a = await stage.connect('a')
    await a.send(m.query('select 1'), m.extended('select 2'), m.sync())
    a.socket.end()
    await a.closed()
    const b = await stage.connect('b')
    await b.query('create table t (n int)')
    await b.send(m.query('copy t from stdin'), m.copyData('1\n'), m.copyDone())
    b.socket.end()
    await b.closed()
    const c = await stage.connect('c')
    await c.query('select count(*) from t')
    await c.send(m.query('select pg_sleep(0.05)'))
    c.socket.end()
    await c.closed()
  })

  suite.case(
    'what was committed before the end stays, what comes after Terminate is not read',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await b.query('create table t (n int)')
      await a.socket.write(
        Buffer.concat([
          m.query('insert into t values (1)'),
          m.terminate(),
          m.query('insert into t values (2)'),
        ]),
      )
      await a.until('Z')
      a.socket.destroy()
      await stage.until(`select count(*) = 1 from pg_stat_activity where datname = current_database()
      and pid <> pg_backend_pid() and backend_type = 'client backend'`)
      await b.query('select n from t')
    },
  )

  suite.case('a statement whose client left is done or undone, as a whole', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await b.query('create table t (n int)')
    await a.launch('insert into t select n from generate_series(1, 1000) n, pg_sleep(0.05)')
    a.socket.reset()
    await stage.until(`select count(*) = 1 from pg_stat_activity where datname = current_database()
      and pid <> pg_backend_pid() and backend_type = 'client backend'`)
    const [[count = null] = []] = await b.values('select count(*) from t')
    expect(['0', '1000']).toContain(count)
  })

  suite.case('connections that come and go, a hundred times', async (stage) => {
    const b = await stage.connect('b')
    for (let round = 0; round < 100; round += 1) {
      const a = await stage.open('a')
      if (round % 3 > 0) await a.socket.write(a.startupPacket())
      if (round % 3 > 1) await a.take(1)
      a.socket.destroy()
    }
    await b.query('select 1')
  })
})
