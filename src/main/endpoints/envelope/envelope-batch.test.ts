/**
 * Tests of batches and cursors, over a real socket and on a real instance; and of the JSON schema, against frames of
 * both.
 */

import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { envelopeFixture } from '../../../../test/support/envelope-fixture.ts'

const fixture = envelopeFixture()

describe('a batch', () => {
  it('runs its steps in order, as their conditions say', async () => {
    const client = await fixture.connect()
    const { data } = await client.ask('batch', {
      steps: [
        { sql: 'select $1::int4 as n', params: ['7'] },
        { sql: 'select 1/0' },
        { sql: `select 'because it failed'`, if: { and: [{ ok: 0 }, { error: 1 }] } },
        { sql: 'select 1', if: { not: { error: 1 } } },
      ],
    })
    expect(data).toMatchObject({
      results: [
        { columns: [{ name: 'n', type: 23 }], rows: [['7']], command: 'SELECT', row_count: 1 },
        { error: { code: 'sql_error', sqlstate: '22012' } },
        { rows: [['because it failed']] },
        { skipped: true },
      ],
    })
  })

  it.each(['json', 'msgpack'] as const)('that is atomic leaves all or nothing, in %s', async (encoding) => {
    const client = await fixture.connect({ encoding })
    await client.query('create table if not exists atoms (i int primary key)')
    await client.query('truncate atoms')
    const steps = (last: string): { sql: string }[] => [
      { sql: 'insert into atoms values (1)' },
      { sql: 'insert into atoms values (2) returning i' },
      { sql: `insert into atoms values (${last})` },
    ]
    const failed = await client.ask('batch', { atomic: true, steps: steps('1') })
    expect(failed).toMatchObject({ data: { step: 2 }, error: { code: 'sql_error', sqlstate: '23505' } })
    expect((await client.query('select count(*) from atoms')).data?.rows).toEqual([['0']])
    const done = await client.ask('batch', { atomic: true, steps: steps('3') })
    expect(done.data).toMatchObject({ results: [{ row_count: 1 }, { rows: [['2']] }, { command: 'INSERT' }] })
    expect((await client.query('select count(*) from atoms')).data?.rows).toEqual([['3']])
  })

  it('that is atomic is undone inside a transaction, which goes on', async () => {
    const client = await fixture.connect()
    const meta = { session: 't' }
    await client.query('begin', [], meta)
    await client.query('create temp table inner_one (i int)', [], meta)
    const steps = [{ sql: 'insert into inner_one values (1)' }, { sql: 'select 1/0' }]
    expect((await client.ask('batch', { atomic: true, steps }, meta)).error?.sqlstate).toBe('22012')
    expect((await client.query('select count(*) from inner_one', [], meta)).data?.rows).toEqual([['0']])
    await client.query('rollback', [], meta)
  })

  it('may not end its own transaction, or leave one', async () => {
    const client = await fixture.connect()
    const steps = [{ sql: 'commit' }, { sql: 'select 1' }]
    expect((await client.ask('batch', { atomic: true, steps })).error?.code).toBe('invalid_request')
    const left = await client.ask('batch', { steps: [{ sql: 'begin' }, { sql: 'select 1' }] })
    expect(left.error?.code).toBe('transaction_left_open')
    const own = await client.ask('batch', {
      steps: [{ sql: 'begin' }, { sql: 'select 1' }, { sql: 'commit' }],
    })
    expect(own.meta.type).toBe('complete')
  })

  it('has results of a bounded size', async () => {
    const client = await fixture.connect()
    const steps = [{ sql: `select repeat('x', 1000000) from generate_series(1, 100000)` }]
    const answer = await client.ask('batch', { steps })
    expect(answer).toMatchObject({ error: { code: 'result_too_large' }, data: { step: 0 } })
    expect((await client.query('select 1')).data?.rows).toEqual([['1']])
  })

  it.each(['json', 'msgpack'] as const)('of large results, in %s, has all of them', async (encoding) => {
    const client = await fixture.connect({ encoding })
    const ask = 'select i::text, nullif(i % 7, 0) from generate_series(1, 20000) i'
    const steps = [
      { sql: 'select 1' },
      { sql: ask },
      { sql: 'select 1/0' },
      { sql: 'select 2', if: { ok: 2 } },
      { sql: 'set local work_mem to default' },
      { sql: `select repeat('"\u00e4', 100000) || i from generate_series(1, 3) i` },
      { sql: `select 'x' from generate_series(1, 10)` },
    ]
    const key = { idempotency_key: `large ${encoding}` }
    const { data } = await client.ask('batch', { steps }, key)
    const results = data?.results as { rows?: unknown; [name: string]: unknown }[]
    const expected = Array.from({ length: 20_000 }, (_, at) => [
      String(at + 1),
      (at + 1) % 7 === 0 ? null : String((at + 1) % 7),
    ])
    expect(results[1]?.rows).toEqual(expected)
    expect(results[5]?.rows).toEqual([1, 2, 3].map((i) => [`${'"\u00e4'.repeat(100_000)}${i}`]))
    expect(results[6]?.rows).toEqual(Array(10).fill(['x']))
    expect(results.map(({ rows: _rows, ...rest }) => rest)).toMatchObject([
      { command: 'SELECT', row_count: 1, columns: [{ name: '?column?', type: 23 }] },
      {
        ...{ command: 'SELECT', row_count: 20_000 },
        columns: [
          { name: 'i', type: 25 },
          { name: 'nullif', type: 23 },
        ],
      },
      { error: { sqlstate: '22012' } },
      { skipped: true },
      { command: 'SET', row_count: 0 },
      { command: 'SELECT', row_count: 3 },
      { command: 'SELECT', row_count: 10 },
    ])
    const again = await client.ask('batch', { steps }, key)
    expect([again.meta.replayed, again.data]).toEqual([true, { truncated: true }])
  })

  it('asks about steps before it alone', async () => {
    const client = await fixture.connect()
    const steps = [{ sql: 'select 1', if: { ok: 0 } }]
    expect((await client.ask('batch', { steps })).error?.code).toBe('invalid_request')
  })
})

