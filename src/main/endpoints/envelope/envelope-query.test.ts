/** Tests of hello and of queries, over a real socket and on a real instance, in both subprotocols. */

import { describe, expect, it } from 'vitest'
import type { ReceivedFrame } from '../../../../test/support/envelope-client.ts'
import { envelopeFixture } from '../../../../test/support/envelope-fixture.ts'

const fixture = envelopeFixture()

describe.each(['json', 'msgpack'] as const)('a query in %s', (encoding) => {
  it('is answered with its columns and rows', async () => {
    const client = await fixture.connect({ encoding })
    const answer = await client.query('select $1::int4 + 1 as a, null as b, $2 as "c\\"""', [
      '41',
      'ä"\\\n\u0001€😀',
    ])
    expect(answer).toEqual({
      meta: { type: 'complete', request_id: 'r2' },
      data: {
        columns: [
          { name: 'a', type: 23 },
          { name: 'b', type: 25 },
          { name: 'c\\"', type: 25 },
        ],
        rows: [['42', null, 'ä"\\\n\u0001€😀']],
        command: 'SELECT',
        row_count: 1,
      },
    })
  })

  it('is the same again when it is known', async () => {
    const client = await fixture.connect({ encoding })
    const sql = 'select $1::int8 * 2 as twice, $1::text as text'
    const answers = await Promise.all(['1', '2', '3', '4'].map((value) => client.query(sql, [value])))
    expect(answers.map(({ data }) => data?.rows)).toEqual([
      [['2', '1']],
      [['4', '2']],
      [['6', '3']],
      [['8', '4']],
    ])
  })

  it('of a large result comes in frames, no more than there is credit for', async () => {
    const client = await fixture.connect({ encoding })
    const ending = client.query(`select i, repeat('x', 1000) from generate_series(1, 3000) i`, [], {
      credit: 2,
    })
    await fixture.until(() => client.of('r2').length === 2)
    client.send({ meta: { type: 'ping', request_id: 'p' } })
    await client.answer('p')
    expect(client.of('r2').map(({ meta }) => meta.type)).toEqual(['rows', 'rows'])
    for (let turn = 0; turn < 40; turn += 1) {
      client.send({ meta: { type: 'credit' }, data: { request_id: 'r2', frames: 1 } })
    }
    const end = await ending
    expect(end.data).toEqual({ command: 'SELECT', row_count: 3000 })
    expect(client.rows('r2').map(([i]) => Number(i))).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1))
    expect(client.of('r2').filter(({ data }) => data?.columns)).toHaveLength(1)
  })

  it('that Postgres refuses says what Postgres says', async () => {
    const client = await fixture.connect({ encoding })
    const { meta, error } = await client.query('select 1/0')
    expect(meta.type).toBe('error')
    expect(error).toMatchObject({ code: 'sql_error', sqlstate: '22012', message: 'division by zero' })
    expect((await client.query('select nonsense')).error?.sql?.position).toBe(8)
    expect((await client.query('select 1; select 2')).error?.sqlstate).toBe('42601')
    expect((await client.query('select 1')).data?.rows).toEqual([['1']])
  })

  it('takes bytes and nulls as parameters', async () => {
    const client = await fixture.connect({ encoding })
    const bytes = encoding === 'json' ? { base64: 'AP8B' } : Uint8Array.of(0, 255, 1)
    const { data } = await client.query('select $1::bytea, $2::text', [bytes, null])
    expect(data?.rows).toEqual([['\\x00ff01', null]])
  })

  it('has as many rows as it was limited to', async () => {
    const client = await fixture.connect({ encoding })
    const { data } = await client.ask('query', { sql: 'select generate_series(1, 10)', row_limit: 3 })
    expect(data).toMatchObject({ rows: [['1'], ['2'], ['3']], truncated: true, row_count: 3 })
  })

  it('has no row that is larger than a message may be, and goes on after it', async () => {
    const client = await fixture.connect({ encoding })
    const refused = await client.query(`select repeat('x', 9000000)`)
    expect(refused.error).toMatchObject({ code: 'result_too_large', sqlstate: '54000' })
    const { data } = await client.query(`select repeat('"', 8000000)`)
    expect(data?.rows?.[0]?.[0]).toHaveLength(8_000_000)
  })

  it('without rows has no columns, and its notices', async () => {
    const client = await fixture.connect({ encoding })
    const { data } = await client.query(`do $$ begin raise notice 'look'; end $$`)
    expect(data).toMatchObject({
      command: 'DO',
      row_count: 0,
      notices: [{ severity: 'NOTICE', message: 'look' }],
    })
    expect(data).not.toHaveProperty('columns')
    expect((await client.query('')).data).toEqual({ command: '', row_count: 0 })
  })
})

