/**
 * Tests of many requests and many sockets at once, of ends in the middle, and of the bounds. How many comes from the
 * environment: ENVELOPE_REQUESTS, ENVELOPE_SOCKETS, ENVELOPE_PER_SOCKET.
 */

import { describe, expect, it } from 'vitest'
import type { ReceivedFrame } from '../../../../test/support/envelope-client.ts'
import { envelopeFixture } from '../../../../test/support/envelope-fixture.ts'

const fixture = envelopeFixture()

const requestCount = Number(process.env['ENVELOPE_REQUESTS'] ?? 1_000)
const socketCount = Number(process.env['ENVELOPE_SOCKETS'] ?? 20)
const perSocket = Number(process.env['ENVELOPE_PER_SOCKET'] ?? 20)

/** 100 MiB. */
const largeResult = `select repeat('x', 10000) from generate_series(1, 10000)`

describe('many requests', () => {
  it('of one socket are all answered once, and in order within a session', async () => {
    const client = await fixture.connect({ encoding: 'msgpack' })
    const sessions = Array.from({ length: 16 }, (_, index) => `s${index}`)
    const ids = Array.from({ length: requestCount }, (_, index) => `q${index}`)
    const answers = ids.map((id) => client.answer(id))
    // Long ones in between, so that sessions overtake each other.
    const requests = ids.map((id, index) => ({
      meta: { type: 'query', request_id: id, session: sessions[(index * 7) % sessions.length] },
      data:
        index % 100 === 0
          ? { sql: 'select $1::text, pg_sleep(0.02)', params: [id] }
          : { sql: 'select $1::text', params: [id] },
    }))
    client.send(...requests)
    const answered = await Promise.all(answers)
    expect(answered.map(({ data }) => data?.rows?.[0]?.[0])).toEqual(ids)
    const ended = client.frames.filter(({ meta }) => meta.request_id?.startsWith('q'))
    expect(ended).toHaveLength(requestCount)
    for (const session of sessions) {
      const sent = requests.filter(({ meta }) => meta.session === session)
      const came = ended.filter(({ meta }) => meta.session === session)
      expect(came.map(({ meta }) => meta.request_id)).toEqual(sent.map(({ meta }) => meta.request_id))
    }
    expect(ended.map(({ meta }) => meta.request_id)).not.toEqual(ids)
  })

  it('are answered in fewer messages', async () => {
    const client = await fixture.connect()
    await client.query('select $1::int4', ['0'])
    const before = client.messageCount
    await Promise.all(Array.from({ length: 500 }, (_, i) => client.query('select $1::int4', [String(i)])))
    expect(client.messageCount - before).toBeLessThan(250)
  })

  it('of many sockets are answered, each its own', async () => {
    const clients = await Promise.all(
      Array.from({ length: socketCount }, (_, index) =>
        fixture.connect({ encoding: index % 2 === 0 ? 'json' : 'msgpack' }),
      ),
    )
    const answers = await Promise.all(
      clients.map((client, socket) =>
        Promise.all(
          Array.from({ length: perSocket }, (_, i) => client.query('select $1::text', [`${socket}/${i}`])),
        ),
      ),
    )
    const values = answers.map((own) => own.map(({ data }) => data?.rows?.[0]?.[0]))
    expect(values).toEqual(
      Array.from({ length: socketCount }, (_, s) =>
        Array.from({ length: perSocket }, (__, i) => `${s}/${i}`),
      ),
    )
  })

  it('that are more than a thousand close the socket', async () => {
    const client = await fixture.connect()
    const envelope = (index: number): { meta: { type: string; request_id: string }; data: object } => ({
      meta: { type: 'query', request_id: `q${index}` },
      data: { sql: 'select pg_sleep(3600)' },
    })
    client.send(...Array.from({ length: 1_001 }, (_, index) => envelope(index)))
    expect((await client.closed).code).toBe(4429)
  })
})

