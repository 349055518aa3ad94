/**
 * The five timeouts that a client of the wire protocol can set, through everything: each ends what it is for, with the
 * words of a server, and nobody else notices.
 */

import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { servedInstance, type ServedInstance } from './support/wire-workbench.ts'

/** Longer than any test may take. */
const forever = 'select pg_sleep(3600)'

interface Told {
  readonly code: string | undefined
  readonly message: string
  readonly severity: string | undefined
}

describe('timeouts of clients', () => {
  const served = servedInstance()

  async function withClients(converse: (a: Client, b: Client) => Promise<void>): Promise<void> {
    const clients = [new Client(served.login), new Client(served.login)] as const
    await Promise.all(clients.map((client) => client.connect()))
    try {
      await converse(...clients)
    } finally {
      await Promise.all(clients.map((client) => client.close()))
    }
  }

  test('statement_timeout ends a statement that sleeps, computes or catches errors', async () => {
    const told = {
      code: '57014',
      message: 'canceling statement due to statement timeout',
      severity: 'ERROR',
    }
    await withClients(async (a, b) => {
      const loops = 'do $$begin loop null; end loop; end$$'
      const catches = 'do $$begin perform pg_sleep(3600); exception when others then null; end$$'
      for (const statement of [forever, loops, catches]) {
        await a.run('begin')
        await a.run(`set local statement_timeout = '50ms'`)
        expect(await a.failure(statement)).toEqual(told)
        await a.run('rollback')
      }
      await b.run('select pg_sleep(0.1)')
      await a.run('select pg_sleep(0.1)')
    })
  })

  test('statement_timeout leaves alone what ends in time, and what comes behind it', async () => {
    await withClients(async (a, b) => {
      await a.run(`set statement_timeout = '1s'`)
      await a.run('select 1')
      await b.run('select pg_sleep(1.5)')
      await a.run('set statement_timeout = 0')
      expect(await a.run('select 1 from pg_sleep(1.5)')).toBe(1)
    })
  })

  test('statement_timeout and lock_timeout bound the wait for the transaction of another client', async () => {
    await withClients(async (a, b) => {
      await b.run(`set lock_timeout = '300ms'`)
      await a.run('begin')
      expect(await b.failure('select 1')).toMatchObject({
        ...{ code: '55P03', message: 'canceling statement due to lock timeout' },
      })
      expect(await b.failure('select 2')).toMatchObject({ code: '55P03' })
      await a.run('commit')
      await b.run(`set lock_timeout = 0; set statement_timeout = '300ms'`)
      await a.run('begin')
      expect(await b.failure('select 3')).toMatchObject({
        ...{ code: '57014', message: 'canceling statement due to statement timeout' },
      })
      await a.run('commit')
      expect(await b.run('select 4')).toBe(4)
    })
  })

  test('the first statement of who logs in beside a transaction waits as long as was asked for at log-in', async () => {
    await withClients(async (a) => {
      await a.run('begin')
      const late = new Client(served.login, '-c lock_timeout=300ms')
      await late.connect()
      expect(await late.failure('select 1')).toMatchObject({ code: '55P03' })
      expect(await late.failure('select 1')).toMatchObject({ code: '55P03' })
      await a.run('commit')
      expect(await late.run('select 1')).toBe(1)
      await late.close()
    })
  })

  test('idle_in_transaction_session_timeout ends the session, and its transaction', async () => {
    await withClients(async (a, b) => {
      await a.run('create table idle_things (n int)')
      await a.run(`set idle_in_transaction_session_timeout = '50ms'`)
      await a.run('begin; insert into idle_things values (1)')
      expect(await b.run('select count(*)::int from idle_things')).toBe(0)
      expect(await a.ended).toEqual({
        ...{ code: '25P03', severity: 'FATAL' },
        message: 'terminating connection due to idle-in-transaction timeout',
      })
    })
  })

  test('transaction_timeout ends the session in the middle of a statement, and between two', async () => {
    const told = {
      ...{ code: '25P04', severity: 'FATAL' },
      message: 'terminating connection due to transaction timeout',
    }
    await withClients(async (a, b) => {
      await a.run(`set transaction_timeout = '300ms'`)
      expect(await a.failure(forever)).toEqual(told)
      await b.run(`set transaction_timeout = '300ms'`)
      await b.run('begin')
      expect(await b.ended).toEqual(told)
    })
    await withClients(async (a) => expect(await a.run('select 1')).toBe(1))
  })

  test('idle_session_timeout ends the session that says nothing, and no other', async () => {
    await withClients(async (a, b) => {
      await a.run(`set idle_session_timeout = '50ms'`)
      expect(await a.ended).toEqual({
        ...{ code: '57P05', severity: 'FATAL' },
        message: 'terminating connection due to idle-session timeout',
      })
      expect(await b.run('select 1')).toBe(1)
    })
  })

  test('idle_session_timeout does not count in a transaction', async () => {
    await withClients(async (a) => {
      await a.run(`set idle_session_timeout = '50ms'; begin`)
      expect(await a.run('select 1 from pg_sleep(0.2)')).toBe(1)
      await a.run('commit')
      expect(await a.ended).toMatchObject({ code: '57P05' })
    })
  })
})

class Client {
  /** With the error that ends it. */
  readonly ended: Promise<Told>
  readonly #client: pg.Client

  constructor(login: ServedInstance['login'], options = '') {
    this.#client = new pg.Client({ ...login, options })
    this.ended = new Promise((resolve) => {
      this.#client.on('error', (error) => resolve(toldOf(error)))
    })
  }

  async connect(): Promise<void> {
    await this.#client.connect()
  }

  /** The first value of the last statement. */
  async run(text: string): Promise<unknown> {
    const answer: unknown = await this.#client.query({ text, rowMode: 'array' })
    const last: unknown = Array.isArray(answer) ? answer.at(-1) : answer
    const { rows } = last as pg.QueryArrayResult<unknown[]>
    return rows[0]?.[0]
  }

  async failure(text: string): Promise<Told | null> {
    try {
      await this.#client.query(text)
      return null
    } catch (error) {
      return toldOf(error)
    }
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined)
  }
}

function toldOf(error: unknown): Told {
  if (!(error instanceof pg.DatabaseError))
    return { code: undefined, message: String(error), severity: undefined }
  const { code, message, severity } = error
  return { code, message, severity }
}
