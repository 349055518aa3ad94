/**
 * Goal: programs that use `@neondatabase/serverless` over HTTP work unchanged, and get what they would over a
 * WebSocket. Method: its own query functions, and requests made by hand for what it never sends.
 */

import { neon, neonConfig, Pool, type NeonQueryFunction } from '@neondatabase/serverless'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { mintToken } from '../../src/main/endpoints/web/web-token.ts'
import { waitMs, type NeonFixture } from '../support/neon-fixture.ts'

const NOW = new Date('2026-11-22T03:04:05.678Z')

/** Values of every kind that the client prepares in its own way. */
const SAMPLES: readonly (readonly [string, readonly unknown[]])[] = [
  ['select $1 as v', ['hello']],
  ['select $1 as v', [null]],
  ['select $1 as v', [true]],
  ['select $1 as v', [1]],
  ['select $1::int8 as v', [9_007_199_254_740_993n]],
  ['select $1::int as v', [-1]],
  ['select $1::numeric as v', ['1.10']],
  ['select $1::float4 as v, $1::float8 as w', [Math.PI]],
  ['select $1::int4range as v', ['[1,4)']],
  ['select $1::timestamptz as v, $1::timestamp as w, $1::date as x', [NOW]],
  ['select $1::timestamptz[] as v', [[NOW]]],
  ['select $1::timetz as v, $2::time as w', ['16:17:18+01:00', '17:18:19']],
  ['select $1::interval as v', ['1 day 02:03:04.5']],
  ['select $1::jsonb as v, $1::json as w, $1 as x', [{ x: 'y' }]],
  ['select $1::bytea as v', ['\\xDEADBEEF']],
  ['select $1::bytea as v', [Buffer.from([65, 66, 67])]],
  ['select $1::bytea as v', [new Uint8Array(65_536).fill(128)]],
  ['select $1::bytea[] as v', [['\\\\xDEADBEEF', '\\\\x00']]],
  ['select $1::point as v, $2::circle as w', ['(2, 3)', '<(2, 3), 1>']],
  ['select $1::cidr as v, $2::macaddr as w', ['10.10.10.0/24', '11:22:33:44:55:66']],
  [
    'select $1::int[] as v, $2::text[] as w',
    [
      [1, 2, 3],
      ['a', '"b"', null],
    ],
  ],
  ['select $1::int[][] as v', [[[2], [4]]]],
  ['select $1 as v', [[1, 2, 3]]],
  ['select null as v, 1 as v', []],
  ['select $1 as "quoted ""name"" \u{1F600}"', ['line\n\t"quote" \\ \u{2028} \u{1F600}']],
  ['select from generate_series(1, 3)', []],
  ['select * from pg_class where false', []],
  ['create temp table t (a int)', []],
  [
    'insert into stock select i from generate_series(1000, 1002) i on conflict (id) do update set id = excluded.id',
    [],
  ],
  ['delete from stock where id < 0 returning id', []],
  ['update stock set id = id where false', []],
  ['show server_version', []],
  ['', []],
]

