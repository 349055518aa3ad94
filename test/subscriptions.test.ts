/**
 * Subscriptions and requests with a key, over real sockets on a real instance: what two clients are told of what others
 * do, what a client that comes back is told, and that nothing is done twice.
 */

import { beforeEach, describe, expect, it } from 'vitest'
import { openDisposables } from '../src/base/disposable.ts'
import { connect as connectTo } from './support/client-fixture.ts'
import type { EnvelopeClient, ReceivedFrame } from './support/envelope-client.ts'
import { envelopeFixture, writer } from './support/envelope-fixture.ts'
import { errorOf, eventsOf, foldedRows, kindsOf } from './support/subscriber.ts'

const fixture = envelopeFixture()
const { until } = fixture

/** To a query, or to what is given. */
function subscribe(client: EnvelopeClient, name: string, to: string | object): Promise<ReceivedFrame> {
  const what = typeof to === 'string' ? { sql: to } : to
  return client.ask('subscribe', { subscription: name, ...what })
}

const rowsOf = (client: EnvelopeClient, name: string): ReturnType<typeof foldedRows> =>
  foldedRows(eventsOf(client, name))

const firstCell = (client: EnvelopeClient, name: string): string | null =>
  rowsOf(client, name)?.[0]?.[0] ?? null

async function must(client: EnvelopeClient, ...texts: readonly string[]): Promise<void> {
  for (const sql of texts) {
    const { error } = await client.query(sql)
    if (error) throw new Error(`${sql}: ${error.message}`)
  }
}

/** The socket is cut, as by a network. */
async function lose(client: EnvelopeClient): Promise<void> {
  client.socket.terminate()
  await client.closed
}

/** `socketId` is hello_ok's. */
const socketIdOf = ({ frames }: EnvelopeClient): unknown =>
  frames.find(({ meta }) => meta.type === 'hello_ok')?.data?.socket_id

async function resume(
  wishes: readonly object[],
  token = 'secret',
): Promise<{ client: EnvelopeClient; ok: ReceivedFrame }> {
  const client = await fixture.connect({ token: null })
  const ok = await client.ask('hello', { token, client: 'test/1', resume: wishes }, { tenant: 'shop' })
  return { client, ok }
}

beforeEach(async () => {
  const client = await fixture.connect()
  await must(
    client,
    'drop table if exists lines, orders cascade',
    'create table orders (id int primary key, who text)',
    'create table lines (id int primary key, orders int references orders on delete cascade, amount numeric)',
    `insert into orders values (1, 'a'), (2, 'b')`,
  )
  await client.close()
})

