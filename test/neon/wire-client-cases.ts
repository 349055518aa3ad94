/**
 * Goal: programs that use `@neondatabase/serverless` over WebSockets work unchanged. Method: its own clients and pools,
 * through everything: endpoint, sessions, engine.
 */

import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { Client, neonConfig, Pool } from '@neondatabase/serverless'
import Cursor from 'pg-cursor'
import { beforeAll, expect, test, vi } from 'vitest'
import { mintToken } from '../../src/main/endpoints/web/web-token.ts'
import { waitMs, type NeonFixture } from '../support/neon-fixture.ts'

export function wireClientCases(neon: NeonFixture): void {
  async function withClient<T>(converse: (client: Client) => Promise<T>, url = neon.url()): Promise<T> {
    const client = new Client(url)
    client.on('error', () => undefined)
    await client.connect()
    try {
      return await converse(client)
    } finally {
      await client.end()
    }
  }

  async function connectError(url: string): Promise<unknown> {
    const client = new Client(url)
    client.on('error', () => undefined)
    const connected = client.connect()
    return connected.then(() => client.query('select 1')).catch((error: unknown) => error)
  }

  beforeAll(() => withClient((client) => client.query('create table items (id int primary key, name text)')))

  for (const pipelineConnect of ['password', false] as const) {
    for (const coalesceWrites of [true, false]) {
      test(`connects with pipelineConnect ${pipelineConnect} and coalesceWrites ${coalesceWrites}`, async () => {
        Object.assign(neonConfig, { pipelineConnect, coalesceWrites })
        const rows = await withClient(
          async (client) => (await client.query('select $1::int as one', [1])).rows,
        )
        expect(rows).toEqual([{ one: 1 }])
      })
    }

    test(`hears what is wrong, with pipelineConnect ${pipelineConnect}`, async () => {
      neonConfig.pipelineConnect = pipelineConnect
      const message = 'password authentication failed for user "app"'
      expect(await connectError(neon.url(mintToken()))).toMatchObject({ code: '28P01', message })
      expect(await connectError(neon.url('secret'))).toMatchObject({ code: '28P01', message })
      const missing = { code: '3D000', message: 'database "none" does not exist' }
      expect(await connectError(neon.url().replace('/shop', '/none'))).toMatchObject(missing)
      const blind = neon.access.grant({ tenants: ['other'] })
      expect(await connectError(neon.url(blind))).toMatchObject({ code: '3D000' })
    })
  }

  test('is not asked again for a while after too many wrong tokens', async () => {
    neon.access.attemptsMax = neon.access.attempts
    const error = await connectError(neon.url())
    neon.access.attemptsMax = null
    expect(error).toMatchObject({ code: '28000', message: 'Too many wrong tokens: try again later' })
  })

  test('is the role of its token, whatever name it gives, and is listed as such', async () => {
    await withClient((client) => client.query('create role reader; grant select on items to reader'))
    const url = neon.url(neon.access.grant({ role: 'reader' })).replace('app:', 'postgres:')
    await withClient(async (client) => {
      const { rows } = await client.query('select session_user, current_user, system_user')
      const systemUser = expect.stringMatching(/^token:token-\d+$/)
      expect(rows).toEqual([{ session_user: 'reader', current_user: 'reader', system_user: systemUser }])
      await expect(client.query('delete from items')).rejects.toMatchObject({ code: '42501' })
      const applicationName = expect.stringContaining('neondatabase')
      const listed = {
        user: 'reader',
        database: 'shop',
        applicationName,
        address: '127.0.0.1',
        state: 'idle',
      }
      // The error is there before the message that ends its answer.
      await vi.waitFor(() => expect(neon.clients.list()).toMatchObject([listed]), waitMs)
    }, url)
  })

  test('goes on after an error, whose fields are those of Postgres', async () => {
    await withClient(async (client) => {
      const error = { code: '42703', severity: 'ERROR', position: '8', routine: 'errorMissingColumn' }
      await expect(client.query('select none')).rejects.toMatchObject(error)
      await expect(client.query('select 1 / $1::int', [0])).rejects.toMatchObject({ code: '22012' })
      expect((await client.query('select 2 as two')).rows).toEqual([{ two: 2 }])
    })
  })

  test('commits and rolls back', async () => {
    await withClient(async (client) => {
      await client.query('begin')
      await client.query('insert into items values (1, $1)', ['kept'])
      await client.query('commit')
      await client.query('begin')
      await client.query('insert into items values (2, $1)', ['not kept'])
      await client.query('rollback')
      expect((await client.query('select * from items')).rows).toEqual([{ id: 1, name: 'kept' }])
    })
  })

  test('asks 100 things at once and gets each answer in turn', async () => {
    await withClient(async (client) => {
      const asked = Array.from({ length: 100 }, (_, index) => client.query('select $1::int as n', [index]))
      const answers = await Promise.all(asked)
      expect(answers.map(({ rows }) => rows[0]?.n)).toEqual(answers.map((_, index) => index))
    })
  })

  test('is one of a pool of 20 with 100 queries', async () => {
    const pool = new Pool({ connectionString: neon.url(), max: 20 })
    const sql = 'insert into items select 1000 + $1::int, $2 returning id'
    const asked = Array.from({ length: 100 }, (_, index) => pool.query(sql, [index, `item ${index}`]))
    const answers = await Promise.all(asked)
    expect(answers.map(({ rows }) => rows[0]?.id)).toEqual(answers.map((_, index) => 1000 + index))
    await pool.end()
  })

  test('sends and gets values of megabytes', async () => {
    const value = Buffer.alloc(3 << 20, 'äöü€').toString()
    await withClient(async (client) => {
      const { rows } = await client.query('select $1::text as same, length($1::text) as length', [value])
      expect(rows).toEqual([{ same: value, length: value.length }])
      const many = await client.query('select i, repeat(i::text, 20) as t from generate_series(1, 20000) i')
      expect(many.rows.at(-1)).toEqual({ i: 20_000, t: '20000'.repeat(20) })
    })
  })

  test('reads a cursor in parts, and closes it before its end', async () => {
    await withClient(async (client) => {
      await client.query('begin')
      const cursor = client.query(new Cursor('select i from generate_series(1, 1000000) i'))
      expect(await cursor.read(3)).toEqual([{ i: 1 }, { i: 2 }, { i: 3 }])
      expect((await cursor.read(500)).at(-1)).toEqual({ i: 503 })
      await cursor.close()
      await client.query('commit')
    })
  })

  test('hears of notifications of others', async () => {
    await withClient(async (listener) => {
      const heard = once(listener, 'notification')
      await listener.query('listen news')
      await withClient((client) => client.query('select pg_notify($1, $2)', ['news', 'hot']))
      expect(await heard).toMatchObject([{ channel: 'news', payload: 'hot' }])
    })
  })

  test('leaves nothing when it goes in the middle of a transaction', async () => {
    const client = new Client(neon.url())
    client.on('error', () => undefined)
    await client.connect()
    await client.query('begin')
    await client.query('insert into items values (3, $1)', ['gone'])
    await client.end()
    await withClient(async (other) => {
      expect((await other.query('select * from items where id = 3')).rows).toEqual([])
    })
  })

  test('is told when somebody disconnects it, and when its token is revoked or expires', async () => {
    const ended = async (end: (token: string) => void, expiresAtMs: number | null): Promise<unknown> => {
      const token = neon.access.grant({ expiresAtMs })
      const client = new Client(neon.url(token))
      const failed = once(client, 'error')
      await client.connect()
      await client.query('select 1').catch(() => undefined)
      end(token)
      const [error] = await failed
      await client.end()
      return error
    }
    const disconnect = (): void => neon.clients.disconnectAll()
    expect(await ended(disconnect, null)).toMatchObject({ code: '57P01' })
    const revoked = { code: '28000', severity: 'FATAL', message: 'the token was revoked' }
    expect(await ended((token) => neon.access.revoke(token), null)).toMatchObject(revoked)
    const expired = { code: '28000', severity: 'FATAL', message: 'the token has expired' }
    expect(await ended(() => undefined, Date.now() + 500)).toMatchObject(expired)
  })

  test('does not have the address dialled that it names', async () => {
    const dialled = vi.fn<() => void>()
    const other = createServer((socket) => {
      dialled()
      socket.destroy()
    })
    await once(other.listen(0, '127.0.0.1'), 'listening')
    const { port } = other.address() as AddressInfo
    for (const address of [`127.0.0.1:${port}`, `localhost:${port}`, '169.254.169.254:80', 'none']) {
      neonConfig.wsProxy = () => `127.0.0.1:${neon.port}/v2?address=${address}`
      expect(await withClient(async (client) => (await client.query('select 1 as one')).rows)).toEqual([
        { one: 1 },
      ])
    }
    expect(dialled).not.toHaveBeenCalled()
    other.close()
  })

  test('is metered', async () => {
    const before = { ...neon.meter.of('shop') }
    await withClient((client) => client.query('select repeat($1, 1000)', ['x']))
    await vi.waitFor(() => {
      expect(neon.meter.of('shop').sentBytes - before.sentBytes).toBeGreaterThan(1_000)
      expect(neon.meter.of('shop').receivedBytes).toBeGreaterThan(before.receivedBytes)
    }, waitMs)
  })
}