export function httpCases(fixture: NeonFixture): void {
  let sql: NeonQueryFunction<false, false>
  beforeAll(async () => {
    sql = neon(fixture.url())
    await sql`create table stock (id int primary key)`
    await sql`create table late (id int references stock deferrable initially deferred)`
  })

  /** A request by hand. */
  function post(body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const init = { 'Neon-Connection-String': fixture.url(), ...headers }
    return fetch(`http://127.0.0.1:${fixture.port}/sql`, { method: 'POST', body, headers: init })
  }

  async function answer(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const response = await post(JSON.stringify(body), headers)
    expect(response.headers.get('content-type')).toBe('application/json')
    return response.json()
  }

  async function failure(work: Promise<unknown>): Promise<object> {
    const error = await work.then(
      () => new Error('Nothing failed'),
      (cause: unknown) => cause,
    )
    return Object(error) as object
  }

  describe('results', () => {
    test('are those that come over a WebSocket', async () => {
      const full = neon(fixture.url(), { fullResults: true })
      const pool = new Pool({ connectionString: fixture.url(), max: 1 })
      for (const [query, params] of SAMPLES) {
        const overHttp = await full.query(query, [...params])
        const overSocket = await pool.query(query, [...params])
        // The client makes plain objects of the ones and instances of its classes of the others, and of nothing a
        // list of parsers or none.
        const parsers = overSocket.fields.length === 0 ? { _parsers: [] } : {}
        expect({ query, ...overHttp, oid: null, RowCtor: null }).toStrictEqual({
          ...{ query, ...overSocket, oid: null, viaNeonFetch: true, ...parsers },
          fields: overSocket.fields.map((field) => ({ ...field })),
        })
      }
      await pool.end()
    })

    test('are objects or arrays, alone or with their fields', async () => {
      const field = { name: 'str', dataTypeID: 25, dataTypeSize: -1, dataTypeModifier: -1, format: 'text' }
      for (const arrayMode of [false, true]) {
        const rows = arrayMode ? [['xyz']] : [{ str: 'xyz' }]
        const full = { command: 'SELECT', rowCount: 1, rowAsArray: arrayMode, rows, fields: [field] }
        expect(await neon(fixture.url(), { arrayMode })`select 'xyz' as str`).toEqual(rows)
        expect(await sql.query(`select 'xyz' as str`, [], { arrayMode, fullResults: true })).toMatchObject(
          full,
        )
      }
    })

    test('are a pool’s that fetches', async () => {
      neonConfig.poolQueryViaFetch = true
      const pool = new Pool({ connectionString: fixture.url() })
      expect(await pool.query('select $1::int as one', [1])).toMatchObject({
        rows: [{ one: 1 }],
        viaNeonFetch: true,
      })
      await pool.end()
    })

    test('are values of JSON, or objects, where that is asked for', async () => {
      const query = `select true as b, 1 as i, 1::int8 as l, 0.5::float8 as f, 'NaN'::float8 as n, 1.10 as d,
                            '{"a": [1]}'::jsonb as j, 'x' as t, null as z`
      const cells = [true, 1, '1', 0.5, 'NaN', '1.10', { a: [1] }, 'x', null]
      const asText = ['t', '1', '1', '0.5', 'NaN', '1.10', '{"a": [1]}', 'x', null]
      const names = ['b', 'i', 'l', 'f', 'n', 'd', 'j', 't', 'z']
      const named = (values: readonly unknown[]): object =>
        Object.fromEntries(names.map((name, index) => [name, values[index]]))
      const array = { 'Neon-Array-Mode': 'true' }
      const raw = { 'Neon-Raw-Text-Output': 'true' }
      expect(await answer({ query }, { ...array, ...raw })).toMatchObject({ rows: [asText] })
      expect(await answer({ query }, array)).toMatchObject({ rows: [cells] })
      expect(await answer({ query }, raw)).toMatchObject({ rows: [named(asText)] })
      expect(await answer({ query })).toMatchObject({ rows: [named(cells)] })
    })

    test('of some megabytes come whole', async () => {
      const rows = await sql`select i, repeat('ü', 1000) as t from generate_series(1, 3000) i`
      expect(rows).toHaveLength(3_000)
      expect(rows.at(-1)).toEqual({ i: 3_000, t: 'ü'.repeat(1_000) })
    })
  })

  describe('errors', () => {
    test('are those that come over a WebSocket', async () => {
      const pool = new Pool({ connectionString: fixture.url(), max: 1 })
      const queries = [
        'select none',
        'select 1 / 0',
        'selec',
        'insert into stock values (1), (1)',
        'select $1',
      ]
      for (const query of [...queries, `do 'begin raise sqlstate ''ABCDE''; end'`]) {
        const params = query === 'select $1' ? [1, 2] : []
        const [overHttp, overSocket] = [
          await failure(sql.query(query, params)),
          await failure(pool.query(query, params)),
        ]
        const known = { name: 'NeonDbError', length: undefined, sourceError: undefined }
        expect({ query, ...overHttp, ...known }).toStrictEqual({ query, ...overSocket, ...known })
        expect(Reflect.get(overHttp, 'message')).toBe(Reflect.get(overSocket, 'message'))
      }
      await pool.end()
      expect(await failure(sql`select 1; select 2`)).toMatchObject({ code: '42601' })
    })

    test('tell who may not come in, and what is not there', async () => {
      const refused = { code: '28P01', message: 'password authentication failed for user "app"' }
      expect(await failure(neon(fixture.url(mintToken()))`select 1`)).toMatchObject(refused)
      expect(await failure(neon(fixture.url('secret'))`select 1`)).toMatchObject(refused)
      const missing = { code: '3D000', message: 'database "none" does not exist' }
      expect(await failure(neon(fixture.url().replace(/shop$/, 'none'))`select 1`)).toMatchObject(missing)
      const blind = fixture.access.grant({ tenants: ['other'] })
      expect(await failure(neon(fixture.url(blind))`select 1`)).toMatchObject({ code: '3D000' })
    })

    test('are all that a token of a role may not do', async () => {
      await sql`create role looker`
      await sql`grant select on stock to looker`
      const looker = neon(fixture.url(fixture.access.grant({ role: 'looker' })))
      expect(await looker`select current_user, system_user`).toMatchObject([{ current_user: 'looker' }])
      expect(await failure(looker`delete from stock`)).toMatchObject({ code: '42501' })
      expect(await failure(looker`set role postgres`)).toMatchObject({ code: '42501' })
    })

    test('are said of what needs a connection', async () => {
      for (const query of ['copy stock from stdin', 'copy stock to stdout']) {
        expect(await failure(sql.query(query))).toMatchObject({
          code: '0A000',
          hint: 'Connect over the WebSocket.',
        })
      }
      expect(await sql`listen news`).toEqual([])
    })
  })

  describe('a bearer token', () => {
    test('lets in without a password, and is the one that counts', async () => {
      const token = fixture.access.grant()
      const bare = neon(fixture.url().replace(/:[^:@]+@/, '@'), { authToken: token })
      expect(await bare`select 1 as one`).toEqual([{ one: 1 }])
      const asked = neon(fixture.url(), { authToken: () => Promise.resolve(mintToken()) })
      expect(await failure(asked`select 1 as one`)).toMatchObject({ code: '28P01' })
      expect(await failure(neon(fixture.url().replace(/:[^:@]+@/, '@'))`select 1`)).toMatchObject({
        code: '28P01',
      })
    })

    test('is one of this endpoint: a JWT and another scheme are not', async () => {
      const jwt = 'eyJhbGciOiJub25lIn0.eyJyb2xlIjoicG9zdGdyZXMifQ.'
      expect(await answer({ query: 'select 1' }, { Authorization: `Bearer ${jwt}` })).toMatchObject({
        code: '28P01',
      })
      const basic = { Authorization: 'Basic YTpi' }
      expect(await answer({ query: 'select 1' }, basic)).toMatchObject({ code: '08P01' })
    })
  })

  describe('a transaction', () => {
    test('has a result for each statement', async () => {
      const results = await sql.transaction([sql`select ${1}::int as n`, sql`select ${'hello'} as s`])
      expect(results).toEqual([[{ n: 1 }], [{ s: 'hello' }]])
      const options = { arrayMode: true, fullResults: true } as const
      const full = await sql.transaction(
        (txn) => [txn`select 2 as n`, txn`select 3 as n where false`],
        options,
      )
      expect(full).toMatchObject([
        { rows: [[2]], rowCount: 1, command: 'SELECT' },
        { rows: [], rowCount: 0, fields: [{ name: 'n' }] },
      ])
      expect(await sql.transaction([])).toEqual([])
    })

    test('is all or nothing', async () => {
      await sql`delete from stock`
      const statements = [sql`insert into stock values (1)`, sql`insert into stock values (2)`]
      expect(await failure(sql.transaction([...statements, sql`select 1 / 0`]))).toMatchObject({
        code: '22012',
      })
      expect(await sql`select * from stock`).toEqual([])
      await sql.transaction(statements)
      expect(await sql`select * from stock order by id`).toEqual([{ id: 1 }, { id: 2 }])
      const late = failure(sql.transaction([sql`insert into late values (99)`]))
      expect(await late).toMatchObject({ code: '23503', table: 'late' })
    })

    test('is of the isolation that is asked for', async () => {
      const levels = {
        ReadUncommitted: 'read uncommitted',
        ReadCommitted: 'read committed',
        RepeatableRead: 'repeatable read',
        Serializable: 'serializable',
      } as const
      for (const [isolationLevel, level] of Object.entries(levels)) {
        const show = sql.transaction(
          [sql`show transaction_isolation`, sql`select pg_current_xact_id_if_assigned()`],
          {
            isolationLevel: isolationLevel as keyof typeof levels,
          },
        )
        expect((await show)[0]).toEqual([{ transaction_isolation: level }])
      }
      expect(await sql`show transaction_isolation`).toEqual([{ transaction_isolation: 'read committed' }])
      const wrong = { 'Neon-Batch-Isolation-Level': 'serializable; drop table stock' }
      expect(await answer({ queries: [{ query: 'select 1' }] }, wrong)).toMatchObject({ code: '08P01' })
    })

    test('is read-only and deferrable where that is asked for', async () => {
      const options = { readOnly: true, deferrable: true, isolationLevel: 'Serializable' } as const
      const shown = sql.transaction(
        [sql`show transaction_read_only`, sql`show transaction_deferrable`],
        options,
      )
      expect(await shown).toEqual([[{ transaction_read_only: 'on' }], [{ transaction_deferrable: 'on' }]])
      const write = sql.transaction([sql`insert into stock values (7)`], { readOnly: true })
      expect(await failure(write)).toMatchObject({ code: '25006' })
    })

    test('that one statement leaves open is rolled back, and holds nobody up', async () => {
      await sql`begin`
      expect(await sql.query('select 1 as one')).toEqual([{ one: 1 }])
    })
  })

  describe('a session', () => {
    test('has the settings of its connection string, and lasts for one request', async () => {
      const url = `${fixture.url()}?application_name=till&options=${encodeURIComponent('-c work_mem=5MB')}`
      const own = neon(`${url}&sslmode=require`)
      expect(
        await own`select current_setting('work_mem') as m, current_setting('application_name') as a`,
      ).toEqual([{ m: '5MB', a: 'till' }])
      await sql`set work_mem = '6MB'`
      await sql`create temp table mine (n int)`
      expect(await sql`select current_setting('work_mem') as m, to_regclass('mine') as t`).toEqual([
        { m: '4MB', t: null },
      ])
    })

    test('is seen while it runs, and ended with its request', async () => {
      const aborted = new AbortController()
      const slow = failure(
        sql.query('select pg_sleep(600)', [], { fetchOptions: { signal: aborted.signal } }),
      )
      const active = {
        user: 'postgres',
        database: 'shop',
        state: 'active',
        statement: 'select pg_sleep(600)',
      }
      await vi.waitFor(() => expect(fixture.clients.list()).toMatchObject([active]), waitMs)
      aborted.abort()
      expect(await slow).toMatchObject({ name: 'NeonDbError' })
      await vi.waitFor(() => expect(fixture.clients.list()).toEqual([]), waitMs)
      expect(await sql`select 1 as one`).toEqual([{ one: 1 }])
    })

    test('is ended by people, and with its token', async () => {
      const ended = async (end: (token: string) => void): Promise<object> => {
        const token = fixture.access.grant()
        const slow = failure(neon(fixture.url(token))`select pg_sleep(600)`)
        await vi.waitFor(() => expect(fixture.clients.list()).toMatchObject([{ state: 'active' }]), waitMs)
        end(token)
        return slow
      }
      expect(await ended(() => fixture.clients.disconnectAll())).toMatchObject({
        code: '57P01',
        severity: 'FATAL',
      })
      expect(await ended((token) => fixture.access.revoke(token))).toMatchObject({ code: '28000' })
      const [cancel] = [(): void => fixture.clients.list().forEach(({ id }) => fixture.clients.cancel(id))]
      expect(await ended(cancel)).toMatchObject({ code: '57014', severity: 'ERROR' })
    })
  })

  describe('a bound', () => {
    test('of the answer is told as an error, and the next one is answered', async () => {
      const rows = sql.query(`select repeat('x', 1 << 20) from generate_series(1, $1::int)`, [20])
      expect(await failure(rows)).toMatchObject({ code: '54000', message: 'the answer has more than 16 MiB' })
      const one = sql.query(`select repeat('x', 17 << 20)`)
      expect(await failure(one)).toMatchObject({ code: '54000' })
      expect(await sql.query(`select length(repeat('x', 17 << 20)) as n`)).toEqual([{ n: 17 << 20 }])
    })

    test('of the body is told as an error', async () => {
      const body = (size: number): string => {
        const bare = JSON.stringify({ query: 'select length($1)', params: [''] })
        return JSON.stringify({ query: 'select length($1)', params: ['x'.repeat(size - bare.length)] })
      }
      expect((await post(body(4 << 20))).status).toBe(200)
      const tooLarge = await post(body((4 << 20) + 1))
      expect([tooLarge.status, await tooLarge.json()]).toMatchObject([400, { code: '54000' }])
    })

    test('of the statements of a batch is told as an error', async () => {
      const queries = Array.from({ length: 1_001 }, () => ({ query: '' }))
      expect(await answer({ queries })).toMatchObject({ code: '54000' })
      expect(await answer({ queries: queries.slice(1) })).toMatchObject({ results: { length: 1_000 } })
    })
  })

  describe('what is no request', () => {
    const bodies: readonly (readonly [string, string])[] = [
      ['', 'the body is not JSON'],
      ['{', 'the body is not JSON'],
      ['null', 'the body must be an object'],
      ['[]', 'the body must be an object'],
      ['{}', '"query" of the body must be a string'],
      ['{"query": 1}', '"query" of the body must be a string'],
      ['{"query": "select \\u0000"}', '"query" of the body has a NUL character'],
      ['{"query": "", "params": {}}', '"params" of the body must be an array'],
      ['{"query": "", "params": [0.1]}', 'params[0] of the body must be a string or null'],
      ['{"query": "", "params": [1e99]}', 'params[0] of the body must be a string or null'],
      ['{"query": "", "params": [{}]}', 'params[0] of the body must be a string or null'],
      ['{"queries": {}}', '"queries" must be an array'],
      ['{"queries": [1]}', 'queries[0] must be an object'],
      [
        '{"queries": [{"query": "", "params": [null, []]}]}',
        'params[1] of queries[0] must be a string or null',
      ],
    ]

    test('is told what is wrong with its body', async () => {
      for (const [body, message] of bodies) {
        const response = await post(body)
        const error = { severity: 'FATAL', code: '08P01', message: expect.stringContaining(message) }
        expect([body, response.status, await response.json()]).toEqual([
          body,
          400,
          expect.objectContaining(error),
        ])
      }
      expect(await answer({ query: 'select $1 as n, $2 as b', params: [7, true] })).toMatchObject({
        rows: [{ n: '7', b: 'true' }],
      })
    })

    test('is told which header is wrong, without its value', async () => {
      const strings = [
        '',
        'mysql://a:b@c/d',
        'postgres:secret',
        'http://a:b@c/d',
        'postgres://[/d',
        'postgres://a:%ff@c/d',
      ]
      for (const text of strings) {
        const found = await answer({ query: 'select 1' }, { 'Neon-Connection-String': text })
        expect(found).toMatchObject({
          code: '08P01',
          message: expect.stringContaining('Neon-Connection-String'),
        })
        // Every text contains the empty one.
        expect(JSON.stringify(found)).not.toContain(text || 'wdn_')
      }
      const replication = { 'Neon-Connection-String': `${fixture.url()}?options=-x` }
      expect(await answer({ query: 'select 1' }, replication)).toMatchObject({ code: '42601' })
      const setting = { 'Neon-Connection-String': `${fixture.url()}?options=-c%20none=1` }
      expect(await answer({ query: 'select 1' }, setting)).toMatchObject({ code: '42704' })
    })
  })
}