describe.each(['json', 'msgpack'] as const)('a live query in %s', (encoding) => {
  it('tells two clients what a third has changed, by whatever statement', async () => {
    const [one, other] = [await fixture.connect({ encoding }), await fixture.connect({ encoding })]
    const third = await fixture.connect()
    const query = { sql: 'select id, who, 1.50::numeric as n from orders', key: ['id'] }
    const answer = await subscribe(one, 's', query)
    expect(answer.data).toMatchObject({
      columns: [
        { name: 'id', type: 23, column: 1 },
        { name: 'who', type: 25 },
        { name: 'n', type: 1700 },
      ],
      event_id: 0,
    })
    const sql = 'select count(*) from orders o left join lines on orders = o.id where who <> $1'
    await subscribe(other, 's', { sql, params: ['x'] })
    await until(() => rowsOf(one, 's') !== null && rowsOf(other, 's') !== null)
    expect(rowsOf(one, 's')).toEqual([
      ['1', 'a', '1.50'],
      ['2', 'b', '1.50'],
    ])
    const steps: readonly [sql: string, rows: readonly unknown[], count: string][] = [
      [
        `insert into lines values (1, 1, 2), (2, 1, 3)`,
        [
          ['1', 'a', '1.50'],
          ['2', 'b', '1.50'],
        ],
        '3',
      ],
      [
        `update orders set who = 'c' where id = 1`,
        [
          ['1', 'c', '1.50'],
          ['2', 'b', '1.50'],
        ],
        '3',
      ],
      [`delete from orders where id = 1`, [['2', 'b', '1.50']], '1'],
      [
        `insert into orders select i, null from generate_series(3, 4) i`,
        [
          ['2', 'b', '1.50'],
          ['3', null, '1.50'],
          ['4', null, '1.50'],
        ],
        '1',
      ],
      [`truncate orders cascade`, [], '0'],
    ]
    for (const [step, rows, count] of steps) {
      await must(third, step)
      await until(
        () => JSON.stringify(rowsOf(one, 's')) === JSON.stringify(rows) && firstCell(other, 's') === count,
      )
    }
    expect(kindsOf(one, 's')).toEqual(['1 snapshot', '2 diff', '3 diff', '4 diff', '5 diff'])
    expect(eventsOf(one, 's')[1]?.data).toMatchObject({
      updated: [{ before: ['1', 'a', '1.50'], after: ['1', 'c', '1.50'] }],
    })
  })

  it('says why it is refused, and takes its name back', async () => {
    const client = await fixture.connect({ encoding })
    const codes: unknown[] = []
    const tries: readonly object[] = [
      { sql: 'select nonsense' },
      { sql: 'delete from orders returning 1' },
      { sql: 'checkpoint' },
      { sql: 'select 1 as a', key: ['b'] },
      { sql: 'select generate_series(1, 10001)' },
      { sql: 'select 1', channel: 'c' },
      {},
      { channel: 'x'.repeat(64) },
    ]
    for (const one of tries)
      codes.push((await client.ask('subscribe', { subscription: 's', ...one })).error?.code)
    expect(codes).toEqual([
      ...['sql_error', 'sql_error', 'invalid_request', 'invalid_request', 'result_too_large'],
      ...['invalid_request', 'invalid_request', 'invalid_request'],
    ])
    await subscribe(client, 's', 'select 1')
    expect((await subscribe(client, 's', 'select 1')).error).toMatchObject({
      code: 'already_exists',
      sqlstate: '42P03',
    })
    expect((await client.ask('unsubscribe', { subscription: 's' })).meta.type).toBe('complete')
    expect((await client.ask('unsubscribe', { subscription: 's' })).error?.code).toBe('not_found')
    const elsewhere = await client.ask(
      'subscribe',
      { subscription: 's', sql: 'select 1' },
      { tenant: 'none' },
    )
    expect(elsewhere.error?.code).toBe('unknown_tenant')
  })
})