describe('a session', () => {
  it('keeps what is set, and a transaction over requests', async () => {
    const client = await fixture.connect()
    const session = { session: 'a' }
    await client.query('create temp table kept (i int)', [], session)
    await client.query('begin', [], session)
    await client.query('insert into kept values (1)', [], session)
    await client.query('rollback', [], session)
    expect((await client.query('select count(*) from kept', [], session)).data?.rows).toEqual([['0']])
    expect((await client.query('select count(*) from kept', [], { session: 'b' })).error?.sqlstate).toBe(
      '42P01',
    )
  })

  it('without a name leaves no transaction open', async () => {
    const client = await fixture.connect()
    const [begun, inside] = await Promise.all([
      client.query('begin'),
      client.query('select now() is not null'),
    ])
    expect(begun.error?.code).toBe('transaction_left_open')
    expect(inside.data?.rows).toEqual([['t']])
    await client.query('create temp table outside (i int)')
    const insert = 'insert into outside values ($1)'
    await client.query(insert, ['1'])
    await Promise.all([client.query('begin'), client.query(insert, ['2'])])
    await Promise.all([client.query('begin'), client.query(insert, ['3'])])
    expect((await client.query('select count(*) from outside')).data?.rows).toEqual([['3']])
    const answers = await Promise.all([
      client.query('begin'),
      client.query('begin'),
      client.query('select 1'),
    ])
    expect(answers.map(({ error }) => error?.code)).toEqual([
      'transaction_left_open',
      'transaction_left_open',
      undefined,
    ])
  })

  it('prepares again what has changed, or was deallocated', async () => {
    const client = await fixture.connect()
    await client.query('create temp table changing as select 1 as a')
    const select = (): Promise<unknown> =>
      client.query('select * from changing').then(({ data }) => data?.rows)
    expect(await select()).toEqual([['1']])
    await client.query('alter table changing add b text default $$x$$')
    expect(await select()).toEqual([['1', 'x']])
    await client.query('deallocate all')
    expect(await Promise.all([select(), select(), select()])).toEqual([
      [['1', 'x']],
      [['1', 'x']],
      [['1', 'x']],
    ])
    await client.query(`do $$ begin execute 'deallocate all'; end $$`)
    expect(await Promise.all([select(), select()])).toEqual([[['1', 'x']], [['1', 'x']]])
    await client.query('drop table changing')
  })

  it('never runs a request behind one that came later', async () => {
    const [client, other] = [await fixture.connect(), await fixture.connect()]
    const meta = { session: 's' }
    await other.query('create table if not exists ordered (i int)')
    await other.query('truncate ordered')
    await other.query('insert into ordered values (1)')
    const ask = (): Promise<ReceivedFrame[]> =>
      Promise.all([
        client.query('select * from ordered', [], meta),
        client.query('delete from ordered where i = $1', ['2'], meta),
        client.query('select * from ordered', [], meta),
      ])
    await ask()
    await ask()
    await other.query('alter table ordered add t text')
    const changed = await ask()
    const errors = changed.map(({ error }) => error && [error.sqlstate, error.retryable])
    // What was alone on its way could be run again.
    expect(errors).toEqual([['0A000', true], undefined, undefined])
    const [again] = await ask()
    expect(again?.data?.rows).toEqual([['1', null]])
    await other.query('drop table ordered')
  })

  it('does not pass COPY on, and goes on after it', async () => {
    const client = await fixture.connect()
    for (const sql of ['copy (select generate_series(1, 100000)) to stdout', 'copy pg_temp.x from stdin']) {
      await client.query('create temp table if not exists x (i int)')
      expect((await client.query(sql)).error?.sqlstate).toBe('0A000')
    }
    expect((await client.query('select 1')).data?.rows).toEqual([['1']])
  })
})

