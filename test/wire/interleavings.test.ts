/**
 * Many clients at once: private state against a model, transfers with a conserved sum, and the anomalies that
 * isolation levels are about. WARDIAN_WIRE_ROUNDS multiplies the counts.
 */

import * as fc from 'fast-check'
import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import type { WireClient } from '../support/wire/wire-client.ts'
import type { WireStage } from '../support/wire/wire-stage.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

const ROUNDS = Number(process.env['WARDIAN_WIRE_ROUNDS'] ?? 1)
const TIMEOUT_MS = 600_000
const ACCOUNTS = 10

/** A step of one client in a schedule of many. */
type Step = { readonly who: number; readonly what: number; readonly value: number }

/** What one session must remember, whatever the others do between its steps. */
class Remembered {
  readonly client: WireClient
  readonly #name: string
  setting = 'none'
  rows = 0
  drawn = 0
  prepared: number | null = null

  constructor(client: WireClient, name: string) {
    this.client = client
    this.#name = name
  }

  async furnish(): Promise<void> {
    await this.client.values(
      `create temp table mine (n int); create temp sequence drawn; set my.setting = 'none'`,
    )
  }

  /** Does one step and checks all that it shows. */
  async take({ what, value }: Step): Promise<void> {
    if (what === 0) await this.#set(String(value))
    else if (what === 1) await this.#insert()
    else if (what === 2) await this.#prepare(value)
    else if (what === 3) this.drawn = Number((await this.client.values(`select nextval('drawn')`))[0]?.[0])
    else if (what === 4) await this.#fail()
    else if (what === 5) await this.#transact(String(value))
    await this.#look()
  }

  async #set(value: string): Promise<void> {
    this.setting = value
    await this.client.values(`set my.setting = '${value}'`)
  }

  async #insert(): Promise<void> {
    this.rows += 1
    await this.client.exchange(m.extended('insert into mine values ($1)', ['1']), m.sync())
  }

  async #prepare(value: number): Promise<void> {
    if (this.prepared !== null) await this.client.exchange(m.closeStatement('s'), m.sync())
    this.prepared = value
    await this.client.exchange(m.parse(`select '${this.#name}', ${value}`, 's'), m.sync())
  }

  async #fail(): Promise<void> {
    const lines = await this.client.query(`insert into mine values (1); set my.setting = 'lost'; select 1/0`)
    expect(lines).toContain('E ERROR 22012 division by zero')
  }

  async #transact(value: string): Promise<void> {
    await this.client.values('begin')
    await this.client.values(`insert into mine values (1); set local my.setting = 'inside'`)
    expect(await this.client.values('show my.setting')).toEqual([['inside']])
    await this.client.values(value.endsWith('0') ? 'commit' : 'rollback')
    if (value.endsWith('0')) this.rows += 1
  }

  async #look(): Promise<void> {
    const sql = `select current_setting('my.setting'), (select count(*) from mine),
      (select last_value from drawn where is_called), pg_backend_pid()`
    const drawn = this.drawn === 0 ? null : String(this.drawn)
    expect(await this.client.values(sql)).toEqual([
      [this.setting, String(this.rows), drawn, String(this.client.pid)],
    ])
    const lines = await this.client.exchange(m.bind({ statement: 's' }), m.execute(), m.sync())
    if (this.prepared === null) expect(lines[0]).toMatch(/^E ERROR 26000/)
    else expect(lines[1]).toBe(`D ["${this.#name}", "${this.prepared}"]`)
  }
}

async function connectMany(stage: WireStage, count: number): Promise<WireClient[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => stage.connect(`c${n}`)))
}

/** Transfers between accounts, in transactions of four statements; every third is rolled back. */
async function transfer(client: WireClient, who: number, count: number): Promise<number> {
  let committed = 0
  for (let round = 0; round < count; round += 1) {
    const from = (who * 7 + round * 3) % ACCOUNTS
    const to = (from + 1 + ((who + round) % (ACCOUNTS - 1))) % ACCOUNTS
    const moves = [
      { id: from, by: -5 },
      { id: to, by: 5 },
    ].sort((left, right) => left.id - right.id)
    await client.values('begin')
    for (const { id, by } of moves)
      await client.values(`update account set balance = balance + ${by} where id = ${id}`)
    await client.values(`insert into history values (${who}, ${round})`)
    const isKept = round % 3 !== 2
    await client.values(isKept ? 'commit' : 'rollback')
    if (isKept) committed += 1
  }
  return committed
}