describe('a subscription', () => {
  it('is one of 64 of a socket, all of which are told', async () => {
    const [client, third] = [await fixture.connect(), await fixture.connect()]
    const names = Array.from({ length: 64 }, (_, n) => `s${n}`)
    await Promise.all(names.map((name, n) => subscribe(client, name, `select id + ${n} from orders`)))
    expect((await subscribe(client, 'more', 'select 1')).error?.code).toBe('limit_exceeded')
    await must(third, `insert into orders values (3, null)`)
    await until(() => names.every((name) => rowsOf(client, name)?.length === 3))
    expect(names.every((name, n) => rowsOf(client, name)?.some(([id]) => id === String(3 + n)))).toBe(true)
  })

  it('is not told of what is rolled back, and waits for the end of a transaction', async () => {
    const [client, third] = [await fixture.connect(), await fixture.connect()]
    await subscribe(client, 's', 'select id from orders')
    await until(() => rowsOf(client, 's') !== null)
    const session = { session: 'a' }
    await third.query('begin', [], session)
    await third.query('insert into orders values (3, null)', [], session)
    await third.query('rollback', [], session)
    await third.query('begin', [], session)
    await third.query('insert into orders values (4, null)', [], session)
    const late = subscribe(client, 'late', 'select count(*) from orders')
    expect(kindsOf(client, 's')).toEqual(['1 snapshot'])
    await third.query('commit', [], session)
    await late
    await until(() => rowsOf(client, 's')?.length === 3 && rowsOf(client, 'late') !== null)
    expect([kindsOf(client, 's'), rowsOf(client, 'late')]).toEqual([['1 snapshot', '2 diff'], [['3']]])
  })

  it('that waits to begin ends by its deadline, by cancel, and by unsubscribe', async () => {
    const [client, third] = [await fixture.connect(), await fixture.connect()]
    const session = { session: 'a' }
    await third.query('begin', [], session)
    const late = client.ask('subscribe', { subscription: 'late', sql: 'select 1' }, { deadline_ms: 20 })
    const cancelled = client.answer('c')
    client.send({
      meta: { type: 'subscribe', request_id: 'c' },
      data: { subscription: 'c', channel: 'news' },
    })
    const unsubscribed = subscribe(client, 'u', 'select 1')
    expect((await late).error?.code).toBe('deadline_exceeded')
    expect((await client.ask('cancel', { request_id: 'c' })).data).toEqual({ outcome: 'cancelled' })
    await client.ask('unsubscribe', { subscription: 'u' })
    const ends = [await cancelled, await unsubscribed].map(({ error }) => error?.code)
    expect(ends).toEqual(['cancelled', 'cancelled'])
    await third.query('rollback', [], session)
  })

  it('hears what is notified, when it is committed and as it was', async () => {
    const [client, third] = [await fixture.connect(), await fixture.connect()]
    const channel = `it's "odd"; ß`
    expect((await client.ask('subscribe', { subscription: 'c', channel })).data).toEqual({ event_id: 0 })
    const session = { session: 'a' }
    const notify = (payload: string): Promise<ReceivedFrame> =>
      third.query('select pg_notify($1, $2)', [channel, payload], session)
    await third.query('begin', [], session)
    await notify('lost')
    await third.query('rollback', [], session)
    await third.query('begin', [], session)
    await notify('ß"\\ ')
    await notify('')
    const { data } = await third.query('select pg_backend_pid()::text', [], session)
    expect(eventsOf(client, 'c')).toEqual([])
    await third.query('commit', [], session)
    await until(() => eventsOf(client, 'c').length === 2)
    const about = { channel, process_id: Number(data?.rows?.[0]?.[0]) }
    expect(eventsOf(client, 'c').map((event) => [event.meta.event_id, event.data])).toEqual([
      [1, { ...about, payload: 'ß"\\ ' }],
      [2, { ...about, payload: '' }],
    ])
  })

  it('shows what its role may see, and ends when it may not any more', async () => {
    const admin = await fixture.connect()
    await must(
      admin,
      'drop role if exists reader',
      'create role reader',
      'grant select on orders to reader',
      'alter table orders enable row level security',
      `create policy own on orders using (who = current_user)`,
      `update orders set who = 'reader' where id = 1`,
    )
    fixture.tokens.set('reader', { ...writer, tokenId: 'r', role: 'reader', access: 'read-only' })
    const client = await fixture.connect({ token: 'reader' })
    await subscribe(client, 's', 'select id from orders')
    await until(() => rowsOf(client, 's') !== null)
    expect(rowsOf(client, 's')).toEqual([['1']])
    await must(admin, `update orders set who = 'reader'`)
    await until(() => rowsOf(client, 's')?.length === 2)
    await must(admin, 'revoke select on orders from reader')
    await until(() => errorOf(client, 's') !== null)
    expect(errorOf(client, 's')?.sqlstate).toBe('42501')
    // Its name is free again.
    expect((await subscribe(client, 's', 'select 1')).error).toBeUndefined()
    await must(admin, 'drop table orders cascade', 'drop role reader')
  })

  it('goes on when the instance has been brought back to what it was', async () => {
    const workbench = connectTo(fixture.host)
    const { id: instanceId } =
      (await workbench.call('instance.list', null)).find(({ name }) => name === 'shop') ?? {}
    const client = await fixture.connect()
    await subscribe(client, 's', 'select id from orders')
    await client.ask('subscribe', { subscription: 'c', channel: 'news' })
    await until(() => rowsOf(client, 's')?.length === 2)
    await workbench.call('instance.stop', { instanceId: instanceId ?? '' })
    await until(() => errorOf(client, 'c') !== null)
    expect(errorOf(client, 'c')?.code).toBe('session_lost')
    await workbench.call('instance.start', { instanceId: instanceId ?? '' })
    // It was in memory: nothing is there any more.
    await until(() => errorOf(client, 's') !== null)
    expect(errorOf(client, 's')?.sqlstate).toBe('42P01')
    workbench.dispose()
  })

  it('ends with its socket where nobody can come back, and with its token', async () => {
    fixture.tokens.set('other', { ...writer, tokenId: 'o' })
    const client = await fixture.connect({ token: 'other' })
    await subscribe(client, 's', 'select id from orders')
    fixture.revoked.fire({ tokenId: 'o' })
    expect((await client.closed).code).toBe(4401)
  })
})