describe('a prepared statement', () => {
  it('is described, run by its name in order, and closed', async () => {
    const client = await fixture.connect({ encoding: 'msgpack' })
    const [prepared, first, again, closed, gone] = await Promise.all([
      client.ask('prepare', { name: 'p', sql: 'select $1 + 1 as n', types: [23] }),
      client.ask('query', { prepared: 'p', params: ['1'] }),
      client.ask('prepare', { name: 'p', sql: 'select 2' }),
      client.ask('close_prepared', { name: 'p' }),
      client.ask('query', { prepared: 'p' }),
    ])
    expect(prepared.data).toEqual({ params: [23], columns: [{ name: 'n', type: 23 }] })
    expect(first.data?.rows).toEqual([['2']])
    expect(again.error).toMatchObject({ code: 'already_exists', sqlstate: '42P05' })
    expect(closed.meta.type).toBe('complete')
    expect(gone.error).toMatchObject({ code: 'not_found', sqlstate: '26000' })
    const described = await client.ask('describe', { sql: 'create table described ()' })
    expect(described.data).toEqual({ params: [], columns: null })
    expect((await client.ask('describe', { sql: 'nonsense' })).error?.sqlstate).toBe('42601')
  })

  it('goes with its session', async () => {
    const client = await fixture.connect()
    const meta = { session: 's' }
    await client.ask('prepare', { name: 'p', sql: 'select 1' }, meta)
    const [closed, again] = await Promise.all([
      client.ask('close_session', {}, meta),
      client.ask('close_session', {}, meta),
    ])
    expect([closed.meta.type, again.error?.code]).toEqual(['complete', 'not_found'])
    expect((await client.ask('query', { prepared: 'p' }, meta)).error?.code).toBe('not_found')
    expect((await client.ask('close_session', {}, { session: 'other' })).error?.code).toBe('not_found')
  })
})

describe('hello', () => {
  it('says what the token may, and comes first', async () => {
    const client = await fixture.connect({ token: null })
    const answer = await client.hello('secret')
    expect(answer.meta).toEqual({ type: 'hello_ok', request_id: 'r1' })
    expect(answer.data).toMatchObject({
      protocol: 1,
      epoch: 'this-start',
      access: 'read-write',
      tenants: null,
    })
    const other = await fixture.connect({ token: null })
    const refused = await other.query('select 1')
    expect(refused.error?.code).toBe('unauthorized')
    expect((await other.closed).code).toBe(4401)
  })

  it('need not be answered before requests are sent', async () => {
    const client = await fixture.connect({ token: null })
    const answers = await Promise.all([
      client.hello('secret'),
      client.query('select 1'),
      client.query('select 2'),
    ])
    expect(answers.map(({ meta }) => meta.type)).toEqual(['hello_ok', 'complete', 'complete'])
  })

  it('with a wrong token closes the socket', async () => {
    const client = await fixture.connect({ token: null })
    const [refused] = await Promise.all([client.hello('wrong'), client.closed])
    expect(refused.error).toMatchObject({ code: 'unauthorized', sqlstate: '28000' })
    expect((await client.closed).code).toBe(4401)
  })
})
