/**
 * What every engine must do with statements, whatever it is: one suite, run for each factory. Statements run
 * for real; nothing is timed, everything is waited for.
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { AssertionError } from '../../src/base/assert.ts'
import type { Engine } from '../../src/main/engine/engine.ts'
import { conformanceEngines } from '../support/conformance-engines.ts'
import {
  engineFactories,
  engineFixture,
  must,
  openTimeoutMs,
  run,
  statement,
  valueOf,
  type StatementEngine,
} from '../support/engine-fixture.ts'

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}

describe.each(conformanceEngines)('statements on $name', ({ create }) => {
  const { common, open } = engineFixture(create())
  let engine: StatementEngine

  beforeAll(async () => {
    engine = await common()
    await must(engine, 'create table numbers as select i from generate_series(1, 100000) as i')
  }, openTimeoutMs)

  test('a query answers its columns, rows and outcome', async () => {
    const { columns, rows, outcome } = await run(engine, `select 7 as number, null as nothing, 'é' as letter`)
    expect(columns?.map(({ name, typeName }) => [name, typeName])).toEqual([
      ['number', 'integer'],
      ['nothing', 'text'],
      ['letter', 'text'],
    ])
    expect(rows).toEqual([['7', null, 'é']])
    expect(outcome).toMatchObject({ status: 'ok', commandTag: 'SELECT 1', rowCount: 1, transaction: 'idle' })
  })

  test('every type comes as Postgres prints it, in the session’s own style', async () => {
    const expressions = [
      ...['true', 'false', `'-32768'::int2`, `'-2147483648'::int4`, `'9223372036854775807'::int8`],
      ...[`'-9223372036854775808'::int8`, `'4294967295'::oid`, `'4294967295'::xid`, `'pg_class'::regclass`],
      ...[`'NaN'::numeric`, `'-Infinity'::numeric`, `1e-1000::numeric`, `10::numeric ^ 300`, `0.10::numeric`],
      ...[`'infinity'::date`, `'4713-01-01 BC'::date`, `'5874897-12-31'::date`, `'24:00'::time`],
      ...[
        `'-infinity'::timestamptz`,
        `'0001-01-01 BC'::timestamp`,
        `'2026-02-03 04:05:06.7+05'::timestamptz`,
      ],
      ...[`'P1Y2M3DT4H5M6.000007S'::interval`, `'04:05:06.789-3'::timetz`, `'\\xdeadbeef00'::bytea`],
      ...[
        `array[1,null,3]`,
        `array[[1,2],[3,4]]::text[]`,
        `'{}'::int[]`,
        `'[1,5)'::int4range`,
        `'{[1,2)}'::int4multirange`,
      ],
      ...[`'{"a": [1, null]}'::json`, `'{"b":1,"a":"ü"}'::jsonb`, `row(1,'x',null)`, `'10.0.0.0/8'::cidr`],
      ...[
        `'08:00:2b:01:02:03'::macaddr`,
        `B'1010'`,
        `'a'::"char"`,
        `'x'::char(4)`,
        `'<a/>'::xml`,
        `'1.5'::real`,
      ],
      ...[`'00000000-0000-0000-0000-000000000001'::uuid`, `''::text`, `'NULL'::text`, `'12.34'::money`],
      ...[`'(1,2)'::point`, `'fat & rat'::tsquery`, `'a fat cat'::tsvector`, `pg_lsn '0/1'`, `'😀'::text`],
    ].filter((expression) => !expression.includes('xml'))
    await must(engine, `set timezone to 'America/New_York'`)
    await must(engine, `set datestyle to 'SQL, DMY'`)
    const { rows } = await must(engine, `select ${expressions.join(', ')}`)
    const printed = await must(engine, `select ${expressions.map((e) => `format('%s', ${e})`).join(', ')}`)
    await must(engine, 'reset timezone')
    await must(engine, 'reset datestyle')
    const named = (cells: readonly (string | null)[] | undefined): unknown =>
      expressions.map((expression, index) => [expression, cells?.[index]])
    expect(named(rows[0])).toEqual(named(printed.rows[0]))
  })

  test('a float8 keeps every bit, and its special values', async () => {
    const values = ['0.1', '-0', 'NaN', 'Infinity', '-Infinity', '5e-324', '1.7976931348623157e308']
    const { rows } = await must(engine, `select unnest(array['${values.join(`','`)}']::float8[])`)
    expect(rows.map(([cell]) => cell)).toEqual(
      values.map((value) => (value === '-0' ? '-0' : String(Number(value)))),
    )
  })

  test('type names are what format_type prints, also for modifiers, domains, enums and composites', async () => {
    await must(engine, `create type mood as enum ('fine')`)
    await must(engine, 'create domain small as numeric(4,1) check (value < 100)')
    await must(engine, 'create type pair as (a int, b text)')
    const builtIn = await must(
      engine,
      `select format_type(oid, -1) from pg_type where typtype = 'b' and oid < 10000 and typinput <> 'shell_in'::regproc
         and typnamespace = 'pg_catalog'::regnamespace order by oid`,
    )
    const names = builtIn.rows.map(([name]) => name ?? '')
    const { columns } = await must(engine, `select ${names.map((name) => `null::${name}`).join(', ')}`)
    expect(columns?.map((column) => column.typeName)).toEqual(names)
    const own = await must(
      engine,
      `select 'fine'::mood, array['fine'::mood], 1::small, row(1,'x')::pair, '1'::varchar(3), 1::numeric(10,2),
         now()::timestamptz(3), interval '1' day, B'101'::bit(3)`,
    )
    expect(own.columns?.map((column) => column.typeName)).toEqual([
      ...['mood', 'mood[]', 'numeric(4,1)', 'pair', 'character varying(3)', 'numeric(10,2)'],
      ...['timestamp(3) with time zone', 'interval day', 'bit(3)'],
    ])
    await must(engine, 'drop type mood, pair')
    await must(engine, 'drop domain small')
  })

  test('asking for a type’s name leaves the user’s transaction as it was', async () => {
    await must(engine, `create type colour as enum ('red')`)
    await must(engine, 'begin isolation level serializable')
    expect((await must(engine, `select 'red'::colour`)).outcome.transaction).toBe('open')
    expect((await must(engine, 'drop type colour')).outcome.transaction).toBe('open')
    await must(engine, 'commit')
    const prepared = `select count(*) from pg_prepared_statements where name not like 'wardian%'`
    expect(await valueOf(engine, prepared)).toBe('0')
  })

  test('the most columns there can be work, and one more is Postgres’s own error', async () => {
    const list = (count: number): string => Array.from({ length: count }, (_, index) => index).join(', ')
    const { columns, rows } = await must(engine, `select ${list(1664)}`)
    expect([columns?.length, rows[0]?.length, rows[0]?.at(-1)]).toEqual([1664, 1664, '1663'])
    expect((await run(engine, `select ${list(1665)}`)).outcome.error?.sql?.code).toBe('54011')
  })

  test('no columns, no rows and no statement at all are results too', async () => {
    const noColumns = await must(engine, 'select from numbers')
    expect([noColumns.columns, noColumns.outcome.rowCount, noColumns.rows.length]).toEqual([
      [],
      100_000,
      100_000,
    ])
    const noRows = await must(engine, 'select i from numbers where i < 0')
    expect([noRows.columns?.length, noRows.batches.length, noRows.outcome.commandTag]).toEqual([
      1,
      0,
      'SELECT 0',
    ])
    for (const empty of ['', '   ', '-- nothing', '/* nothing */ ;']) {
      const { columns, outcome } = await run(engine, empty)
      expect([columns, outcome.status, outcome.commandTag, outcome.rowCount]).toEqual([null, 'ok', null, 0])
    }
  })

  test('a large result arrives whole, in order and counted over all slices', async () => {
    const { rows, batches, firstRows, outcome } = await must(engine, 'select i from numbers order by i')
    expect(outcome).toMatchObject({ commandTag: 'SELECT 100000', rowCount: 100_000 })
    expect(rows.every(([cell], index) => cell === String(index + 1))).toBe(true)
    let expected = 0
    for (const [index, batch] of batches.entries()) {
      expect(firstRows[index]).toBe(expected)
      expected += batch.rowCount
    }
    expect(batches.reduce((bytes, batch) => bytes + batch.buffer.byteLength, 0)).toBe(outcome.resultBytes)
  })

  test('a value larger than any batch arrives whole', async () => {
    const { rows } = await must(engine, `select 1, repeat('é', 10000000), 2`)
    expect(rows[0]?.map((cell) => cell?.length)).toEqual([1, 10_000_000, 1])
  })

  test('a statement of 50 MB runs', async () => {
    const { rows } = await must(engine, `select length('${'x'.repeat(50_000_000)}')`)
    expect(rows).toEqual([['50000000']])
  })

  test('parameters go as text, and a wrong number of them is Postgres’s own error', async () => {
    const { rows } = await must(engine, 'select $1::int + $2::int, $3::text', {
      parameters: ['1', '2', null],
    })
    expect(rows).toEqual([['3', null]])
    const typed = { parameters: ['1', '2'], parameterTypes: [20, 0] }
    const types = 'select pg_typeof($1)::text, pg_typeof($2::int2)::text'
    expect((await must(engine, types, typed)).rows).toEqual([['bigint', 'smallint']])
    expect((await run(engine, 'select $1::int')).outcome.error?.sql?.code).toBe('08P01')
    const large = 'ß'.repeat(2_000_000)
    expect((await must(engine, 'select $1', { parameters: [large] })).rows).toEqual([[large]])
  })

  test('text that Postgres cannot read is refused before it could be cut', async () => {
    await expect(run(engine, `select 'a\0b'`)).rejects.toMatchObject({ code: 'invalid-argument' })
    const broken = await run(engine, Uint8Array.of(0x73, 0xff, 0xfe))
    expect(broken.outcome.error?.sql?.code).toBe('22021')
    expect((await run(engine, 'select $1', { parameters: ['a\0b'] })).outcome.error?.sql?.code).toBe('22021')
  })

  test('a script by mistake is an error that says so', async () => {
    const { outcome } = await run(engine, 'select 1; select 2')
    expect(outcome).toMatchObject({ status: 'failed', commandTag: null, error: { sql: { code: '42601' } } })
  })

  test('utility statements tell their tag and count', async () => {
    await must(engine, 'create table things (id int primary key, name text)')
    const tags: [string, string, number][] = [
      [`insert into things select i, 'n' || i from generate_series(1, 10) as i`, 'INSERT 0 10', 10],
      [`insert into things values (11, 'x'), (12, 'y') returning id`, 'INSERT 0 2', 2],
      ['update things set name = name || id where id > 5', 'UPDATE 7', 7],
      ['delete from things where id = 12', 'DELETE 1', 1],
      ['create table copied as select * from things', 'SELECT 11', 11],
      ['create index concurrently things_name on things (name)', 'CREATE INDEX', 0],
      ['vacuum things', 'VACUUM', 0],
      ['analyze things', 'ANALYZE', 0],
      ['prepare p as select id from things where id < $1', 'PREPARE', 0],
      ['execute p(4)', 'SELECT 3', 3],
      ['explain select * from things', 'EXPLAIN', 1],
      ['begin', 'BEGIN', 0],
      ['declare c cursor for select id from things order by id', 'DECLARE CURSOR', 0],
      ['fetch 4 from c', 'FETCH 4', 4],
      ['move 2 in c', 'MOVE 2', 2],
      ['commit', 'COMMIT', 0],
      ['create procedure twice(inout n int) language sql as $$ select n * 2 $$', 'CREATE PROCEDURE', 0],
      ['call twice(21)', 'CALL', 1],
      ['do $$ begin perform 1; end $$', 'DO', 0],
      ['show server_version', 'SHOW', 1],
      ['drop table things, copied', 'DROP TABLE', 0],
    ]
    const seen: unknown[] = []
    for (const [sql] of tags) {
      const { outcome } = await must(engine, sql)
      seen.push([sql, outcome.commandTag, outcome.rowCount])
    }
    await must(engine, 'deallocate all')
    expect(seen).toEqual(tags)
  })

  test('every field of an error is kept, and the position counts characters', async () => {
    const { outcome } = await run(engine, `select 'ééé😀', 1/0 + nonsense`)
    expect(outcome.error?.sql).toMatchObject({ code: '42703', position: 22, severity: 'ERROR' })
    await must(engine, 'create table strict (a int constraint positive check (a > 0))')
    const failed = await run(engine, 'insert into strict values (-1)')
    expect(failed.outcome.error?.sql).toMatchObject({
      code: '23514',
      schema: 'public',
      table: 'strict',
      constraint: 'positive',
      detail: 'Failing row contains (-1).',
      routine: 'ExecConstraints',
    })
    await must(engine, 'drop table strict')
    const raised = await run(
      engine,
      `do $$ begin raise exception using message = 'm', detail = 'd', hint = 'h', errcode = '22012',
         column = 'c', constraint = 'k', datatype = 't', table = 'x', schema = 's'; end $$`,
    )
    expect(raised.outcome.error?.sql).toMatchObject({
      ...{ message: 'm', detail: 'd', hint: 'h', code: '22012', column: 'c', constraint: 'k' },
      ...{ dataType: 't', table: 'x', schema: 's' },
    })
    expect(raised.outcome.error?.sql?.where).toContain('PL/pgSQL')
    const inner = await run(engine, `do $$ begin execute 'select nonsense'; end $$`)
    expect(inner.outcome.error?.sql).toMatchObject({ internalPosition: 8, internalQuery: 'select nonsense' })
  })

  test('notices of every severity arrive in order', async () => {
    await must(engine, 'set client_min_messages to debug1')
    const { notices } = await must(
      engine,
      `do $$ begin raise debug 'a'; raise log 'b'; raise info 'c'; raise notice 'd'; raise warning 'e'; end $$`,
    )
    await must(engine, 'reset client_min_messages')
    expect(notices.map(({ severity, message }) => [severity, message])).toEqual([
      ['DEBUG', 'a'],
      ['LOG', 'b'],
      ['INFO', 'c'],
      ['NOTICE', 'd'],
      ['WARNING', 'e'],
    ])
  })

  test('a result is cut at its budget without ending the transaction', async () => {
    await must(engine, 'begin')
    await must(engine, 'create table written as select 1')
    const { outcome, rows } = await run(engine, `select i, repeat('x', 100) from numbers`, {
      resultBytesMax: 50_000,
    })
    expect(outcome).toMatchObject({ status: 'cut', commandTag: null, error: null, transaction: 'open' })
    expect(outcome.resultBytes).toBeGreaterThanOrEqual(50_000)
    expect(outcome.rowCount).toBe(rows.length)
    expect(rows.length).toBeLessThan(100_000)
    expect(await valueOf(engine, 'select count(*) from written')).toBe('1')
    await must(engine, 'rollback')
  })

  test('a result that just fits its budget is not cut', async () => {
    const whole = await must(engine, 'select i from numbers where i <= 1000')
    const { outcome } = await run(engine, 'select i from numbers where i <= 1000', {
      resultBytesMax: whole.outcome.resultBytes + 1,
    })
    expect(outcome).toMatchObject({ status: 'ok', rowCount: 1000 })
  })

  test('an error in the middle of a result keeps the rows before it', async () => {
    const { outcome, rows } = await run(engine, 'select 1000 / (5000 - i) from numbers')
    expect(outcome).toMatchObject({ status: 'failed', error: { sql: { code: '22012' } } })
    expect(rows.length).toBeGreaterThan(64)
    expect(rows.length).toBeLessThan(5000)
  })

  test('a transaction’s state is told after each statement', async () => {
    const states: string[] = []
    for (const sql of ['begin', 'select 1', 'select 1/0', 'select 1', 'rollback', 'select 1']) {
      states.push((await run(engine, sql)).outcome.transaction)
    }
    expect(states).toEqual(['open', 'open', 'failed', 'failed', 'idle', 'idle'])
  })

  test('notifications reach whoever listens', async () => {
    const heard: string[] = []
    const listening = engine.onDidNotify(({ channel, payload }) => void heard.push(`${channel}: ${payload}`))
    await must(engine, 'listen news')
    await must(engine, `notify news, 'Grüße'`)
    await must(engine, 'unlisten *')
    listening.dispose()
    expect(heard).toEqual(['news: Grüße'])
  })

  test('another client_encoding does not stay, and text is never garbled', async () => {
    const { notices } = await must(engine, `set client_encoding to 'LATIN1'`)
    expect(notices.map(({ severity }) => severity)).toEqual(['WARNING'])
    expect(await valueOf(engine, `select 'é'`)).toBe('é')
    await must(engine, 'begin')
    await must(engine, `set local client_encoding to 'LATIN2'`)
    expect(await valueOf(engine, `select 'ő'`)).toBe('ő')
    await must(engine, 'rollback')
    expect(await valueOf(engine, `show client_encoding`)).toBe('UTF8')
  })

  test('COPY shows what it sends, and says what to do instead of waiting for data', async () => {
    const out = await must(engine, `copy (values (1, 'a'), (2, null)) to stdout`)
    expect([out.columns?.map(({ name }) => name), out.rows]).toEqual([['copy'], [['1\ta'], ['2\t\\N']]])
    expect(out.outcome).toMatchObject({ commandTag: 'COPY 2', rowCount: 2 })
    const binary = await run(engine, `copy (values (1)) to stdout (format binary)`)
    expect(binary.outcome).toMatchObject({ status: 'failed', error: { code: 'unsupported' } })
    const into = await run(engine, 'copy numbers from stdin')
    expect(into.outcome).toMatchObject({ status: 'failed', error: { sql: { code: '57014' } } })
    expect(into.outcome.error?.message).toContain('import')
  })

  test('endless recursion ends with an error of the statement alone', async () => {
    const { outcome } = await run(engine, `select ${'1+'.repeat(100_000)}1`)
    expect(outcome.error?.sql?.code).toBe('54001')
    expect(await valueOf(engine, 'select 1')).toBe('1')
  })

  test('only one thing runs at a time', async () => {
    const first = engine.execute(statement('select 1'))
    expect(() => engine.execute(statement('select 2'))).toThrow(AssertionError)
    for await (const event of first) void event
    expect(await valueOf(engine, 'select 3')).toBe('3')
  })

  test('a consumer that takes nothing holds back the backend', async () => {
    const other = await open()
    const before = process.memoryUsage().arrayBuffers
    const sql = `select i, repeat('x', 1000) from numbers`
    const events = engine.execute(statement(sql))[Symbol.asyncIterator]()
    await events.next()
    // As long as the whole result takes where somebody takes it.
    await must(other, `create table numbers as select generate_series(1, 100000) i`)
    for await (const event of other.execute(statement(sql))) void event
    // What was taken and let go counts until it is collected and swept, which another thread does.
    const grownBytes = (): number => {
      collectGarbage()
      return process.memoryUsage().arrayBuffers - before
    }
    await vi.waitFor(() => expect(grownBytes()).toBeLessThan(16 << 20), { timeout: 20_000 })
    let rowCount = 0
    for (let next = await events.next(); !next.done; next = await events.next()) {
      if (next.value.kind === 'batch') rowCount += next.value.rowCount
    }
    expect(rowCount).toBe(100_000)
  })

  test('many small statements in any order leave nothing behind', async () => {
    const count = Number(process.env['WARDIAN_TEST_STATEMENTS'] ?? 1000)
    const sql = fc.constantFrom(
      ...['select 1', 'select i from numbers limit 70', 'begin', 'commit', 'rollback', 'select 1/0', ''],
      ...[
        'savepoint s',
        'rollback to s',
        'create temp table if not exists t (a int)',
        'select nothing',
        'select',
      ],
      ...[
        'insert into numbers values (0) returning i',
        'delete from numbers where i = 0',
        'not sql',
        'show all',
      ],
    )
    const seed = Number(process.env['WARDIAN_TEST_SEED'] ?? Date.now() % 1_000_000)
    const okTold = { status: 'ok', severity: null }
    const failedTold = { status: 'failed', severity: 'ERROR' }
    for (const text of fc.sample(sql, { numRuns: count, seed })) {
      const { outcome } = await run(engine, text)
      const what = `seed ${seed}: ${text}`
      const told = { status: outcome.status, severity: outcome.error?.sql?.severity ?? null }
      expect([okTold, failedTold], what).toContainEqual(told)
    }
    await run(engine, 'rollback')
    expect(await valueOf(engine, 'select count(*) from numbers where i > 0')).toBe('100000')
  })
})