describe('a client that comes back', () => {
  it('is told what it has missed, and nothing twice', async () => {
    const third = await fixture.connect()
    const client = await fixture.connect()
    await subscribe(client, 's', 'select id, who from orders')
    await client.ask('subscribe', { subscription: 'c', channel: 'news' })
    await must(third, `insert into orders values (3, 'c')`, `notify news, 'one'`)
    await until(() => rowsOf(client, 's')?.length === 3 && eventsOf(client, 'c').length === 1)
    const socket_id = socketIdOf(client)
    await lose(client)
    await must(
      third,
      `insert into orders values (4, 'd')`,
      `delete from orders where id = 1`,
      `notify news, 'two'`,
    )
    const { client: again, ok } = await resume([
      { subscription: 's', last_event_id: 1, socket_id },
      { subscription: 'c', last_event_id: 1, socket_id },
    ])
    expect(ok.data).toMatchObject({ resumed: ['s', 'c'], must_refetch: [] })
    await until(() => kindsOf(again, 's').length === 2 && eventsOf(again, 'c').length === 1)
    // The second event is sent again; what came while nobody was there is one difference.
    expect(kindsOf(again, 's')).toEqual(['2 diff', '3 diff'])
    expect(eventsOf(again, 'c').map(({ data }) => data?.payload)).toEqual(['two'])
    expect(foldedRows(eventsOf(client, 's').slice(0, 1), eventsOf(again, 's'))).toEqual([
      ['2', 'b'],
      ['3', 'c'],
      ['4', 'd'],
    ])
    expect(again.frames[0]?.meta.type).toBe('hello_ok')
    await must(third, `delete from orders`)
    await until(() => kindsOf(again, 's').at(-1) === '4 diff')
    expect((await again.ask('unsubscribe', { subscription: 's' })).meta.type).toBe('complete')
  })

  it('must ask again where it is not known, has other rights, or has missed too much', async () => {
    fixture.tokens.set('reader', { ...writer, tokenId: 'r', access: 'read-only' })
    const third = await fixture.connect()
    const client = await fixture.connect()
    await subscribe(client, 's', 'select id from orders')
    await client.ask('subscribe', { subscription: 'c', channel: 'news' })
    await client.ask('subscribe', { subscription: 'd', channel: 'other' })
    const socket_id = socketIdOf(client)
    await lose(client)
    const stolen = await resume([{ subscription: 's', last_event_id: 1, socket_id }], 'reader')
    expect(stolen.ok.data).toMatchObject({ resumed: [], must_refetch: ['s'] })
    for (let n = 0; n < 257; n += 1) await third.query(`select pg_notify('news', $1)`, [String(n)])
    const { client: again, ok } = await resume([
      { subscription: 's', last_event_id: 9, socket_id },
      { subscription: 'c', last_event_id: 0, socket_id },
      { subscription: 'd', last_event_id: 0, socket_id },
      { subscription: 'none', last_event_id: 5, socket_id },
      { subscription: 'elsewhere', last_event_id: 5, socket_id: 'nobody' },
    ])
    expect(ok.data).toMatchObject({ resumed: ['d'], must_refetch: ['s', 'c', 'none', 'elsewhere'] })
    await until(() => kindsOf(again, 'none').length === 1)
    expect([kindsOf(again, 'none'), kindsOf(again, 'd')]).toEqual([['6 must_refetch'], []])
    await again.close()
    await resume([{ subscription: 'd', last_event_id: 0, socket_id: socketIdOf(again) }])
  })
})

