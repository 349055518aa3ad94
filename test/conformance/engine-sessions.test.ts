/**
 * Sessions on one backend: what a client of a server expects to be its own is its own. One suite, run for each
 * factory; the wire suites compare the same with native Postgres.
 */

import fc from 'fast-check'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Engine, EngineNotification, EngineSession } from '../../src/main/engine/engine.ts'
import {
  engineFactories,
  engineFixture,
  must,
  openTimeoutMs,
  run,
  valueOf,
} from '../support/engine-fixture.ts'
import { ProtocolClient, serialize, short } from '../support/protocol-client.ts'

describe.each(engineFactories)('sessions on $name', ({ create }) => {
  const { common } = engineFixture(create())
  const sessions: EngineSession[] = []
  let engine: Engine

  beforeAll(async () => {
    engine = await common()
    await must(engine, 'create table secrets (a int)')
    await must(engine, 'create table open_to_app (a int)')
    await must(engine, 'create sequence numbers')
    await must(engine, 'create role app login')
    await must(engine, 'grant all on open_to_app to app')
    await must(engine, `alter role app set statement_timeout = '5s'`)
  }, openTimeoutMs)

  afterEach(async () => {
    for (const session of sessions.splice(0)) session.dispose()
    const left = `select string_agg(nspname, ',') from pg_namespace where nspname like 'pg%temp%'`
    expect(await valueOf(engine, left)).toBe(null)
  })

  async function open(role = 'postgres', settings: [string, string][] = []): Promise<EngineSession> {
    const session = await engine.openSession({ role, settings })
    sessions.push(session)
    return session
  }

  async function stateOf(session: EngineSession, sql: string): Promise<string | null> {
    const { outcome } = await run(session, sql)
    return outcome.error?.sql?.code ?? outcome.status
  }

  test('what ALTER ROLE and ALTER DATABASE set holds from the next session on, and until it is reset', async () => {
    const workMem = async (role: string): Promise<string | null> => {
      const session = await open(role)
      const value = await valueOf(session, 'show work_mem')
      session.dispose()
      return value
    }
    const before = [await workMem('app'), await workMem('postgres')]
    await must(engine, `alter role app set work_mem = '3MB'`)
    expect([await workMem('app'), await workMem('postgres')]).toEqual(['3MB', before[1]])
    await must(
      engine,
      `do $$ begin execute 'alter database ' || current_database() || ' set work_mem = 7168'; end $$`,
    )
    expect([await workMem('app'), await workMem('postgres')]).toEqual(['3MB', '7MB'])
    await must(engine, 'alter role app reset work_mem')
    expect([await workMem('app'), await workMem('postgres')]).toEqual(['7MB', '7MB'])
    await must(
      engine,
      `do $$ begin execute 'alter database ' || current_database() || ' reset work_mem'; end $$`,
    )
    expect([await workMem('app'), await workMem('postgres')]).toEqual(before)
  })

  test('prepared statements of one name are two, in SQL and in the protocol', async () => {
    const [one, two] = [await open(), await open()]
    for (const [session, text] of [
      [one, 'one'],
      [two, 'two'],
    ] as const) {
      await must(session, `prepare p as select '${text} in SQL'`)
      const channel = session.openChannel()
      const client = new ProtocolClient(channel)
      const { parse, sync } = serialize
      const named = parse({ text: `select '${text} by name'`, name: 's' })
      expect(short(await client.ask('Z', named, parse({ text: `select '${text} unnamed'` }), sync()))).toBe(
        '11ZI',
      )
      channel.dispose()
      await client.finished().catch(() => undefined)
    }
    for (const [session, text] of [
      [one, 'one'],
      [two, 'two'],
      [one, 'one'],
    ] as const) {
      const channel = session.openChannel()
      const client = new ProtocolClient(channel)
      const { bind, execute, sync } = serialize
      const answers = await client.ask(
        'Z',
        bind({ statement: 's' }),
        execute({}),
        bind({}),
        execute({}),
        sync(),
      )
      const rows = answers.filter(({ type }) => type === 'D').map(({ body }) => body.subarray(6).toString())
      expect(rows).toEqual([`${text} by name`, `${text} unnamed`])
      channel.dispose()
      await client.finished().catch(() => undefined)
    }
    expect(await valueOf(one, 'execute p')).toBe('one in SQL')
    expect(await valueOf(two, 'execute p')).toBe('two in SQL')
  })

  test('temporary tables are private, large, indexed, and survive what others do', async () => {
    const [one, two] = [await open(), await open()]
    for (const [session, who] of [
      [one, 1],
      [two, 2],
    ] as const) {
      await must(session, `create temp table t as select ${who} who, repeat('x', 100000) big`)
      await must(session, 'create index on t (who)')
      await must(session, 'create temp table gone (a int) on commit delete rows')
    }
    await must(two, 'vacuum analyze')
    await must(two, 'select sum(pg_total_relation_size(oid)) from pg_class')
    for (const [session, who] of [
      [one, 1],
      [two, 2],
      [one, 1],
    ] as const) {
      expect(await valueOf(session, 'select who from t where length(big) = 100000 limit 1')).toBe(String(who))
      await must(session, `insert into t values (${who}, repeat('y', 100000))`)
      await must(session, 'insert into gone values (1)')
      expect(await valueOf(session, 'select count(*) from gone')).toBe('0')
    }
    await must(two, 'discard all')
    expect(await stateOf(two, 'select * from t')).toBe('42P01')
    expect(await valueOf(one, 'select count(*) from t')).toBe('3')
    expect(await valueOf(engine, 'select count(*) from pg_class where relname = $$t$$')).toBe('1')
  })

  test('any number of sessions may have temporary tables, one after the other', async () => {
    for (let index = 0; index < 60; index++) {
      const session = await engine.openSession({ role: 'postgres', settings: [] })
      expect((await run(session, 'create temp table t (a int)')).outcome.status).toBe('ok')
      session.dispose()
    }
  })

  test('a temporary table hides a permanent one from its own session only', async () => {
    const [one, two] = [await open(), await open()]
    await must(one, 'create temp table open_to_app as select 7 a')
    expect(await valueOf(one, 'select a from open_to_app')).toBe('7')
    expect(await valueOf(two, 'select count(*) from open_to_app')).toBe('0')
    expect(await valueOf(one, 'select a from open_to_app')).toBe('7')
  })

  test('sequences, cursors and channels are each session’s own', async () => {
    const [one, two] = [await open(), await open()]
    await must(one, `select nextval('numbers')`)
    expect(await stateOf(two, `select currval('numbers')`)).toBe('55000')
    await must(two, `select nextval('numbers')`)
    for (const [session, text] of [
      [one, '1'],
      [two, '2'],
    ] as const) {
      await must(session, `declare c cursor with hold for select ${text}`)
      await must(session, `listen channel${text}`)
    }
    for (const [session, text] of [
      [two, '2'],
      [one, '1'],
    ] as const) {
      expect(await valueOf(session, `select count(*) from pg_cursors where name <> ''`)).toBe('1')
      expect(await valueOf(session, 'fetch all from c')).toBe(text)
      expect(await valueOf(session, 'select lastval()')).toBe(text)
      expect(await valueOf(session, 'select string_agg(c, $$,$$) from pg_listening_channels() c')).toBe(
        `channel${text}`,
      )
    }
  })

  test('settings are each session’s own, with what RESET goes back to', async () => {
    const one = await open('postgres', [
      ['DateStyle', 'German'],
      ['application_name', 'one'],
    ])
    const two = await open('postgres', [['TimeZone', 'Asia/Tokyo']])
    await must(one, `set timezone = 'Etc/GMT+3'`)
    await must(two, `set my.own = 'two'`)
    const shown = (session: EngineSession): Promise<string | null> =>
      valueOf(
        session,
        `select concat_ws('|', current_setting('datestyle'), current_setting('application_name'), ` +
          `date '2020-02-01', timestamptz '2020-02-01 00:00+00', current_setting('my.own', true))`,
      )
    for (let round = 0; round < 2; round++) {
      expect(await shown(one)).toMatch(/^German, DMY\|one\|01.02.2020\|31.01.2020 21:00:00 -03$/)
      expect(await shown(two)).toBe('ISO, MDY||2020-02-01|2020-02-01 09:00:00+09|two')
    }
    await must(one, `set datestyle = 'ISO'`)
    await must(one, 'reset all')
    await must(two, 'discard all')
    expect(await valueOf(one, 'show datestyle')).toBe('German, DMY')
    expect(await valueOf(one, 'show timezone')).not.toBe('Etc/GMT+3')
    expect(await valueOf(two, 'show timezone')).toBe('Asia/Tokyo')
    expect(one.parameters['application_name']).toBe('one')
    expect(two.parameters['TimeZone']).toBe('Asia/Tokyo')
  })

  test('a name that one session has made up is unknown to others, who may make it up, too', async () => {
    const [one, two] = [await open('postgres', [['my.start', 'begun']]), await open()]
    await must(one, `set my.own = 'one'`)
    for (const name of ['my.own', 'my.start']) expect(await stateOf(two, `show ${name}`)).toBe('42704')
    await must(two, `select set_config('my.own', 'two', false)`)
    expect(await valueOf(one, `select current_setting('my.own') || current_setting('my.start')`)).toBe(
      'onebegun',
    )
    await must(one, 'reset my.own')
    expect(await valueOf(two, 'show my.own')).toBe('two')
    expect(await valueOf(one, 'show my.own')).toBe('')
    await must(one, 'reset all')
    expect(await valueOf(one, 'show my.start')).toBe('begun')
    one.dispose()
    expect(await valueOf(two, `select current_setting('my.start', true)`)).toBe(null)
    expect(await valueOf(two, 'show my.own')).toBe('two')
  })

  test('random numbers go on from each session’s own seed', async () => {
    const [one, two] = [await open(), await open()]
    for (const session of [one, two]) await must(session, 'select setseed(0.5)')
    const numbers = [one, two, two, one].map((session) => () => valueOf(session, 'select random()'))
    const [first, second, third, fourth] = [
      await numbers[0]?.(),
      await numbers[1]?.(),
      await numbers[2]?.(),
      await numbers[3]?.(),
    ]
    expect([second, fourth]).toEqual([first, third])
    expect(await valueOf(await open(), 'select random()')).not.toBe(
      await valueOf(await open(), 'select random()'),
    )
  })

  test('a function finds the temporary tables of who calls it', async () => {
    await must(
      engine,
      `create function total() returns bigint language plpgsql as
      'begin return (select sum(a) from numbered); end'`,
    )
    const all = [await open(), await open(), await open()]
    for (const [index, session] of all.entries()) {
      await must(session, `create temp table numbered as select ${index} a`)
    }
    for (let round = 0; round < 8; round++) {
      for (const [index, session] of all.entries()) {
        expect(await valueOf(session, 'select total()')).toBe(String(index))
      }
    }
    await must(engine, 'drop function total')
  })

  test('any settings of several sessions, set in any order, stay with their sessions', async () => {
    const names = [
      'work_mem',
      'search_path',
      'application_name',
      'enable_seqscan',
      'cursor_tuple_fraction',
      'bytea_output',
    ]
    const values: Record<string, string[]> = {
      work_mem: ['1MB', '2MB', '77MB'],
      search_path: ['public', 'pg_catalog, public', '"$user"'],
      application_name: ['a', 'b', ''],
      enable_seqscan: ['on', 'off'],
      cursor_tuple_fraction: ['0.25', '0.5', '1'],
      bytea_output: ['hex', 'escape'],
    }
    const step = fc.record({
      session: fc.nat(2),
      name: fc.constantFrom(...names),
      value: fc.option(fc.nat(2)),
      isAborted: fc.boolean(),
    })
    const all = [await open(), await open(), await open()]
    const initial = new Map<string, string | null>()
    for (const name of names) initial.set(name, await valueOf(engine, `show ${name}`))
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const model = all.map(() => new Map<string, string>())
        for (const session of all) await must(session, 'reset all')
        for (const { session: index, name, value, isAborted } of steps) {
          const session = all[index]
          const choices = values[name] ?? []
          const text = value === null ? null : (choices[value % choices.length] ?? '')
          if (!session) continue
          if (isAborted) await must(session, 'begin')
          await must(
            session,
            text === null ? `reset ${name}` : `select set_config('${name}', '${text}', false)`,
          )
          if (isAborted) await must(session, 'rollback')
          else if (text === null) model[index]?.delete(name)
          else model[index]?.set(name, text)
        }
        for (const [index, session] of all.entries()) {
          for (const name of names) {
            expect(await valueOf(session, `show ${name}`)).toBe(model[index]?.get(name) ?? initial.get(name))
          }
        }
      }),
      { numRuns: Number(process.env['WARDIAN_FUZZ_RUNS'] ?? 10) },
    )
  })

  test('a role has its rights and its settings, and no way back to another', async () => {
    const app = await open('app')
    expect(app.parameters['is_superuser']).toBe('off')
    expect(app.parameters['session_authorization']).toBe('app')
    expect(await valueOf(app, 'show statement_timeout')).toBe('5s')
    await must(app, 'insert into open_to_app values (1)')
    await must(app, 'create temp table mine (a int)')
    const refused = [
      'select * from secrets',
      'set session authorization postgres',
      'set role postgres',
      `do $$ begin execute 'set session authorization postgres'; end $$`,
      `do $$ begin perform set_config('session_authorization', 'postgres', false); end $$`,
      'create role evil superuser',
      `copy open_to_app to '/x'`,
      `select pg_read_file('PG_VERSION')`,
      `alter system set work_mem = '1MB'`,
    ]
    for (const sql of refused) expect([sql, await stateOf(app, sql)]).toEqual([sql, '42501'])
    for (const sql of [
      'reset session authorization',
      'reset role',
      'set role none',
      'reset all',
      'discard all',
    ]) {
      await must(app, sql)
      expect(await valueOf(app, 'select session_user || current_user')).toBe('appapp')
    }
    const owner = await open()
    expect(await valueOf(owner, 'select session_user || current_user')).toBe('postgrespostgres')
    await must(owner, 'set session authorization app')
    expect(await stateOf(owner, 'select * from secrets')).toBe('42501')
    await must(owner, 'reset session authorization')
    await must(owner, 'select * from secrets')
  })

  test('what is notified reaches who listens at commit, whoever has the backend', async () => {
    const [one, two, three] = [await open(), await open(), await open()]
    const heard: string[] = []
    const listen = (name: string, session: EngineSession) =>
      session.onDidNotify(({ channel, payload, processId }: EngineNotification) =>
        heard.push(`${name} ${channel} ${payload} ${processId === three.processId}`),
      )
    const subscriptions = [listen('one', one), listen('two', two)]
    await must(one, 'listen a')
    await must(two, 'listen a')
    await must(two, 'listen b')
    await must(three, `notify a, 'x'`)
    await must(three, 'begin')
    await must(three, `notify b, 'lost'`)
    await must(three, 'rollback')
    await must(three, `select pg_notify('b', 'y')`)
    await must(one, 'unlisten *')
    await must(three, `notify a, 'z'`)
    await must(two, 'unlisten *')
    await must(three, `notify a, 'nobody'`)
    await must(one, 'listen a')
    await must(three, `notify a, 'again'`)
    for (const step of ['begin', `notify a, 'kept'`, 'commit']) {
      expect(heard).not.toContain('one a kept true')
      await must(three, step)
    }
    expect(heard).toEqual([
      'one a x true',
      'two a x true',
      'two b y true',
      'two a z true',
      'one a again true',
      'one a kept true',
    ])
    for (const subscription of subscriptions) subscription.dispose()
  })

  test('process ids differ and waits work under each', async () => {
    const [one, two] = [await open(), await open()]
    expect(one.processId).not.toBe(two.processId)
    for (const session of [one, two]) {
      expect(await valueOf(session, 'select pg_backend_pid()')).toBe(String(session.processId))
      await must(session, 'select pg_sleep(0.001)')
      expect(await valueOf(session, 'select bool_and(pid = pg_backend_pid()) from pg_locks')).toBe('t')
    }
  })

  test('a session that cannot begin leaves nothing behind', async () => {
    await expect(open('nobody')).rejects.toMatchObject({ code: 'sql-error', sql: { code: '22023' } })
    await expect(open('postgres', [['work_mem', 'much']])).rejects.toMatchObject({ sql: { code: '22023' } })
    await expect(open('postgres', [['no_such', '1']])).rejects.toMatchObject({ sql: { code: '42704' } })
    expect(await valueOf(engine, 'select session_user')).toBe('postgres')
    expect(await valueOf(await open(), 'show work_mem')).toBe(await valueOf(engine, 'show work_mem'))
  })

  test('many sessions come and go without the memory growing', async () => {
    const visit = async (index: number): Promise<void> => {
      const session = await engine.openSession({
        role: 'postgres',
        settings: [['application_name', `n${index}`]],
      })
      await must(session, `set timezone = 'UTC'`)
      await must(session, `prepare p as select ${index}`)
      await must(session, `select nextval('numbers')`)
      session.dispose()
    }
    for (let index = 0; index < 50; index++) await visit(index)
    const before = engine.memory().wasmBytes
    for (let index = 0; index < 200; index++) await visit(index)
    expect(engine.memory().wasmBytes).toBe(before)
  })
})
