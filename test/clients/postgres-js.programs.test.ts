/**
 * Goal: postgres.js, which pipelines whatever it is given, works here as on native Postgres. Method: the same calls
 * against both servers, over several connections at once.
 */

import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { DEADLINE_MS, SERVERS, serverFixture } from '../support/clients/client-server.ts'

vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })

describe.each(SERVERS)('postgres.js on %s', (name) => {
  const server = serverFixture(name, 'clients_postgres_js')
  let sql: postgres.Sql

  beforeAll(async () => {
    sql = postgres(server().url, { max: 4, onnotice: () => undefined })
    await sql`create table people (id int primary key generated always as identity, name text unique, data jsonb)`
  })
  afterAll(() => sql.end())

  test('inserts, updates and selects with its own fragments', async () => {
    const people = Array.from({ length: 500 }, (_, i) => ({
      name: `n ${i}`,
      data: sql.json({ i, list: [i] }),
    }))
    const inserted = await sql`insert into people ${sql(people)} returning id`
    expect(inserted).toHaveLength(500)
    await sql`update people set ${sql({ name: 'changed' })} where name = 'n 7'`
    const found = await sql`
      select name, data from people where name in ${sql(['changed', 'n 8'])} and (data->>'i')::int = any(${[7, 8]})
      order by id`
    expect([...found]).toEqual([
      { name: 'changed', data: { i: 7, list: [7] } },
      { name: 'n 8', data: { i: 8, list: [8] } },
    ])
  })

  test('many queries at once come back to those who asked', async () => {
    const asked = Array.from({ length: 300 }, (_, n) => sql`select ${n}::int as n, pg_backend_pid() as pid`)
    const answers = await Promise.all(asked)
    expect(answers.map(([row]) => row?.['n'])).toEqual(Array.from({ length: 300 }, (_, n) => n))
    expect(new Set(answers.map(([row]) => row?.['pid'])).size).toBeGreaterThan(1)
  })

  test('transactions are whole, savepoints included', async () => {
    await sql.begin(async (tx) => {
      await tx`insert into people (name) values ('kept')`
      const failed = tx.savepoint((inner) => inner`insert into people (name) values ('kept')`)
      await expect(failed).rejects.toMatchObject({ code: '23505', constraint_name: 'people_name_key' })
      await tx`insert into people (name) values ('kept, too')`
    })
    const lost = sql.begin(async (tx) => {
      await tx`insert into people (name) values ('lost')`
      throw new Error('no')
    })
    await expect(lost).rejects.toThrow('no')
    const names = await sql`select name from people where name in ('kept', 'kept, too', 'lost') order by 1`
    expect(names.map((row) => row['name'])).toEqual(['kept', 'kept, too'])
  })

  test('cursors fetch in slices, and forEach row by row', async () => {
    const sizes: number[] = []
    await sql`select generate_series(1, 105) as n`.cursor(25, (rows) => void sizes.push(rows.length))
    expect(sizes).toEqual([25, 25, 25, 25, 5])
    let sum = 0
    await sql`select generate_series(1, 100) as n`.forEach((row) => void (sum += Number(row['n'])))
    expect(sum).toBe(5050)
  })

  test('queries are cancelled, described, and sent in the simple protocol', async () => {
    const long = sql`select pg_sleep(600)`.execute()
    long.cancel()
    await expect(long).rejects.toMatchObject({ code: '57014' })
    const { columns, types } = await sql`select id, name from people where id = ${1}`.describe()
    expect(columns.map((column) => column.name)).toEqual(['id', 'name'])
    expect(types).toEqual([23])
    const several = await sql`select 1 as a; select 2 as b`.simple()
    expect(several).toMatchObject([[{ a: 1 }], [{ b: 2 }]])
  })

  test('listeners hear what others notify', async () => {
    const heard = Promise.withResolvers<string>()
    const { unlisten } = await sql.listen('js_news', heard.resolve)
    await sql.notify('js_news', 'hello')
    expect(await heard.promise).toBe('hello')
    await unlisten()
  })
})