describe('a client that does not read', () => {
  it('loses a channel that has too much for it, and is told all that a query has become', async () => {
    const third = await fixture.connect()
    const client = await fixture.connect()
    await client.ask('subscribe', { subscription: 'c', channel: 'news' })
    await subscribe(client, 's', 'select count(*), max(who) from orders')
    await until(() => rowsOf(client, 's') !== null)
    client.socket.pause()
    // Enough that nothing more is taken: what the system buffers, what the endpoint lets wait, and more than is kept.
    const payload = 'x'.repeat(7_900)
    const flood = `do $$ begin for n in 1..2500 loop perform pg_notify('news', n || '${payload}'); end loop; end $$`
    await must(third, flood, 'insert into orders values (3, null)', 'insert into orders values (4, null)')
    await must(third, flood)
    client.socket.resume()
    await until(() => errorOf(client, 'c') !== null && rowsOf(client, 's')?.[0] !== undefined)
    expect(errorOf(client, 'c')?.code).toBe('slow_consumer')
    await until(() => firstCell(client, 's') === '4')
    expect(kindsOf(client, 's').length).toBeLessThanOrEqual(3)
  })
})

describe('a request with a key', () => {
  const insert = 'insert into orders values ($1, $2) returning id'

  it('keeps rows in batches apart from those that come after them', async () => {
    const client = await fixture.connect({ encoding: 'msgpack' })
    const key = { idempotency_key: `b${Math.random()}` }
    const sql = 'select i, i::text as t from generate_series(1, 3) i'
    const first = await client.query(sql, [], key)
    expect(
      (await client.query('select i, i::text as t from generate_series(7, 9) i')).data?.rows,
    ).toHaveLength(3)
    const again = await client.query(sql, [], key)
    expect([again.meta.replayed, again.data?.rows]).toEqual([true, first.data?.rows])
    expect(again.data?.rows?.[2]).toEqual(['3', '3'])
  })

  it('is run once, and answered as often as it is asked', async () => {
    const [one, other] = [await fixture.connect(), await fixture.connect({ encoding: 'msgpack' })]
    const key = { idempotency_key: `k${Math.random()}` }
    const answers = [await one.query(insert, ['7', 'x'], key), await one.query(insert, ['7', 'x'], key)]
    expect(
      answers.map(({ meta, data, error }) => [meta.replayed ?? false, data?.rows, data?.row_count, error]),
    ).toEqual([
      [false, [['7']], 1, undefined],
      [true, [['7']], 1, undefined],
    ])
    // Rows are kept as they were sent.
    const elsewhere = await other.query(insert, ['7', 'x'], key)
    expect([elsewhere.meta.replayed, elsewhere.data]).toEqual([
      true,
      { command: 'INSERT', row_count: 1, truncated: true },
    ])
    expect((await one.query(insert, ['8', 'x'], key)).error?.code).toBe('idempotency_conflict')
    expect((await one.query(insert, ['7', 'y'], { ...key, session: 'a' })).error?.code).toBe(
      'invalid_request',
    )
    expect((await one.ask('ping', {}, key)).error?.code).toBe('invalid_request')
    const refused = { idempotency_key: `r${Math.random()}` }
    const errors = [await one.query('select 1/0', [], refused), await one.query('select 1/0', [], refused)]
    expect(errors.map(({ meta, error }) => [meta.replayed ?? false, error?.sqlstate])).toEqual([
      [false, '22012'],
      [true, '22012'],
    ])
  })

  it('is shared while it runs, and its rows are given again as far as they are kept', async () => {
    const [one, other] = [
      await fixture.connect({ isReading: true }),
      await fixture.connect({ isReading: true }),
    ]
    const key = { idempotency_key: `k${Math.random()}` }
    const sql = `insert into orders select i, 'x' from generate_series(10, 1009) i returning id, pg_sleep(0)`
    const answers = await Promise.all([
      one.query(sql, [], key),
      other.query(sql, [], key),
      one.query(sql, [], key),
    ])
    expect(answers.map(({ meta, data }) => [meta.replayed ?? false, data?.row_count])).toEqual([
      [false, 1_000],
      [true, 1_000],
      [true, 1_000],
    ])
    expect(one.rows('r2')).toHaveLength(1_000)
    expect(other.rows('r2')).toEqual(one.rows('r2'))
    const large = { idempotency_key: `l${Math.random()}` }
    const wide = `select repeat('x', 100) from generate_series(1, 1000)`
    expect((await one.query(wide, [], large)).data).not.toHaveProperty('truncated')
    expect((await one.query(wide, [], large)).data).toMatchObject({ truncated: true, row_count: 1_000 })
  })

  it('is forgotten where it has had no effect', async () => {
    const [client, third] = [await fixture.connect(), await fixture.connect()]
    const key = { idempotency_key: `k${Math.random()}` }
    await third.query('begin', [], { session: 'a' })
    expect((await client.query(insert, ['7', 'x'], { ...key, deadline_ms: 20 })).error?.code).toBe(
      'deadline_exceeded',
    )
    await third.query('rollback', [], { session: 'a' })
    expect((await client.query(insert, ['7', 'x'], key)).meta.replayed).toBeUndefined()
  })

  it('is run once although its socket is lost before it is answered', async () => {
    const [client, third] = [await fixture.connect(), await fixture.connect()]
    const key = { idempotency_key: `k${Math.random()}` }
    await third.query('begin', [], { session: 'a' })
    void client.query(insert, ['7', 'x'], key)
    // It has been read when this is answered, and waits for the transaction.
    await client.ask('ping', {})
    await lose(client)
    const again = await fixture.connect()
    const second = again.query(insert, ['7', 'x'], key)
    await again.ask('ping', {})
    await third.query('commit', [], { session: 'a' })
    const { meta, data, error } = await second
    expect([error, data?.row_count]).toEqual([undefined, 1])
    expect(meta.replayed).toBe(true)
    expect((await again.query('select count(*) from orders where id = 7')).data?.rows).toEqual([['1']])
  })
})

describe('introspection', () => {
  it('answers what the catalogs say', async () => {
    const client = await fixture.connect()
    const { data } = await client.ask('introspect', { schemas: ['public', 'it"s\\'] })
    expect(data?.schemas).toMatchObject([
      {
        name: 'public',
        relations: [{ name: 'lines', foreign_keys: [{ columns: ['orders'] }] }, { name: 'orders' }],
      },
    ])
    expect((await client.ask('introspect', undefined)).data).toEqual(data)
    expect((await client.ask('introspect', { schemas: [1] })).error?.code).toBe('invalid_request')
  })
})

it('leaves nothing behind', async () => {
  await fixture.routes.close()
  await until(() => !openDisposables()['live-query'] && !openDisposables()['live-reader'])
  expect(openDisposables()['subscription'] ?? 0).toBe(0)
})
