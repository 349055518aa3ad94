/**
 * Goal: what node-postgres offers works here as on native Postgres: types, prepared statements, errors, notices,
 * cursors through rowMode and a pool whose clients come and go. Method: the same calls against both servers.
 */

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { DEADLINE_MS, SERVERS, serverFixture } from '../support/clients/client-server.ts'
import { departuresOf } from '../support/clients/pool-departures.ts'

vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })

describe.each(SERVERS)('node-postgres on %s', (name) => {
  const server = serverFixture(name, 'clients_pg')
  let pool: pg.Pool
  let allLeft: () => Promise<void>

  beforeAll(() => {
    pool = new pg.Pool({ connectionString: server().url, max: 6 })
    allLeft = departuresOf(pool)
  })
  afterAll(async () => {
    await pool.end()
    await allLeft()
  })

  test('exchanges values of every common type with their parsers', async () => {
    const values = [
      ...[true, 32_767, -2_147_483_648, '9223372036854775807', 1.5e300, '12345678901234567890.123456789'],
      ...['naïve 😀', new Date('2026-11-21T10:11:12.345Z'), Buffer.from([0, 1, 255]), { a: [1, null] }],
      ...[[1, 2, 3], ['a', 'b"c', null], '0b1f7b3e-3c1a-4d41-9d7b-4a7b3b0b7b3e', '192.168.0.1/24', null],
    ]
    const types =
      'bool int2 int4 int8 float8 numeric text timestamptz bytea jsonb int4[] text[] uuid inet date'
    const list = types.split(' ').map((type, index) => `$${index + 1}::${type} as "${type}"`)
    const { rows, fields } = await pool.query<unknown[]>({
      ...{ text: `select ${list.join(', ')}`, values, rowMode: 'array' },
    })
    expect(rows[0]).toEqual(values)
    expect(fields.map(({ dataTypeID }) => dataTypeID)).toEqual([
      ...[16, 21, 23, 20, 701, 1700, 25, 1184, 17, 3802, 1007, 1009, 2950, 869, 1082],
    ])
  })

  test('runs named statements again and again, and several statements in one text', async () => {
    const client = await pool.connect()
    for (let n = 0; n < 20; n++) {
      const { rows } = await client.query({ name: 'twice', text: 'select $1::int * 2 as n', values: [n] })
      expect(rows).toEqual([{ n: n * 2 }])
    }
    const results: unknown = await client.query(
      'select 1 as a; create temp table t (b int); table t; select 2 as c',
    )
    expect(results).toMatchObject([
      ...[{ rows: [{ a: 1 }] }, { command: 'CREATE' }, { rows: [] }, { rows: [{ c: 2 }] }],
    ])
    client.release()
  })

  test('tells what is wrong with all fields of the error, and goes on', async () => {
    const client = await pool.connect()
    await client.query('create temp table checked (a int constraint positive check (a > 0))')
    const notices: unknown[] = []
    client.on('notice', (notice) => notices.push(notice.message))
    await expect(client.query('insert into checked values (-1)')).rejects.toMatchObject({
      ...{ severity: 'ERROR', code: '23514', table: 'checked', constraint: 'positive' },
      detail: 'Failing row contains (-1).',
    })
    await expect(client.query('select * form checked')).rejects.toMatchObject({
      code: '42601',
      position: '10',
    })
    await client.query(`do $$ begin raise notice 'seen'; end $$`)
    expect(notices).toEqual(['seen'])
    client.release()
  })

  test('a pool serves many at once, in transactions too', async () => {
    await pool.query('create table counters (id int primary key, n int); insert into counters values (1, 0)')
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        const client = await pool.connect()
        await client.query('begin')
        await client.query('update counters set n = n + 1 where id = 1')
        await client.query('commit')
        client.release()
      }),
    )
    expect((await pool.query('select n from counters')).rows).toEqual([{ n: 40 }])
    expect(pool.totalCount).toBeLessThanOrEqual(6)
  })

  test('a pool replaces clients that failed or were ended by the server', async () => {
    const small = new pg.Pool({ connectionString: server().url, max: 1 })
    const smallLeft = departuresOf(small)
    const ended = new Promise((resolve) => small.on('error', resolve))
    const { rows } = await small.query<{ pid: number }>('select pg_backend_pid() as pid')
    await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid])
    expect(await ended).toMatchObject({ code: '57P01' })
    expect((await small.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    await small.end()
    await smallLeft()
  })

  test('listeners hear what was committed', async () => {
    const [listener, speaker] = [await pool.connect(), await pool.connect()]
    const heard = new Promise((resolve) => listener.once('notification', resolve))
    await listener.query('listen pg_news')
    await speaker.query(`begin; notify pg_news, 'rolled back'; rollback`)
    await speaker.query(`begin; notify pg_news, 'committed'; commit`)
    expect(await heard).toMatchObject({ payload: 'committed' })
    await listener.query('unlisten *')
    for (const client of [listener, speaker]) client.release()
  })
})