describe('interleavings', () => {
  const suite = wireSuite()

  suite.case(
    'the state of up to 50 sessions stays theirs under random schedules',
    async (stage) => {
      const step = fc.record({ who: fc.nat(), what: fc.integer({ min: 0, max: 5 }), value: fc.nat(1_000) })
      const schedule = fc.tuple(fc.constantFrom(2, 3, 8), fc.array(step, { minLength: 10, maxLength: 40 }))
      const play = async ([count, steps]: [number, Step[]]): Promise<void> => {
        const clients = await connectMany(stage, count)
        const sessions = clients.map((client) => new Remembered(client, client.name))
        for (const session of sessions) await session.furnish()
        for (const one of steps) await sessions[one.who % count]?.take(one)
        for (const client of clients) await client.terminate()
      }
      await fc.assert(fc.asyncProperty(schedule, play), { numRuns: 5 * ROUNDS })
      await play([50, Array.from({ length: 150 }, (_, n) => ({ who: n * 17, what: n % 6, value: n }))])
      stage.transcript.length = 0
    },
    { isOnce: true, timeoutMs: TIMEOUT_MS },
  )

  suite.case(
    'fifty sessions that all act at once keep what is theirs',
    async (stage) => {
      const clients = await connectMany(stage, 50)
      const sessions = clients.map((client) => new Remembered(client, client.name))
      await Promise.all(sessions.map((session) => session.furnish()))
      await Promise.all(
        sessions.map(async (session, who) => {
          for (let round = 0; round < 4 * ROUNDS; round += 1)
            await session.take({ who, what: (who + round) % 6, value: who * 10 + round })
        }),
      )
      stage.transcript.length = 0
    },
    { isOnce: true, timeoutMs: TIMEOUT_MS },
  )

  for (const count of [2, 8, 50]) {
    suite.case(
      `transfers of ${count} clients conserve the sum, and lose none`,
      async (stage) => {
        await stage.sql(`create table account (id int primary key, balance int);
          create table history (who int, round int);
        insert into account select n, 1000 from generate_series(0, ${ACCOUNTS - 1}) n`)
        const clients = await connectMany(stage, count)
        const each = Math.max(3, Math.ceil(100 / count)) * ROUNDS
        const committed = await Promise.all(clients.map((client, who) => transfer(client, who, each)))
        const total = committed.reduce((sum, one) => sum + one, 0)
        expect(await stage.sql('select sum(balance), (select count(*) from history) from account')).toEqual([
          [String(1_000 * ACCOUNTS), String(total)],
        ])
      },
      { isOnce: true, timeoutMs: TIMEOUT_MS },
    )
  }

  suite.case(
    'increments of 20 clients are all counted',
    async (stage) => {
      await stage.sql('create table counter (n int); insert into counter values (0)')
      const clients = await connectMany(stage, 20)
      await Promise.all(
        clients.map(async (client) => {
          for (let round = 0; round < 10 * ROUNDS; round += 1) {
            await client.exchange(m.extended('update counter set n = n + 1'), m.sync())
          }
        }),
      )
      expect(await stage.sql('select n from counter')).toEqual([[String(200 * ROUNDS)]])
      stage.transcript.length = 0
    },
    { isOnce: true, timeoutMs: TIMEOUT_MS },
  )

  suite.case(
    'sequences and serial keys of 20 clients are distinct',
    async (stage) => {
      await stage.sql('create table t (id serial primary key, who int)')
      const clients = await connectMany(stage, 20)
      await Promise.all(
        clients.map(async (client, who) => {
          for (let round = 0; round < 5; round += 1) {
            const [[id = null] = []] = await client.values(`insert into t (who) values (${who}) returning id`)
            expect(await client.values(`select lastval(), currval('t_id_seq')`)).toEqual([[id, id]])
          }
        }),
      )
      expect(await stage.sql('select count(distinct id) from t')).toEqual([['100']])
    },
    { isOnce: true },
  )

  suite.case(
    'listeners hear each of the notifications of ten notifiers once',
    async (stage) => {
      const listeners = await connectMany(stage, 3)
      for (const listener of listeners) await listener.query('listen news')
      const notifiers = await Promise.all(Array.from({ length: 10 }, (_, n) => stage.connect(`n${n}`)))
      await Promise.all(
        notifiers.map(async (notifier, who) => {
          for (let round = 0; round < 5; round += 1) await notifier.values(`notify news, '${who}/${round}'`)
        }),
      )
      for (const listener of listeners) {
        const heard = await listener.take(50)
        expect(new Set(heard).size).toBe(50)
      }
      stage.transcript.length = 0
    },
    { isOnce: true },
  )
})
