/**
 * Goal: a server is used as well through a pooler, which gives its connections away between transactions. Method:
 * PgBouncer (Debian's package) before native Postgres, with fewer connections than there are sessions.
 */

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import { PostgresServer } from '../src/main/engine/postgres/postgres-server.ts'
import type { PostgresSession } from '../src/main/engine/postgres/postgres-session.ts'
import { must, run, valueOf } from './support/engine-fixture.ts'
import { hasPgBouncer, PgBouncer, type PoolMode } from './support/pgbouncer.ts'
import { connectionTo } from './support/remote-engine.ts'
import { NativePostgres } from './support/wire/native-postgres.ts'

const DEADLINE_MS = 240_000
vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })
const waiting = { timeout: DEADLINE_MS, interval: 50 }

const modes: readonly PoolMode[] = hasPgBouncer() ? ['session', 'transaction'] : []
if (modes.length === 0)
  process.stderr.write('There is no pgbouncer here; apt-get install pgbouncer for its tests\n')

test('there is a pooler, or it is said that there is none', () => {
  expect(modes.length === 0 || modes.length === 2).toBe(true)
})

describe.each(modes)('through a pooler for each %s', (mode) => {
  const made: { native?: NativePostgres; pooler?: PgBouncer } = {}
  const servers: PostgresServer[] = []
  /** So that no connection is kept that the next test needs. */
  afterEach(() => servers.splice(0).forEach((server) => server.close()))

  beforeAll(async () => {
    made.native = await NativePostgres.start()
    made.pooler = await PgBouncer.start(made.native.address, mode)
  })
  afterAll(async () => {
    await made.pooler?.stop()
    await made.native?.stop()
  })

  function serverOf(isReadOnly = false): PostgresServer {
    const { address } = present(made.pooler, 'the pooler')
    const connection = connectionTo(address, { isReadOnly })
    const server = new PostgresServer({
      login: { connection, password: address.password },
      clock: systemClock,
    })
    servers.push(server)
    return server
  }

  const open = (isReadOnly = false): Promise<PostgresSession> =>
    serverOf(isReadOnly).openSession({ settings: [] })

  test('results come in slices, with types that have to be asked for', async () => {
    const session = await open()
    await must(session, `create type mood as enum ('calm')`)
    const { columns, rows } = await run(
      session,
      `select 'calm'::mood as m, i from generate_series(1, 30000) i`,
    )
    expect(columns?.map(({ typeName }) => typeName)).toEqual(['mood', 'integer'])
    expect([rows.length, rows.at(-1)]).toEqual([30_000, ['calm', '30000']])
    await must(session, 'drop type mood')
  })

  test('transactions are one, errors are told, and what follows is in order', async () => {
    const session = await open()
    await must(session, 'create table if not exists pooled (a int primary key)')
    await must(session, 'begin')
    await must(session, 'insert into pooled values (1)')
    expect((await run(session, 'insert into pooled values (1)')).outcome).toMatchObject({
      ...{ status: 'failed', transaction: 'failed', error: { sql: { code: '23505' } } },
    })
    await must(session, 'rollback')
    expect(await valueOf(session, 'select count(*) from pooled')).toBe('0')
    await must(session, 'drop table pooled')
  })

  test('a cancel reaches the statement and nothing else', async () => {
    const [session, other] = [await open(), await open()]
    const running = run(session, 'select pg_sleep(600)')
    const sleeping = `select count(*) from pg_stat_activity where wait_event = 'PgSleep'`
    await vi.waitFor(async () => expect(await valueOf(other, sleeping)).toBe('1'), waiting)
    await session.cancel()
    expect((await running).outcome).toMatchObject({ status: 'cancelled', error: { sql: { code: '57014' } } })
    expect(await valueOf(session, 'select 1')).toBe('1')
    expect(await valueOf(other, sleeping)).toBe('0')
  })

  test('a server that is only to be read is not written to, whoever else uses its connections', async () => {
    const [reading, writing] = [await open(true), await open()]
    const refused = ['create table refused (a int)', `select setval('counted', 7)`]
    await must(writing, 'create sequence counted')
    for (const sql of [...refused, 'reset all', ...refused]) {
      const { outcome } = await run(reading, sql)
      expect(outcome.error?.sql?.code ?? null).toBe(sql === 'reset all' ? null : '25006')
      // It may get the connection that the one that reads has had.
      await must(writing, 'create table written (a int)')
      await must(writing, 'drop table written')
    }
    await must(reading, 'begin isolation level serializable')
    expect((await run(reading, refused[0] ?? '')).outcome.error?.sql?.code).toBe('25006')
    await must(reading, 'rollback')
    await must(writing, 'drop sequence counted')
  })
})
