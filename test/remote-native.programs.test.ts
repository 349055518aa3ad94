/**
 * Goal: sessions on a native server, over TLS with SCRAM: what our own endpoint, with one backend for all, cannot show.
 * Method: Postgres 18 with a certificate of the test's own, ended in the middle of things.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import { PostgresServer } from '../src/main/engine/postgres/postgres-server.ts'
import type { PostgresSession } from '../src/main/engine/postgres/postgres-session.ts'
import { must, run, statement, valueOf } from './support/engine-fixture.ts'
import { connectionTo } from './support/remote-engine.ts'
import { TestAuthority } from './support/test-certificates.ts'
import { NativePostgres } from './support/wire/native-postgres.ts'

const DEADLINE_MS = 240_000
vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })
const waiting = { timeout: DEADLINE_MS, interval: 50 }

describe('sessions on native Postgres', () => {
  const directory = mkdtempSync(join(tmpdir(), 'wardian-native-remote-'))
  const made: { native?: NativePostgres; server?: PostgresServer } = {}

  beforeAll(async () => {
    const authority = await TestAuthority.create()
    writeFileSync(join(directory, 'ca.pem'), authority.certificate)
    made.native = await NativePostgres.start({ tls: await authority.sign('CN=server') })
    const { address } = made.native
    const connection = connectionTo(address, { tlsMode: 'verify-full', caFile: join(directory, 'ca.pem') })
    made.server = new PostgresServer({
      login: { connection, password: address.password },
      clock: systemClock,
    })
  })
  afterAll(async () => {
    made.server?.close()
    await made.native?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  const open = (): Promise<PostgresSession> =>
    present(made.server, 'the server').openSession({ settings: [] })

  test('are encrypted as the server sees it, and each has a backend of its own', async () => {
    const [one, two] = [await open(), await open()]
    const sql = `select ssl::text || ' ' || version from pg_stat_ssl where pid = pg_backend_pid()`
    expect(await valueOf(one, sql)).toBe('true TLSv1.3')
    await must(one, 'begin')
    await must(one, 'create table held (a int)')
    expect(await valueOf(two, `select to_regclass('held') is null`)).toBe('t')
    expect(await valueOf(one, 'select pg_backend_pid()')).not.toBe(
      await valueOf(two, 'select pg_backend_pid()'),
    )
    await must(one, 'rollback')
    one.dispose()
    two.dispose()
  })

  test('give back a connection as new', async () => {
    const { address } = present(made.native, 'the native server')
    const connection = connectionTo(address, { connectionsMax: 1 })
    const server = new PostgresServer({
      login: { connection, password: address.password },
      clock: systemClock,
    })
    const first = await server.openSession({ settings: [] })
    await must(first, `set application_name to 'left behind'`)
    await must(first, 'create temp table leftover (a int)')
    const { processId } = first
    first.dispose()
    const second = await server.openSession({ settings: [] })
    expect(second.processId).toBe(processId)
    expect(await valueOf(second, 'show application_name')).toBe('Wardian')
    expect(await valueOf(second, `select to_regclass('leftover') is null`)).toBe('t')
    await expect(server.openSession({ settings: [] })).rejects.toMatchObject({ code: 'limit-exceeded' })
    server.close()
  })

  test('that leave a transaction open give back nothing of it', async () => {
    const session = await open()
    await must(session, 'create table if not exists rolled (a int)')
    await must(session, 'begin')
    await must(session, 'insert into rolled values (1)')
    session.dispose()
    const next = await open()
    await vi.waitFor(async () => {
      const sql = `select count(*) from pg_stat_activity where state = 'idle in transaction'`
      expect(await valueOf(next, sql)).toBe('0')
    }, waiting)
    expect(await valueOf(next, 'select count(*) from rolled')).toBe('0')
    next.dispose()
  })

  test('that are terminated while they run are told so in the server’s words', async () => {
    const [victim, other] = [await open(), await open()]
    const running = run(victim, 'select pg_sleep(600)')
    const terminate = `select pg_terminate_backend(${victim.processId}) from pg_stat_activity
      where pid = ${victim.processId} and wait_event = 'PgSleep'`
    await vi.waitFor(async () => expect((await must(other, terminate)).rows).toHaveLength(1), waiting)
    const { outcome } = await running
    expect(outcome).toMatchObject({
      status: 'failed',
      transaction: 'idle',
      error: { sql: { code: '57P01' } },
    })
    victim.dispose()
    other.dispose()
  })

  test('bring a million rows and a value of 50 MB whole', async () => {
    const session = await open()
    let [rowCount, sum] = [0, 0n]
    const sql = `select i::int8, md5(i::text) from generate_series(1, 1000000) as i`
    for await (const event of session.execute(statement(sql))) {
      if (event.kind !== 'batch') continue
      expect(event.firstRow).toBe(rowCount)
      rowCount += event.rowCount
      sum += BigInt(event.buffer.byteLength)
    }
    expect([rowCount, sum > 40_000_000n]).toEqual([1_000_000, true])
    const { rows } = await must(session, `select repeat('ä', 25000000)`)
    expect(rows[0]?.[0]?.length).toBe(25_000_000)
    session.dispose()
  })

  test('that run when the server goes away fail, and say so', async () => {
    const native = await NativePostgres.start()
    const login = { connection: connectionTo(native.address), password: native.address.password }
    const server = new PostgresServer({ login, clock: systemClock })
    const session = await server.openSession({ settings: [] })
    let batchCount = 0
    const reading = async (): Promise<void> => {
      for await (const event of session.execute(statement('select generate_series(1, 100000000)'))) {
        if (event.kind === 'batch' && ++batchCount === 1) void native.stop()
      }
    }
    await expect(reading()).rejects.toMatchObject({ code: 'unreachable' })
    await expect(server.openSession({ settings: [] })).rejects.toMatchObject({ code: 'unreachable' })
    server.close()
  })
})