describe('a request', () => {
  it('of an id that lives is refused, and does nothing', async () => {
    const client = await fixture.connect()
    const meta = { type: 'query', request_id: 'same' }
    const [first, second] = [client.answer('same'), client.answer('same')]
    client.send({ meta, data: { sql: 'select 1' } }, { meta, data: { sql: 'select 2' } })
    expect((await first).error?.code).toBe('duplicate_request_id')
    expect((await second).data?.rows).toEqual([['1']])
    expect((await client.query('select 3')).data?.rows).toEqual([['3']])
    expect(client.of('same')).toHaveLength(2)
  })

  it.each([
    [{ type: 'query', deadline_ms: -1 }, {}, 'invalid_request'],
    [{ type: 'query' }, { sql: 1 }, 'invalid_request'],
    [{ type: 'query' }, undefined, 'invalid_request'],
    [{ type: 'constructor' }, {}, 'unknown_type'],
    [{ type: 'credi' }, {}, 'unknown_type'],
    [{ type: 'ping' }, 'x'.repeat(1_025), 'invalid_request'],
    [{ type: 'close_session' }, {}, 'invalid_request'],
    [{ type: 'query', tenant: 'other', session: 'a' }, { sql: 'select 1' }, 'unknown_tenant'],
  ])('like %j is an error, and no more', async (meta, data, code) => {
    const client = await fixture.connect()
    const answer = await client.ask(meta.type, data, meta)
    expect(answer.error?.code).toBe(code)
    expect((await client.ask('ping', [1, { a: null }])).data).toEqual([1, { a: null }])
  })

  it('is cancelled whether it waits or runs, and later ones are not', async () => {
    const client = await fixture.connect()
    const running = client.ask('query', { sql: 'select pg_sleep(3600)' }, { request_id: 'run' })
    const waiting = client.answer('wait')
    client.send({ meta: { type: 'query', request_id: 'wait' }, data: { sql: 'select 1' } })
    const ran = client.answer('run')
    const last = client.query('select 2')
    await fixture.until(() => fixture.clients.list().some(({ statement }) => statement?.includes('pg_sleep')))
    expect((await client.ask('cancel', { request_id: 'wait' })).data).toEqual({ outcome: 'cancelled' })
    expect((await waiting).error?.code).toBe('cancelled')
    expect((await client.ask('cancel', { request_id: 'run' })).data).toEqual({ outcome: 'cancelled' })
    expect((await ran).error).toMatchObject({ code: 'cancelled', sqlstate: '57014' })
    expect((await last).data?.rows).toEqual([['2']])
    expect((await client.ask('cancel', { request_id: 'run' })).data).toEqual({ outcome: 'too_late' })
    expect((await client.ask('cancel', { request_id: 'never' })).data).toEqual({ outcome: 'unknown' })
    void running
  })

  it('is cancelled among others that were sent with it, which are answered all the same', async () => {
    const client = await fixture.connect()
    const ask = (sql: string, param: string): Promise<ReceivedFrame> => client.query(sql, [param])
    const [quick, slow] = ['select $1::int4', 'select $1::text, pg_sleep($1::float8)']
    for (const param of ['0', '0', '0']) await Promise.all([ask(quick, param), ask(slow, param)])
    const [first, sleeping, last] = [ask(quick, '1'), ask(slow, '3600'), ask(quick, '2')]
    const cancelled = await client.ask('cancel', { request_id: 'r9' })
    expect(cancelled.data).toEqual({ outcome: 'cancelled' })
    expect((await sleeping).error?.code).toBe('cancelled')
    expect([(await first).data?.rows, (await last).data?.rows]).toEqual([[['1']], [['2']]])
  })

  it('is cancelled although all of its answer has come, and only credit is missing', async () => {
    const client = await fixture.connect()
    const meta = { session: 'a', request_id: 'held', credit: 1 }
    const held = client.answer('held')
    client.send({ meta: { type: 'query', ...meta }, data: { sql: 'select generate_series(1, 2000)' } })
    await fixture.until(() => client.of('held').length === 1)
    // The instance is done with it: others are served.
    expect((await client.query('select 1', [], { session: 'b' })).data?.rows).toEqual([['1']])
    const next = client.query('select 2', [], { session: 'a' })
    expect((await client.ask('cancel', { request_id: 'held' })).data).toEqual({ outcome: 'cancelled' })
    expect((await held).error?.code).toBe('cancelled')
    expect((await next).data?.rows).toEqual([['2']])
  })

  it('is cancelled behind one that only credit is missing for, and takes none itself', async () => {
    const client = await fixture.connect()
    const sql = 'select generate_series(1, $1::int4)'
    for (let run = 0; run < 3; run += 1) await client.query(sql, ['1'], { session: 'a' })
    const ids = ['first', 'second']
    const [first, second] = ids.map((id) => client.answer(id))
    client.send(
      ...ids.map((id) => ({
        meta: { type: 'query', request_id: id, session: 'a', credit: 1 },
        data: { sql, params: ['2000'] },
      })),
    )
    await fixture.until(() => client.of('first').length === 1)
    const cancelled = client.ask('cancel', { request_id: 'second' })
    client.send({ meta: { type: 'credit' }, data: { request_id: 'first', frames: 64 } })
    expect((await first)?.data?.row_count).toBe(2_000)
    expect((await second)?.error?.code).toBe('cancelled')
    expect((await cancelled).data).toEqual({ outcome: 'cancelled' })
    expect((await client.query('select 3', [], { session: 'a' })).data?.rows).toEqual([['3']])
  })

  it('for a token that may only read says so', async () => {
    const client = await fixture.connect()
    await client.query('set default_transaction_read_only = on', [], { session: 'r' })
    const { error } = await client.query('create table never (i int)', [], { session: 'r' })
    expect(error).toMatchObject({ code: 'sql_error', sqlstate: '25006' })
  })
})