describe.each(engineFactories)('an engine here, $name', ({ create }) => {
  const { common, directory, open } = engineFixture(create())
  let engine: Engine

  beforeAll(async () => {
    engine = await common()
  }, openTimeoutMs)

  test('timeouts of those who are idle are harmless', async () => {
    for (const setting of ['idle_in_transaction_session_timeout', 'idle_session_timeout']) {
      await must(engine, `set ${setting} = 1`)
      await must(engine, 'begin')
      await must(engine, 'select pg_sleep(0.01)')
      expect((await must(engine, 'commit')).outcome.commandTag).toBe('COMMIT')
      await must(engine, `reset ${setting}`)
    }
  })

  test('encodings that are not built in are refused', async () => {
    const roundabout = await run(engine, `select convert('\\xe9', 'LATIN1', 'MULE_INTERNAL')`)
    expect(roundabout.outcome.error?.sql?.code).toBe('0A000')
  })

  test('a channel is one thing, too', async () => {
    const first = engine.execute(statement('select 1'))
    expect(() => engine.openChannel()).toThrow(AssertionError)
    for await (const event of first) void event
    expect(await valueOf(engine, 'select 3')).toBe('3')
  })

  test('what was committed in a directory is there after closing and opening it again', async () => {
    const options = { directory: directory(), durability: 'durable' } as const
    const first = await open(options)
    await must(first, 'create table kept as select 42 as answer')
    expect(first.memory().wasmBytes).toBeGreaterThan(100 << 20)
    await first.close()
    await expect(run(first, 'select 1')).rejects.toMatchObject({ code: 'closed' })
    expect(first.memory().wasmBytes).toBe(0)
    const second = await open(options)
    expect(await valueOf(second, 'select answer from kept')).toBe('42')
  })
})