describe('a cursor', () => {
  it.each(['json', 'msgpack'] as const)('gives as many rows as are asked for, in %s', async (encoding) => {
    const client = await fixture.connect({ encoding, isReading: true })
    const sql = 'select i, $1::text from generate_series(1, 1000) i'
    const opened = await client.ask('cursor_open', { cursor: 'c', sql, params: ['x'] })
    expect(opened.data).toEqual({
      columns: [
        { name: 'i', type: 23 },
        { name: 'text', type: 25 },
      ],
    })
    const first = await client.ask('cursor_fetch', { cursor: 'c', count: 2 })
    expect(first.data).toMatchObject({
      rows: [
        ['1', 'x'],
        ['2', 'x'],
      ],
      row_count: 2,
      done: false,
    })
    const rest = await client.ask('cursor_fetch', { cursor: 'c', count: 100_000 })
    expect(rest.data).toMatchObject({ row_count: 998, done: true })
    expect((await client.ask('cursor_open', { cursor: 'c', sql })).error?.sqlstate).toBe('42P03')
    expect((await client.ask('cursor_close', { cursor: 'c' })).meta.type).toBe('complete')
    expect((await client.ask('cursor_fetch', { cursor: 'c', count: 1 })).error?.sqlstate).toBe('34000')
  })

  it('of a transaction ends with it, and one outside holds up nobody', async () => {
    const client = await fixture.connect()
    const meta = { session: 'a' }
    const sql = 'select generate_series(1, 10)'
    await client.query('begin', [], meta)
    await client.ask('cursor_open', { cursor: 'in', sql }, meta)
    await client.query('commit', [], meta)
    expect((await client.ask('cursor_fetch', { cursor: 'in', count: 1 }, meta)).error?.code).toBe('not_found')
    await client.ask('cursor_open', { cursor: 'out', sql }, meta)
    expect((await client.query('select 1')).data?.rows).toEqual([['1']])
    const { data } = await client.ask('cursor_fetch', { cursor: 'out', count: 3 }, meta)
    expect(data?.rows).toEqual([['1'], ['2'], ['3']])
  })

  it('that Postgres refuses says where', async () => {
    const client = await fixture.connect()
    const refused = await client.ask('cursor_open', { cursor: 'c', sql: 'select nonsense' })
    expect(refused.error).toMatchObject({ code: 'sql_error', sqlstate: '42703', sql: { position: 8 } })
    expect((await client.ask('cursor_open', { cursor: 'c', sql: 'drop table x' })).error?.sqlstate).toBe(
      '42601',
    )
  })
})

describe('the JSON schema', () => {
  it('describes what is sent and what is answered, and nothing else', async () => {
    const text = readFileSync(new URL('../../../../docs/protocol.schema.json', import.meta.url), 'utf8')
    const isEnvelope = new Ajv({ strict: false }).compile(JSON.parse(text) as object)
    const client = await fixture.connect()
    const requests: [type: string, data: unknown, meta?: object][] = [
      ['hello', { token: 'secret' }],
      ['query', { sql: 'select generate_series(1, $1), $2::bytea', params: ['600', { base64: 'AA==' }] }],
      ['query', { sql: 'select 1/0' }, { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }],
      ['query', { sql: `do $$ begin raise warning 'w' using hint = 'h'; end $$` }, { deadline_ms: 60_000 }],
      ['query', { sql: 'select oid from pg_class', row_limit: 1 }, { session: 'a', credit: 1 }],
      ['prepare', { name: 'p', sql: 'select $1', types: [23] }],
      ['describe', { prepared: 'p' }],
      ['query', { prepared: 'p', params: [null] }],
      ['close_prepared', { name: 'p' }],
      [
        'batch',
        { steps: [{ sql: 'select 1' }, { sql: 'x' }, { sql: 'select 2', if: { not: { error: 1 } } }] },
      ],
      ['batch', { steps: [{ sql: 'select 1/0' }], atomic: true }],
      ['cursor_open', { cursor: 'c', sql: 'select 1' }],
      ['cursor_fetch', { cursor: 'c', count: 10 }],
      ['cursor_close', { cursor: 'c' }],
      ['close_session', {}, { session: 'a' }],
      ['cancel', { request_id: 'none' }],
      ['ping', { any: [1, 'thing'] }],
    ]
    for (const [type, data, meta] of requests) {
      const sent = { meta: { type, request_id: '1', ...meta }, data }
      expect([type, isEnvelope(sent), isEnvelope.errors]).toEqual([type, true, null])
      const received = await client.ask(type, data, { tenant: 'shop', ...meta })
      expect([type, isEnvelope(received), isEnvelope.errors]).toEqual([type, true, null])
    }
    expect(new Set(client.frames.map(({ meta }) => meta.type))).toEqual(
      new Set(['hello_ok', 'complete', 'rows', 'error', 'pong']),
    )
    for (const frame of client.frames) expect(isEnvelope(frame)).toBe(true)
    for (const wrong of [{}, { meta: { type: 'query', request_id: '1' } }, { meta: { type: 'rows' } }, []]) {
      expect(isEnvelope(wrong)).toBe(false)
    }
  })
})
