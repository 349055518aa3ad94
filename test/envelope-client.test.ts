/**
 * `@wardian/client` against a real host, its web endpoint and a real Postgres, over real sockets. Everything that is
 * about statements runs in both subprotocols, and must answer the same.
 */

import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildIfStale } from '../build/build-if-stale.ts'
import { repositoryRoot, runCommand } from '../build/run-command.ts'
import { present } from '../src/base/assert.ts'
import { JsonText } from '../src/client/json-text.ts'
import type { Transaction } from '../src/client/session.ts'
import { sql } from '../src/client/sql-text.ts'
import { BreakableSocket, servedClient } from './support/served-client.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const served = servedClient()
const path = temporaryDirectory()

describe.each(['msgpack', 'json'] as const)('a client that speaks %s', (encoding) => {
  test('gets every value exactly, whichever way it went', async () => {
    const db = await served.open({ encoding })
    const given = {
      yes: true,
      small: -32768,
      int: 2147483647,
      big: 9223372036854775807n,
      real: 0.1,
      double: 5e-324,
      minus: -0,
      numeric: '12345678901234567890.123456789012345678900',
      text: 'naïve 漢字 😀 \\ " \' \u{feff}',
      bytes: Uint8Array.from({ length: 300 }, (_, index) => index % 256),
      nothing: null,
      list: [1, null, 3],
      words: ['a"b', 'c\\d', 'NULL', '', null],
      json: new JsonText('{"a": [1, 2.50, "x"]}'),
    }
    const { first } = await db.sql`
      select ${given.yes}::bool as yes, ${given.small}::int2 as small, ${given.int}::int4 as int,
        ${given.big}::int8 as big, ${given.real}::float4 as real, ${given.double}::float8 as double,
        ${given.minus}::float8 as minus, ${given.numeric}::numeric as numeric, ${given.text}::text as text,
        ${given.bytes}::bytea as bytes, ${given.nothing}::text as nothing, ${given.list}::int4[] as list,
        ${given.words}::text[] as words, ${given.json.text}::jsonb as json`
    expect(first).toStrictEqual(given)
  })

  test('gets a large result whole, as objects, as columns and as a stream', async () => {
    const db = await served.open({ encoding })
    const text = `select i::int4 as id, 'row ' || i as name, case when i % 3 > 0 then i * 1.5::float8 end as amount
      from generate_series(1, 30000) i`
    const result = await db.query<{ id: number; name: string; amount: number | null }>(text)
    expect([result.rowCount, result.length, result.command]).toStrictEqual([30_000, 30_000, 'SELECT'])
    expect(result.rows[29_999]).toStrictEqual({ id: 30_000, name: 'row 30000', amount: null })
    const [ids, names, amounts] = result.columns()
    expect(ids?.values).toStrictEqual(Int32Array.from({ length: 30_000 }, (_, row) => row + 1))
    expect([names?.values[7], amounts?.values[0], amounts?.isNull(2)]).toStrictEqual(['row 8', 1.5, true])

    const streamed: unknown[] = []
    const stream = db.stream(text, [], { credit: 2 })
    for await (const batch of stream) streamed.push(...batch.rows)
    expect(streamed).toStrictEqual(result.rows)
    expect(stream.end).toMatchObject({ command: 'SELECT', rowCount: 30_000 })
  })

  test('ends a statement whose rows nobody wants any more', async () => {
    const db = await served.open({ encoding, pool: { max: 1 } })
    for await (const batch of db.stream('select generate_series(1, 100000000) as i')) {
      expect(batch.length).toBeGreaterThan(0)
      break
    }
    expect((await db.query('select 1 as one')).rows).toStrictEqual([{ one: 1 }])
  })

  test('refuses more rows than fit, and goes on', async () => {
    const db = await served.open({ encoding, resultBytesMax: 100_000 })
    await expect(
      db.query('select repeat($1, 100) from generate_series(1, 100000)', ['x']),
    ).rejects.toMatchObject({
      code: 'result_too_large',
    })
    const limited = await db.query('select i from generate_series(1, 100000) i', [], { rowLimit: 5 })
    expect([limited.length, limited.isTruncated]).toStrictEqual([5, true])
  })

  test('prepares, also again after the endpoint has forgotten', async () => {
    const db = await served.open({ encoding, pool: { max: 1 } })
    const doubled = await db.prepare<{ value: number }>('select $1::int4 * 2 as value')
    expect(doubled.params).toStrictEqual([23])
    expect(doubled.fields).toMatchObject([{ name: 'value', type: 23 }])
    const answers = await Promise.all([1, 2, 3].map((value) => doubled.query([value])))
    expect(answers.map(({ first }) => first?.value)).toStrictEqual([2, 4, 6])
    BreakableSocket.breakAll()
    expect((await doubled.query([4], { isRepeatable: true })).first).toStrictEqual({ value: 8 })
    await doubled.close()
    await expect(doubled.query([5])).rejects.toMatchObject({ code: 'closed' })
    await expect(db.prepare('selec')).rejects.toMatchObject({ code: 'sql_error', sqlstate: '42601' })
  })

  test('runs batches, with conditions or as one transaction', async () => {
    const db = await served.open({ encoding })
    const outcomes = await db.batch([
      'select 9007199254740993 as big',
      { sql: 'selec' },
      { sql: sql`select ${'caught'}::text as word`, if: { error: 1 } },
      { sql: 'select 3', if: { ok: 1 } },
    ])
    expect(outcomes).toMatchObject([
      { rows: [{ big: 9007199254740993n }] },
      { error: { code: 'sql_error', sqlstate: '42601' } },
      { rows: [{ word: 'caught' }] },
      { isSkipped: true },
    ])
    await db.query(`create table batch_${encoding} (a int)`)
    const atomic = db.batch([`insert into batch_${encoding} values (1)`, 'select 1/0'], { isAtomic: true })
    await expect(atomic).rejects.toMatchObject({ sqlstate: '22012', step: 1 })
    expect((await db.query(`select * from batch_${encoding}`)).rows).toStrictEqual([])
  })

  test('fetches from a cursor piece by piece', async () => {
    const db = await served.open({ encoding })
    const sizes = await db.session(async (session) => {
      const cursor = await session.cursor('select i from generate_series(1, 2500) i')
      expect((await cursor.fetch(4)).arrays()).toStrictEqual([[1], [2], [3], [4]])
      const rest: number[] = []
      for await (const batch of cursor) rest.push(batch.length)
      return rest
    })
    expect(sizes).toStrictEqual([1000, 1000, 496])
  })

  test('commits what a body did, undoes what it threw away, and nests', async () => {
    const db = await served.open({ encoding })
    const table = sql.identifier(`moves_${encoding}`)
    await db.sql`create table ${table} (a int)`
    const committed = await db.transaction(async (tx) => {
      await tx.sql`insert into ${table} values (1)`
      const inner = tx.transaction(async (nested) => {
        await nested.sql`insert into ${table} values (2)`
        throw new Error('not this one')
      })
      await expect(inner).rejects.toThrow('not this one')
      await tx.transaction((nested) => nested.sql`insert into ${table} values (3)`)
      return 'done'
    })
    expect(committed).toBe('done')
    let kept: Transaction | null = null
    await db.transaction((tx) => Promise.resolve((kept = tx)))
    await expect(present<Transaction>(kept, 'it').query('select 1')).rejects.toMatchObject({ code: 'closed' })
    const undone = db.transaction(async (tx) => {
      await tx.sql`insert into ${table} values (4)`
      throw new Error('no')
    })
    await expect(undone).rejects.toThrow('no')
    const swallowed = db.transaction(async (tx) => {
      await tx.query('select 1/0').catch(() => undefined)
    })
    await expect(swallowed).rejects.toMatchObject({ code: 'rolled_back' })
    expect((await db.sql`select a from ${table} order by a`).arrays()).toStrictEqual([[1], [3]])
  })

  test('gives up by signal and by time, and the connection goes on', async () => {
    const db = await served.open({ encoding, pool: { max: 1 } })
    const controller = new AbortController()
    const sleeping = db.query('select pg_sleep(60)', [], { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(sleeping).rejects.toThrow('enough')
    const late = db.query('select pg_sleep(60)', [], { timeoutMs: 50 })
    await expect(late).rejects.toMatchObject({ code: 'deadline_exceeded', sqlstate: '57014' })
    expect((await db.query('select 1 as one')).rows).toStrictEqual([{ one: 1 }])
  })
})

describe('a client', () => {
  test('answers 300 requests at once, each once, on one socket', async () => {
    const db = await served.open({ pool: { max: 1 } })
    const asked = Array.from({ length: 300 }, (_, value) => value)
    const answers = await Promise.all(
      asked.map((value) => db.sql<{ value: number }>`select ${value}::int4 as value`),
    )
    expect(answers.map(({ first }) => first?.value)).toStrictEqual(asked)
  })

  test('keeps sessions apart, and takes nothing of one into the next', async () => {
    const db = await served.open()
    const timezone = "select current_setting('timezone') as zone"
    const zones = await Promise.all(
      ['Asia/Tokyo', 'Europe/Paris'].map((zone) =>
        db.session(async (session) => {
          await session.query(`set timezone = '${zone}'`)
          return (await session.query<{ zone: string }>(timezone)).first?.zone
        }),
      ),
    )
    expect(zones).toStrictEqual(['Asia/Tokyo', 'Europe/Paris'])
    const later = await db.session((session) => session.query<{ zone: string }>(timezone))
    expect(zones).not.toContain(later.first?.zone)
  })

  test('has as many sessions as its socket may, and lets others wait', async () => {
    const db = await served.open({ pool: { max: 1 } })
    await db.query('select 1')
    const sessions = await Promise.all(Array.from({ length: 31 }, () => db.openSession()))
    const answers = await Promise.all(
      sessions.map((session, index) => session.sql`select ${index}::int4 as own`),
    )
    expect(answers.map(({ first }) => first?.['own'])).toStrictEqual(sessions.map((_, index) => index))
    const waiting = db.session((session) => session.query('select 1 as one'))
    expect(db.pool.waiting).toBe(1)
    for (const session of sessions) session.close()
    expect((await waiting).rows).toStrictEqual([{ one: 1 }])
  })

  test('is read-only where its token is, and says so', async () => {
    const token = await served.token({ access: 'read-only', role: null })
    const db = await served.open({ tokenProvider: () => token })
    await expect(db.query('create table forbidden (a int)')).rejects.toMatchObject({ code: 'read_only' })
    expect((await db.query('select 1 as one')).rows).toStrictEqual([{ one: 1 }])
  })

  test('is refused with a wrong token, and for an instance that is not there', async () => {
    const refused = served.open({ tokenProvider: () => 'wdn_wrong' })
    await expect(refused).rejects.toMatchObject({ code: 'unauthorized' })
    const elsewhere = served.open({ tenant: 'nowhere' }).then((db) => db.query('select 1'))
    await expect(elsewhere).rejects.toMatchObject({ code: 'unknown_tenant' })
  })

  test('loses a session with its connection, and makes another one', async () => {
    const db = await served.open()
    const session = await db.openSession()
    await session.query('create temporary table mine (a int)')
    BreakableSocket.breakAll()
    await expect(session.query('select * from mine')).rejects.toMatchObject({
      code: expect.stringMatching(/session_lost|unknown_outcome|connection_lost/),
    })
    session.close()
    expect((await db.query('select 1 as one', [], { isRepeatable: true })).rows).toStrictEqual([{ one: 1 }])
  })
})

test('the example script runs as it is, with the package as it is published', async () => {
  await buildIfStale({ parts: ['wasm', 'client'] })
  const project = path('project')
  mkdirSync(join(project, 'node_modules/@wardian'), { recursive: true })
  symlinkSync(join(repositoryRoot, 'out/client-package'), join(project, 'node_modules/@wardian/client'))
  symlinkSync(join(repositoryRoot, 'node_modules/ws'), join(project, 'node_modules/ws'))
  copyFileSync(join(repositoryRoot, 'examples/node/orders.mjs'), join(project, 'orders.mjs'))
  const env = { WARDIAN_URL: served.url, WARDIAN_TENANT: 'shop', WARDIAN_TOKEN: await served.token() }
  const { output } = await runCommand(process.execPath, ['orders.mjs'], { cwd: project, env })
  expect(output.split('\n')).toStrictEqual([
    '50000 measurements',
    '42857 of them add up to 535725000',
    'sensor 0: 24997, 7142 readings',
    'sensor 1: 24997.5, 7143 readings',
    'sql_error 42703: column "valu" does not exist (character 8)',
    '',
  ])
})
