/**
 * Several real clients of one instance over the wire protocol, through everything: endpoint, sessions, engine.
 */

import pg from 'pg'
import { describe, expect, test, vi } from 'vitest'
import type { StatementEvent } from '../src/contract/statement.ts'
import { connect, Console } from './support/client-fixture.ts'
import { servedInstance } from './support/wire-workbench.ts'

/** Of the roles that a test makes. */
const secret = { password: 'secret' }
const notAllowed = { code: '42501' }

/** For what takes a moment, on a machine that is busy with something else. */
const waitMs = { timeout: 30_000 }

interface Long {
  readonly processId: number
  readonly ended: Promise<unknown>
  stop(): Promise<unknown>
}

/** What a query ends with, an error or not. */
function ended(query: Promise<unknown>): Promise<unknown> {
  return query.catch((error: unknown) => error)
}

function stillRuns(query: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    query.then(() => false),
    new Promise<boolean>((resolve) => setImmediate(resolve, true)),
  ])
}

describe('clients of one instance', () => {
  const served = servedInstance()

  async function withClients(
    count: number,
    converse: (...clients: pg.Client[]) => Promise<void>,
    options: pg.ClientConfig = {},
  ): Promise<void> {
    const clients = Array.from({ length: count }, () => new pg.Client({ ...served.login, ...options }))
    // What ends one is told to whoever waits for it.
    for (const client of clients) client.on('error', () => undefined)
    await Promise.all(clients.map((client) => client.connect()))
    try {
      await converse(...clients)
    } finally {
      await Promise.all(clients.map((client) => client.end()))
    }
  }

  function processOf(client: pg.Client): number {
    return (client as unknown as { processID: number }).processID
  }

  /** The statement of `client` is in the backend. */
  async function sleeping(client: pg.Client): Promise<void> {
    await vi.waitFor(() => {
      const found = served.endpoint.clients.list().find(({ processId }) => processId === processOf(client))
      expect(found).toMatchObject({ state: 'active', waitingFor: null, statement: expect.any(String) })
    }, waitMs)
  }

  /** The statement of `client` waits for the backend. */
  async function waits(client: pg.Client): Promise<void> {
    await vi.waitFor(() => {
      const found = served.endpoint.clients.list().find(({ processId }) => processId === processOf(client))
      expect(found).toMatchObject({ waitingFor: expect.any(String) })
    }, waitMs)
  }

  /** A statement of `client` that runs until it is ended. */
  async function longOf(client: pg.Client): Promise<Long> {
    const long = ended(client.query('select pg_sleep(600)'))
    await sleeping(client)
    return { processId: processOf(client), ended: long, stop: () => cancel(client) }
  }

  /** What the caller is told who wants to end that, while it runs: only the backend refuses it, in its turn. */
  async function refusal(caller: pg.Client, long: Long): Promise<unknown> {
    const refused = ended(caller.query(`select pg_terminate_backend(${long.processId})`))
    await waits(caller)
    expect(await stillRuns(long.ended)).toBe(true)
    await long.stop()
    await long.ended
    return refused
  }

  async function one(client: pg.Client, text: string, values: unknown[] = []): Promise<unknown> {
    const { rows } = await client.query<unknown[]>({ text, values, rowMode: 'array' })
    return rows[0]?.[0]
  }

  /** A CancelRequest on a connection of its own, as every client library sends it. */
  async function cancel(client: pg.Client): Promise<void> {
    const { host, port } = served.login
    const canceller = new pg.Client(served.login)
    const { processID, secretKey } = client as unknown as { processID: number; secretKey: number }
    const { connection } = canceller as unknown as {
      connection: {
        connect(port: number, host: string): void
        cancel(pid: number, key: number): void
        on(event: string, run: () => void): void
      }
    }
    const sent = new Promise<void>((resolve) => connection.on('end', resolve))
    connection.on('connect', () => connection.cancel(processID, secretKey))
    connection.connect(port, host)
    await sent
  }

  test('have settings, temporary tables and statements of their own', async () => {
    await withClients(2, async (a, b) => {
      await a.query(`set application_name = 'first'; create temp table t as select 1 v`)
      await b.query(`create temp table t as select 2 v`)
      expect(await one(a, 'select v from t')).toBe(1)
      expect(await one(b, 'select v from t')).toBe(2)
      expect(await one(b, 'show application_name')).toBe('')
      for (const [client, text] of [
        [a, 'select 10'],
        [b, 'select 20'],
      ] as const) {
        await client.query({ name: 'same', text })
      }
      expect((await a.query<{ a: number }>({ name: 'same', text: 'select 10' })).rows).toHaveLength(1)
      expect(await one(a, 'select pg_backend_pid()')).not.toBe(await one(b, 'select pg_backend_pid()'))
    })
  })

  test('take turns with their transactions, and nobody loses an update', async () => {
    await withClients(8, async (...clients) => {
      await clients[0]?.query('create table accounts as select 0 balance')
      await Promise.all(
        clients.map(async (client) => {
          for (let round = 0; round < 10; round++) {
            await client.query('begin')
            const balance = Number(await one(client, 'select balance from accounts'))
            await client.query('update accounts set balance = $1', [balance + 1])
            await client.query('commit')
          }
        }),
      )
      expect(Number(await one(clients[0] ?? new pg.Client(), 'select balance from accounts'))).toBe(80)
    })
  })

  test('log in while another has a transaction open', async () => {
    await withClients(1, async (holder) => {
      await holder.query('begin')
      await withClients(3, async (...others) => {
        expect(others).toHaveLength(3)
        await holder.query('commit')
        for (const other of others) expect(await one(other, 'select 1')).toBe(1)
      })
    })
  })

  test('log in while a statement of another runs, as roles that have just been made', async () => {
    await withClients(2, async (busy, owner) => {
      await owner.query(`create role early login password 'secret'; create role no_entry password 'secret'`)
      await owner.query(`grant pg_monitor to early`)
      const long = ended(busy.query('select pg_sleep(600)'))
      await sleeping(busy)
      const login = { user: 'early', password: 'secret', application_name: 'early bird' }
      await withClients(
        2,
        async (...others) => {
          expect(await stillRuns(long)).toBe(true)
          // Nobody else can end it: the backend is busy with it.
          await cancel(busy)
          expect(await long).toMatchObject({ code: '57014' })
          for (const other of others) {
            expect(await one(other, 'select session_user')).toBe('early')
            expect(await one(other, 'show application_name')).toBe('early bird')
          }
        },
        login,
      )
      await expect(
        withClients(1, async () => undefined, { user: 'no_entry', password: 'secret' }),
      ).rejects.toMatchObject({ code: '28000' })
      await owner.query('drop role early')
      await expect(withClients(1, async () => undefined, login)).rejects.toMatchObject({ code: '28P01' })
    })
  })

  test('notice nothing of one whose settings are refused', async () => {
    await withClients(2, async (first, other) => {
      for (const options of ['-c work_mem=nosuch', '-c nosuch=1']) {
        const refused = ended(withClients(1, async () => undefined, { options }))
        expect(await refused).toMatchObject({ severity: 'FATAL' })
        expect(await one(first, `select 'first'`)).toBe('first')
        expect(await one(other, `select 'second'`)).toBe('second')
        expect(await one(first, `select $1::text`, ['third'])).toBe('third')
      }
    })
  })

  test('are told of settings that differ from what was expected of a session that begins late', async () => {
    await withClients(1, async (owner) => {
      await owner.query(`create role berliner login password 'secret'`)
      await owner.query(`alter role berliner set timezone = 'Europe/Berlin'`)
      await owner.query('begin')
      await withClients(
        1,
        async (late) => {
          const told: string[] = []
          const { connection } = late as unknown as {
            connection: { on(event: string, run: (message: Record<string, string>) => void): void }
          }
          connection.on('parameterStatus', (message) =>
            told.push(`${message['parameterName']}=${message['parameterValue']}`),
          )
          const shown = one(late, 'show timezone')
          await owner.query('commit')
          expect(await shown).toBe('Europe/Berlin')
          expect(told).toEqual(['TimeZone=Europe/Berlin'])
        },
        { user: 'berliner', password: 'secret' },
      )
    })
  })

  test('end each other and what they run at once, whatever that is', async () => {
    await withClients(4, async (...clients) => {
      const [busy, waiting, holder, caller] = clients as [pg.Client, pg.Client, pg.Client, pg.Client]
      const calls: [string, unknown[]?][] = [
        [`select pg_cancel_backend(${processOf(busy)})`],
        ['select pg_cancel_backend($1)', [processOf(busy)]],
        ['select pg_terminate_backend($1::int, 30000) as ended', [processOf(busy)]],
      ]
      for (const [text, values] of calls) {
        const long = ended(busy.query('select pg_sleep(600)'))
        await sleeping(busy)
        const cut = ended(waiting.query('select 1'))
        expect(await one(caller, text, values)).toBe(true)
        expect(await long).toMatchObject({ code: text.includes('cancel') ? '57014' : '57P01' })
        await cut
      }
      await holder.query('begin; create table never_there (n int)')
      const later = ended(waiting.query('select 2'))
      expect(await one(caller, `select pg_cancel_backend(${processOf(waiting)})`)).toBe(true)
      expect(await later).toMatchObject({ code: '57014' })
      const told = new Promise((resolve) => holder.once('error', resolve))
      expect(await one(caller, `select pg_terminate_backend(${processOf(holder)}, 30000)`)).toBe(true)
      expect(await told).toMatchObject({ code: '57P01', severity: 'FATAL' })
      expect(await one(caller, `select to_regclass('never_there')`)).toBeNull()
      expect(await one(caller, `select pg_cancel_backend(${processOf(caller) + 1000})`)).toBe(false)
    })
  })

  test('prepare such a call beside a busy backend, which learns of it later', async () => {
    await withClients(2, async (busy, caller) => {
      const long = ended(busy.query('select pg_sleep(600)'))
      await sleeping(busy)
      const call = { name: 'end it', text: 'select pg_cancel_backend($1)', values: [processOf(busy)] }
      expect((await caller.query(call)).rows).toEqual([{ pg_cancel_backend: true }])
      expect(await long).toMatchObject({ code: '57014' })
      expect((await caller.query(call)).rows).toEqual([{ pg_cancel_backend: true }])
      expect(await one(caller, `select statement from pg_prepared_statements where name = 'end it'`)).toBe(
        call.text,
      )
    })
  })

  test('end only what they may', async () => {
    await withClients(2, async (busy, owner) => {
      await owner.query(`create role ends_others login password 'secret'`)
      await owner.query(`create role ends_all login password 'secret' in role pg_signal_backend`)
      // Those of a superuser are a superuser's to end.
      for (const user of ['ends_others', 'ends_all']) {
        await withClients(
          1,
          async (caller) => expect(await refusal(caller, await longOf(busy))).toMatchObject(notAllowed),
          { ...secret, user },
        )
      }
    })
  })

  test('end what those do whose rights they have', async () => {
    await withClients(1, async (owner) => {
      await owner.query('create role team')
      await owner.query(`create role member login password 'secret' in role team`)
      await owner.query(`create role colleague login password 'secret' in role team`)
      await owner.query(`create role lead login password 'secret' in role member`)
      await owner.query(`create role watch login password 'secret' in role pg_signal_backend`)
      const as = (user: string): pg.ClientConfig => ({ ...secret, user })
      await withClients(
        1,
        async (busy) => {
          await withClients(
            1,
            async (caller) => expect(await refusal(caller, await longOf(busy))).toMatchObject(notAllowed),
            as('colleague'),
          )
          for (const user of ['member', 'lead', 'watch']) {
            const long = await longOf(busy)
            const call = `select pg_cancel_backend(${long.processId})`
            await withClients(1, async (caller) => expect(await one(caller, call)).toBe(true), as(user))
            expect(await long.ended).toMatchObject({ code: '57014' })
          }
        },
        as('member'),
      )
    })
  })

  test('end what a console does by the rights of a superuser alone', async () => {
    const client = connect(served.host)
    const console = await Console.open(client, served.instanceId, 'console')
    const processId = Number((await console.rows('select pg_backend_pid()'))[0]?.[0])
    const longOfConsole = async (): Promise<Long> => {
      const begun = Promise.withResolvers<void>()
      const onEvent = ({ kind }: StatementEvent): void => {
        if (kind === 'started') begun.resolve()
      }
      const long = console.run('select pg_sleep(600)', { onEvent })
      await begun.promise
      return { processId, ended: long, stop: () => console.cancel() }
    }
    await withClients(1, async (owner) => {
      await owner.query(`create role reader login password 'secret'`)
      const as = { ...secret, user: 'reader' }
      await withClients(
        1,
        async (caller) => expect(await refusal(caller, await longOfConsole())).toMatchObject(notAllowed),
        as,
      )
      const long = await longOfConsole()
      expect(await one(owner, `select pg_cancel_backend(${processId})`)).toBe(true)
      expect(await long.ended).toMatchObject({ statements: [{ outcome: { status: 'cancelled' } }] })
    })
    await console.close()
    client.dispose()
  })

  test('hear what others notify', async () => {
    await withClients(2, async (a, b) => {
      const heard = new Promise<pg.Notification>((resolve) => a.once('notification', resolve))
      await a.query('listen news')
      await b.query(`select pg_notify('news', 'hello')`)
      expect(await heard).toMatchObject({ channel: 'news', payload: 'hello' })
    })
  })

  test('a client that leaves in the middle of a transaction leaves nothing of it', async () => {
    await withClients(1, async (stays) => {
      await stays.query('create table left_over (a int)')
      await withClients(1, async (leaves) => {
        await leaves.query('begin')
        await leaves.query('insert into left_over values (1)')
      })
      expect(await one(stays, 'select count(*)::int from left_over')).toBe(0)
    })
  })

  test('roles log in with their own password and rights', async () => {
    await withClients(1, async (owner) => {
      await owner.query(`create role app login password 'secret'; create table private_things (a int)`)
      await withClients(
        1,
        async (app) => {
          expect(await one(app, 'select session_user')).toBe('app')
          await expect(app.query('select * from private_things')).rejects.toMatchObject({ code: '42501' })
          await expect(app.query('set role postgres')).rejects.toMatchObject({ code: '42501' })
        },
        { user: 'app', password: 'secret' },
      )
      await expect(
        withClients(1, async () => undefined, { user: 'app', password: 'wrong' }),
      ).rejects.toMatchObject({
        code: '28P01',
      })
    })
  })

  test('databases are made and removed, and are instances', async () => {
    await withClients(1, async (owner) => {
      await owner.query('create database shadow')
      await withClients(1, async (client) => void (await client.query('create table only_here (a int)')), {
        database: 'shadow',
      })
      await expect(owner.query('create database shadow')).rejects.toMatchObject({ code: '42P04' })
      await expect(owner.query('select * from only_here')).rejects.toMatchObject({ code: '42P01' })
      await owner.query('drop database shadow')
      await expect(owner.query('drop database shadow')).rejects.toMatchObject({ code: '3D000' })
      await owner.query('drop database if exists shadow')
    })
    await expect(withClients(1, async () => undefined, { database: 'shadow' })).rejects.toMatchObject({
      code: '3D000',
    })
  })

  test('databases are made by whoever may, and removed with force under the feet of others', async () => {
    await withClients(1, async (owner) => {
      await owner.query(`create role maker login password 'secret'`)
      await withClients(
        1,
        async (maker) => {
          const make = (): Promise<unknown> => ended(maker.query({ text: 'create database made', name: '' }))
          expect(await make()).toMatchObject({ code: '42501' })
          await owner.query('alter role maker createdb')
          expect(await make()).toMatchObject({ command: 'CREATE' })
          expect(await make()).toMatchObject({ code: '42P04', message: 'database "made" already exists' })
          expect(await ended(maker.query('drop database shop'))).toMatchObject({ code: '42501' })
          await maker.query('drop database made')
        },
        { user: 'maker', password: 'secret' },
      )
      expect(await ended(owner.query('drop database shop'))).toMatchObject({ code: '55006' })
      await owner.query('create database copied template shop')
      await owner.query('drop database copied')
      await owner.query({ text: 'create database "In Use"', values: [] })
      const others = { database: 'In Use' }
      await withClients(
        1,
        async (client) => {
          expect(await ended(owner.query('drop database "In Use"'))).toMatchObject({ code: '55006' })
          await client.query('begin')
          const told = new Promise((resolve) => client.once('error', resolve))
          await owner.query('drop database "In Use" with (force)')
          expect(await told).toMatchObject({ code: '57P01', severity: 'FATAL' })
        },
        others,
      )
      expect(await ended(withClients(1, async () => undefined, others))).toMatchObject({ code: '3D000' })
      const notices: (string | undefined)[] = []
      owner.on('notice', ({ message }) => notices.push(message))
      await owner.query('drop database if exists "In Use"')
      expect(notices).toEqual(['database "In Use" does not exist, skipping'])
    })
  })

  test('a statement is cancelled from another connection, and the session goes on', async () => {
    await withClients(2, async (a, b) => {
      const long = ended(a.query('select count(*) from generate_series(1, 1e12)'))
      const started = b.query('select 1')
      await cancel(a)
      expect(await long).toMatchObject({ code: '57014' })
      await started
      expect(await one(a, 'select 2')).toBe(2)
    })
  })
})