describe('a message', () => {
  it.each([
    ['json', 'nonsense'],
    ['json', '[]'],
    ['json', '{"meta":{"type":"query"}}'],
    ['json', Buffer.from('{}')],
    ['msgpack', '{}'],
    ['msgpack', Buffer.alloc(0)],
    ['msgpack', Buffer.alloc(8)],
    ['msgpack', Buffer.alloc(100, 0xff)],
  ] as const)('of %s that is no envelope closes the socket: %s', async (encoding, message) => {
    const client = await fixture.connect({ encoding })
    client.socket.send(message)
    expect((await client.closed).code).toBe(4400)
  })

  it('of more than a megabyte closes the socket', async () => {
    const client = await fixture.connect()
    client.socket.send(JSON.stringify({ meta: { type: 'ping', request_id: '1' }, data: 'x'.repeat(1 << 20) }))
    expect((await client.closed).code).toBe(1009)
  })
})

describe('a socket that is lost', () => {
  it('in the middle of a result, or of a transaction, leaves nothing', async () => {
    const [client, other] = [await fixture.connect(), await fixture.connect()]
    await other.query('create table if not exists lost (i int)')
    const meta = { session: 's' }
    await client.query('begin', [], meta)
    await client.query('insert into lost values (1)', [], meta)
    void client.query(largeResult, [], { ...meta, credit: 1 })
    await fixture.until(() => client.frames.some(({ meta: { type } }) => type === 'rows'))
    client.socket.terminate()
    const { data } = await other.query('select count(*) from lost')
    expect(data?.rows).toEqual([['0']])
    await fixture.until(() => fixture.clients.size === 1)
  })

  it('leaves nothing that waits', async () => {
    const [holder, client] = [await fixture.connect(), await fixture.connect()]
    await holder.query('begin', [], { session: 'h' })
    void client.query('select 1')
    await fixture.until(() => fixture.clients.list().some(({ waitingFor }) => waitingFor !== null))
    client.socket.terminate()
    await fixture.until(() => fixture.clients.size === 1)
    expect((await holder.query('commit', [], { session: 'h' })).data?.command).toBe('COMMIT')
  })
})

describe('a client', () => {
  it('is seen with its application, and disconnected by whoever looks after the endpoint', async () => {
    const client = await fixture.connect()
    await client.query('select 1')
    const [listed] = fixture.clients.list()
    expect(listed).toMatchObject({
      user: 'postgres',
      database: 'shop',
      applicationName: 'test/1',
      state: 'idle',
    })
    fixture.clients.disconnectAll()
    expect((await client.closed).code).toBe(1001)
  })

  it('of a session that somebody terminates is told, once', async () => {
    const [client, other] = [await fixture.connect(), await fixture.connect()]
    const meta = { session: 's' }
    const { data } = await client.query('select pg_backend_pid()', [], meta)
    await other.query('select pg_terminate_backend($1)', [data?.rows?.[0]?.[0]])
    await fixture.until(async () => (await client.query('select 1', [], meta)).error?.sqlstate === '57P01')
    expect((await client.query('select 1', [], meta)).data?.rows).toEqual([['1']])
  })
})
