/**
 * What SQL sees of other sessions on one backend: pg_stat_activity, pg_locks, advisory locks, process ids. Each
 * session is a process of its own, as in a server. The wire suites compare the same with native Postgres.
 */

import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Engine, EngineSession, EngineSessionOptions } from '../../src/main/engine/engine.ts'
import {
  engineFactories,
  engineFixture,
  must,
  openTimeoutMs,
  run,
  valueOf,
} from '../support/engine-fixture.ts'

describe.each(engineFactories)('processes on $name', ({ create }) => {
  const { common } = engineFixture(create())
  const sessions: EngineSession[] = []
  let engine: Engine

  beforeAll(async () => {
    engine = await common()
    await must(engine, 'create role app login')
  }, openTimeoutMs)

  afterEach(async () => {
    for (const session of sessions.splice(0)) session.dispose()
    const left = `select (select count(*) from pg_stat_activity where backend_type = 'client backend')
      || ' ' || (select count(*) from pg_locks where locktype = 'advisory')`
    expect(await valueOf(engine, left)).toBe('0 0')
  })

  async function open(options: Partial<EngineSessionOptions> = {}): Promise<EngineSession> {
    const session = await engine.openSession({ role: 'postgres', settings: [], ...options })
    sessions.push(session)
    return session
  }

  async function rowsOf(session: EngineSession, sql: string): Promise<string[]> {
    return (await must(session, sql)).rows.map((row) => row.join('|'))
  }

  test('every session is listed with its role, name, address, state and last statement', async () => {
    const server = { serverAddress: '::ffff:10.1.2.3', serverPort: 5432 }
    const one = await open({
      settings: [['application_name', 'first']],
      client: { address: '127.0.0.1', port: 5000, ...server },
    })
    const two = await open({ role: 'app', client: { address: null, port: null } })
    const fresh = `select state || query || (query_start is null) from pg_stat_activity where usename = 'app'`
    expect(await valueOf(one, fresh)).toBe('idletrue')
    const three = await open({ client: { address: 'fe80::1:2%eth0', port: 7 } })
    await must(two, `select 'of two'`)
    await must(two, 'begin')
    await must(two, `set application_name = 'second'`)
    await must(two, 'commit')
    await must(three, `set application_name = 'third'`)
    const seen = await rowsOf(
      one,
      `select application_name, usename, datname, client_addr, client_port, state, left(query, 12),
        wait_event_type, wait_event, xact_start is not null, query_start is not null, leader_pid, backend_xid,
        backend_start < now(), backend_type
      from pg_stat_activity where datname = current_database() order by 1`,
    )
    const rest = 'postgres|postgres'
    expect(seen).toEqual([
      `first|${rest}|127.0.0.1|5000|active|select appli|||t|t|||t|client backend`,
      'second|app|postgres||-1|idle|commit|Client|ClientRead|f|t|||t|client backend',
      `third|${rest}|fe80::1:2|7|idle|set applicat|Client|ClientRead|f|t|||t|client backend`,
    ])
    const addresses = 'select inet_client_addr(), inet_client_port(), inet_server_addr(), inet_server_port()'
    expect(await rowsOf(one, addresses)).toEqual(['127.0.0.1|5000|10.1.2.3|5432'])
    expect(await rowsOf(two, addresses)).toEqual(['|||'])
    expect(await rowsOf(three, addresses)).toEqual(['fe80::1:2|7||'])
    const ids = sessions.map(({ processId }) => processId).join(', ')
    expect(await rowsOf(two, 'select pid from pg_stat_activity where datname is not null')).toEqual(
      ids.split(', '),
    )
    const counts = `select numbackends, (select count(*) from pg_stat_get_activity(pg_backend_pid())),
      (select count(*) from pg_stat_get_backend_idset() i where pg_stat_get_backend_pid(i) in (${ids}))
      from pg_stat_database where datname = 'postgres'`
    expect(await rowsOf(three, counts)).toEqual(['3|1|3'])
  })

  test('pg_stat_ssl tells how each connection is encrypted, also when another takes its place', async () => {
    const encryption = {
      ...{ version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', bits: 256 },
      ...{ subject: '/CN=ann', serial: '12345678901234567890', issuer: '/CN=Zoë' },
    }
    const place = { address: '127.0.0.1', port: 1 }
    const one = await open({ client: { ...place, encryption } })
    const bare = { ...encryption, subject: '', serial: '', issuer: '' }
    const two = await open({ client: { ...place, encryption: bare } })
    const three = await open({ client: place })
    const shown = (session: EngineSession): Promise<string[]> =>
      rowsOf(
        session,
        `select ssl, version, cipher, bits, client_dn, client_serial, issuer_dn from pg_stat_ssl
        where pid = pg_backend_pid()`,
      )
    const how = 't|TLSv1.3|TLS_AES_256_GCM_SHA384|256'
    expect(await shown(one)).toEqual([`${how}|/CN=ann|12345678901234567890|/CN=Zoë`])
    expect(await shown(two)).toEqual([`${how}|||`])
    expect(await shown(three)).toEqual(['f||||||'])
    two.dispose()
    expect(await shown(await open({ client: place }))).toEqual(['f||||||'])
  })

  test('SYSTEM_USER is whoever was authenticated, in each session, and null without a client', async () => {
    const client = { address: null, port: null }
    const [one, two] = [
      await open({ client: { ...client, systemUser: 'scram-sha-256:zoë' } }),
      await open({ role: 'app', client: { ...client, systemUser: 'cert:CN=app' } }),
    ]
    const who = 'select system_user, system_user is null, length(system_user)'
    expect(await rowsOf(one, who)).toEqual(['scram-sha-256:zoë|f|17'])
    expect(await rowsOf(two, who)).toEqual(['cert:CN=app|f|11'])
    expect(await rowsOf(await open(), who)).toEqual(['|t|'])
    expect(await rowsOf(one, `select string_agg(system_user, ' ') from generate_series(1, 2)`)).toEqual([
      'scram-sha-256:zoë scram-sha-256:zoë',
    ])
  })

  test('a session may begin with an encoding that nobody has used before', async () => {
    const session = await open({ settings: [['client_encoding', 'LATIN1']] })
    expect(session.parameters).toMatchObject({ client_encoding: 'LATIN1' })
    const other = await open()
    expect(other.parameters).toMatchObject({ client_encoding: 'UTF8' })
    expect(await valueOf(session, 'show client_encoding')).toBe('LATIN1')
  })

  test('an advisory lock keeps other sessions out, and is seen in pg_locks with its holder', async () => {
    const [one, two] = [await open(), await open()]
    await must(one, 'select pg_advisory_lock(4294967298), pg_advisory_lock_shared(3, 4)')
    const tries = `select pg_try_advisory_lock(4294967298), pg_try_advisory_xact_lock(3, 4),
      pg_try_advisory_lock_shared(3, 4), pg_try_advisory_lock(1, 2)`
    expect(await rowsOf(two, tries)).toEqual(['f|f|t|t'])
    expect(await rowsOf(one, tries)).toEqual(['t|f|t|f'])
    const locks = `select pid = ${one.processId} of_one, classid, objid, objsubid, mode, granted
      from pg_locks where locktype = 'advisory' order by 1, 4, 2, 3`
    expect(await rowsOf(two, locks)).toEqual([
      'f|1|2|2|ExclusiveLock|t',
      'f|3|4|2|ShareLock|t',
      't|1|2|1|ExclusiveLock|t',
      't|3|4|2|ShareLock|t',
    ])
    await must(one, 'discard all')
    expect(await rowsOf(two, tries)).toEqual(['t|t|t|t'])
    await must(two, 'select pg_advisory_unlock_all()')
    expect(await rowsOf(one, tries)).toEqual(['t|t|t|t'])
  })

  test('a transaction has locks of its own, beside those of its session', async () => {
    const [one, two] = [await open(), await open()]
    await must(one, 'select pg_advisory_lock(1)')
    await must(one, 'begin')
    await must(one, 'select pg_advisory_xact_lock(1), pg_advisory_xact_lock(2)')
    await must(one, 'savepoint s')
    await must(one, 'select pg_advisory_xact_lock(3), pg_advisory_lock(4)')
    await must(one, 'rollback to s')
    const keys = `select string_agg(distinct objid::text, ',') from pg_locks where locktype = 'advisory'`
    expect(await valueOf(one, keys)).toBe('1,2,4')
    await must(one, 'rollback')
    expect(await valueOf(two, keys)).toBe('1,4')
    await must(two, 'select pg_advisory_xact_lock(2)')
    expect(await rowsOf(one, 'select pg_advisory_unlock(1), pg_advisory_unlock(1)')).toEqual(['t|f'])
    expect(await valueOf(two, keys)).toBe('4')
  })

  test.each([
    'pg_advisory_lock(1)',
    'pg_advisory_lock_shared(1)',
    'pg_advisory_xact_lock(1)',
    'pg_advisory_xact_lock_shared(1)',
    'pg_advisory_lock(0, 1)',
    'pg_advisory_lock_shared(0, 1)',
    'pg_advisory_xact_lock(0, 1)',
    'pg_advisory_xact_lock_shared(0, 1)',
  ])('%s of what another session holds is refused instead of waited for', async (wanted) => {
    const [one, two] = [await open(), await open()]
    await must(one, 'select pg_advisory_lock(1), pg_advisory_lock(0, 1)')
    await must(one, `select ${wanted}`)
    const { outcome } = await run(two, `select ${wanted}`)
    expect(outcome.error?.sql).toMatchObject({ code: '55P03', hint: expect.stringContaining('one backend') })
    expect(outcome.error?.sql?.detail).toContain(`process ${one.processId}`)
    const inside = `do $$ begin perform ${wanted}; exception when lock_not_available then
      raise exception 'caught' using errcode = 'ZZ001'; end $$`
    expect((await run(two, inside)).outcome.error?.sql?.code).toBe('ZZ001')
    one.dispose()
    await must(two, `select ${wanted}`)
  })

  test('more sessions than the server has processes have their locks, too', async () => {
    const all: EngineSession[] = []
    for (let index = 0; index < 140; index++) {
      const session = await open({ settings: [['application_name', `n${index}`]] })
      if (index % 10 === 0) await must(session, `select pg_advisory_lock(${index})`)
      all.push(session)
    }
    const [first, last] = [all[1], all[139]]
    const tries = `select string_agg(i::text, ',' order by i) from generate_series(0, 130, 10) i
      where not pg_try_advisory_xact_lock(i)`
    const held = Array.from({ length: 14 }, (_, index) => index * 10).join(',')
    for (const session of [first, last]) {
      expect(session && (await valueOf(session, tries))).toBe(held)
      const own = `select state from pg_stat_activity where pid = pg_backend_pid()`
      expect(session && (await valueOf(session, own))).toBe('active')
    }
    const listed = await valueOf(engine, `select count(*) from pg_stat_activity where datname is not null`)
    expect(Number(listed)).toBe(127)
  })

  test('where there are more sessions than processes, whoever has idled longest gives way', async () => {
    const all: EngineSession[] = []
    for (let index = 0; index < 127; index++) {
      all.push(await open({ settings: [['application_name', `n${index}`]] }))
    }
    const [first] = all
    if (first) await must(first, 'select 1')
    const late = await open({ settings: [['application_name', 'late']] })
    const names = `select string_agg(application_name, ',' order by application_name) from pg_stat_activity
      where application_name in ('n0', 'n1', 'n2', 'late')`
    expect(await valueOf(late, names)).toBe('late,n0,n2')
  })

  test('a session is signalled by its process id, if the role may', async () => {
    const [one, two, app] = [await open(), await open(), await open({ role: 'app' })]
    const heard: string[] = []
    const subscriptions = [one, two, app].map((session, index) =>
      session.onDidSignal((signal) => heard.push(`${index} ${signal}`)),
    )
    expect(await valueOf(one, `select pg_cancel_backend(${two.processId})`)).toBe('t')
    expect(await valueOf(one, `select pg_terminate_backend(${app.processId}, 100)`)).toBe('t')
    expect(heard).toEqual(['1 cancel', '2 terminate'])
    expect(await valueOf(one, `select count(*) from pg_stat_activity where usename = 'app'`)).toBe('0')
    for (const sql of [`pg_cancel_backend(${one.processId})`, `pg_terminate_backend(${one.processId})`]) {
      const { outcome } = await run(app, `select ${sql}`)
      expect(outcome.error?.sql).toMatchObject({
        code: '42501',
        detail: expect.stringContaining('SUPERUSER'),
      })
    }
    const unknown = await run(app, 'select pg_cancel_backend(99), pg_terminate_backend(-1)')
    expect(unknown.rows).toEqual([['f', 'f']])
    expect(unknown.notices.map(({ severity, code, message }) => [severity, code, message])).toEqual(
      [99, -1].map((id) => ['WARNING', '01000', `PID ${id} is not a PostgreSQL backend process`]),
    )
    expect((await run(one, 'select pg_terminate_backend(99, -1)')).outcome.error?.sql?.code).toBe('22003')
    expect(await valueOf(one, 'select pg_cancel_backend(null) is null')).toBe('t')
    expect(heard).toHaveLength(2)
    const { outcome } = await run(two, 'select pg_cancel_backend(pg_backend_pid()), pg_sleep(60)')
    expect(outcome.error?.sql?.code).toBe('57014')
    expect(await valueOf(two, 'select 1')).toBe('1')
    for (const subscription of subscriptions) subscription.dispose()
  })

  test('a role may signal sessions of its own, and with pg_signal_backend those of others', async () => {
    await must(engine, 'create role other login')
    const [app, own, other] = [
      await open({ role: 'app' }),
      await open({ role: 'app' }),
      await open({ role: 'other' }),
    ]
    expect(await valueOf(app, `select pg_cancel_backend(${own.processId})`)).toBe('t')
    const refused = await run(app, `select pg_terminate_backend(${other.processId})`)
    expect(refused.outcome.error?.sql).toMatchObject({
      ...{ code: '42501', message: 'permission denied to terminate process' },
      detail: expect.stringContaining('"pg_signal_backend"'),
    })
    await must(engine, 'grant pg_signal_backend to app')
    expect(await valueOf(app, `select pg_terminate_backend(${other.processId})`)).toBe('t')
    other.dispose()
    await must(engine, 'revoke pg_signal_backend from app')
    await must(engine, 'drop role other')
  })

  test('what makes processes wait for each other, or signal each other, ends here, too', async () => {
    const [one, two] = [await open(), await open()]
    await must(one, 'create table waited (a int primary key)')
    await must(one, 'begin')
    await must(one, 'declare c cursor with hold for select * from waited')
    await must(one, 'commit')
    await must(one, 'select pg_advisory_lock_shared(1)')
    for (const sql of [
      'create index concurrently waited_a on waited (a)',
      'reindex table concurrently waited',
      'drop index concurrently waited_a',
      'vacuum full waited',
      'create database copied template postgres',
      'drop database copied',
      'begin isolation level serializable read only deferrable',
      'select count(*) from waited',
      'commit',
      `select pg_blocking_pids(${one.processId}), pg_isolation_test_session_is_blocked(${one.processId}, '{1}')`,
      `select pg_log_backend_memory_contexts(${one.processId})`,
      'select pg_reload_conf()',
      'checkpoint',
      'drop table waited',
    ]) {
      const { outcome } = await run(two, sql)
      expect([sql, outcome.status, outcome.error?.message]).toEqual([sql, 'ok', undefined])
    }
  })
})
