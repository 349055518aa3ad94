/**
 * Subscriptions of `@wardian/client` against a real host: channels, changes of queries, whole results, and what becomes
 * of them when connections are lost. Conditions are waited for, never times.
 */

import { describe, expect, test } from 'vitest'
import { sql } from '../src/client/sql-text.ts'
import type { QueryEvent } from '../src/client/subscription-options.ts'
import { BreakableSocket, servedClient } from './support/served-client.ts'

const served = servedClient()

interface Order {
  readonly id: number
  readonly product: string
}

/** The next events of an iteration. */
async function take<T>(iterator: AsyncIterator<T>, count: number): Promise<T[]> {
  const taken: T[] = []
  while (taken.length < count) {
    const next = await iterator.next()
    if (next.done === true) break
    taken.push(next.value)
  }
  return taken
}

describe('a subscription to a channel', () => {
  test('hears what is committed, exactly, and not what is rolled back', async () => {
    const db = await served.open()
    const heard = (await db.subscribe('orders "new"'))[Symbol.asyncIterator]()
    await db
      .transaction(async (tx) => {
        await tx.sql`select pg_notify('orders "new"', 'never')`
        throw new Error('undo')
      })
      .catch(() => undefined)
    const payload = 'naïve 漢字 \u{1f600} " \\'
    await db.sql`select pg_notify('orders "new"', ${payload})`
    expect(await take(heard, 1)).toStrictEqual([
      { kind: 'notification', channel: 'orders "new"', payload, processId: expect.any(Number) },
    ])
    await heard.return?.()
  })

  test('goes on after a lost connection, with what was said meanwhile', async () => {
    const db = await served.open({ reconnect: { delayMs: 1, delayMaxMs: 5 } })
    const speaker = await served.open({ encoding: 'json' })
    const heard = (await db.subscribe('lost'))[Symbol.asyncIterator]()
    await speaker.sql`select pg_notify('lost', 'before')`
    expect(await take(heard, 1)).toMatchObject([{ payload: 'before' }])
    BreakableSocket.breakAll()
    await speaker.query(`select pg_notify('lost', 'meanwhile')`, [], { isRepeatable: true })
    await speaker.sql`select pg_notify('lost', 'after')`
    expect(await take(heard, 2)).toMatchObject([{ payload: 'meanwhile' }, { payload: 'after' }])
    await heard.return?.()
  })

  test('ends with its signal’s reason, and with the client', async () => {
    const db = await served.open()
    const controller = new AbortController()
    const ended = (await db.subscribe('c', { signal: controller.signal }))[Symbol.asyncIterator]()
    controller.abort(new Error('enough'))
    await expect(ended.next()).rejects.toThrow('enough')
    const closed = (await db.subscribe('c'))[Symbol.asyncIterator]()
    db.close()
    expect(await closed.next()).toStrictEqual({ done: true, value: undefined })
  })
})

describe.each(['msgpack', 'json'] as const)('a query that is watched over %s', (encoding) => {
  test('tells its result, and then what changes in it', async () => {
    const db = await served.open({ encoding })
    const table = sql.identifier(`watched_${encoding}`)
    await db.sql`create table ${table} (id int primary key, product text, price numeric)`
    await db.sql`insert into ${table} values (1, 'tea', 1.10)`
    const statement = { sql: sql`select id, product, price from ${table} where id > ${0}`, key: ['id'] }
    const events = (await db.subscribe<Order>(statement))[Symbol.asyncIterator]()
    const tea = { id: 1, product: 'tea', price: '1.10' }
    expect(await take(events, 1)).toStrictEqual([{ kind: 'snapshot', rows: [tea] }])
    await db.sql`insert into ${table} values (2, 'coffee', 2)`
    const coffee = { id: 2, product: 'coffee', price: '2' }
    const none = { inserted: [], updated: [], deleted: [] }
    expect(await take(events, 1)).toStrictEqual([{ kind: 'diff', ...none, inserted: [coffee] }])
    await db.batch(
      [sql`update ${table} set product = 'green tea' where id = 1`, sql`delete from ${table} where id = 2`],
      {
        isAtomic: true,
      },
    )
    const updated = [{ before: tea, after: { ...tea, product: 'green tea' } }]
    expect(await take(events, 1)).toStrictEqual([{ kind: 'diff', inserted: [], updated, deleted: [coffee] }])
    await events.return?.()
  })

  test('is the same as asking again, whatever happened and however often the connection was lost', async () => {
    const db = await served.open({ encoding, reconnect: { delayMs: 1, delayMaxMs: 5 } })
    const writer = await served.open()
    const table = sql.identifier(`folded_${encoding}`)
    await writer.sql`create table ${table} (id int, value int)`
    const live = (await db.live({ sql: sql`select id, value from ${table}` }))[Symbol.asyncIterator]()
    for (let round = 1; round <= 6; round += 1) {
      const write = sql`insert into ${table} select i % 5, ${round}::int from generate_series(1, ${round}::int) i`
      await writer.query(write, [], { idempotencyKey: `${encoding}-${round}` })
      await writer.sql`delete from ${table} where id = ${round % 5} and value < ${round}`
      if (round % 3 === 0) BreakableSocket.breakAll()
    }
    const order = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort()
    const expected = order(
      (await writer.query(sql`select id, value from ${table}`, [], { isRepeatable: true })).rows,
    )
    let rows: readonly unknown[] = []
    while (order(rows).join() !== expected.join()) {
      const next = await live.next()
      expect(next.done).toBe(false)
      if (next.done !== true) rows = next.value
    }
    await live.return?.()
  })
})

test('a query that cannot be watched says why', async () => {
  const db = await served.open()
  const events: Promise<QueryEvent<unknown>[]> = db
    .subscribe(sql`select * from not_there`)
    .then((subscription) => take(subscription[Symbol.asyncIterator](), 1))
  await expect(events).rejects.toMatchObject({ code: 'sql_error', sqlstate: '42P01' })
})

test('introspection tells tables and their columns', async () => {
  const db = await served.open()
  await db.query('create table described (id int primary key, note text not null)')
  const schemas = await db.introspect({ schemas: ['public'] })
  expect(schemas.map(({ name }) => name)).toStrictEqual(['public'])
  const found = schemas[0]?.relations.find(({ name }) => name === 'described')
  expect(found).toMatchObject({ kind: 'table', primary_key: { columns: ['id'] } })
  expect(found?.columns.map(({ name, type_name, nullable }) => [name, type_name, nullable])).toStrictEqual([
    ['id', 'integer', false],
    ['note', 'text', false],
  ])
})
