/**
 * Goal: the clients that people use can log in, work, cancel and leave. Method: psql, node-postgres and postgres.js
 * over real sockets to a real engine, one session at a time.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import postgres from 'postgres'
import { describe, expect, test } from 'vitest'
import { runProgram, type ProgramResult } from '../../../../test/support/run-program.ts'
import { wireFixture } from '../../../../test/support/wire-fixture.ts'
import type { PostgresEndpoint } from './postgres-endpoint.ts'
import { makeVerifier } from './scram-verifier.ts'

describe('the wire endpoint', () => {
  const wire = wireFixture()
  const target = (
    endpoint: PostgresEndpoint,
  ): { host: string; port: number; user: string; password: string } => ({
    ...{ host: '127.0.0.1', port: endpoint.port, user: 'postgres', password: wire.password },
  })

  function psql(
    endpoint: PostgresEndpoint,
    sql: string,
    more: Record<string, string> = {},
  ): Promise<ProgramResult> {
    return runProgram(['psql', '-XAtc', sql], { ...wire.environment(endpoint), ...more })
  }

  test('serves psql over TCP, with its settings', async () => {
    const endpoint = await wire.listen()
    const more = {
      PGOPTIONS: '-c work_mem=7MB',
      PGAPPNAME: 'tool',
      PGTZ: 'Asia/Tokyo',
      PGDATESTYLE: 'German',
    }
    const sql = "select current_user, current_setting('work_mem'), '2026-11-21 00:00Z'::timestamptz"
    expect(await psql(endpoint, sql, more)).toEqual({
      ...{ exitCode: 0, stderr: '', stdout: 'postgres|7MB|21.11.2026 09:00:00 JST\n' },
    })
    const wrong = await psql(endpoint, 'select 1', { PGOPTIONS: '-c work_mem=x' })
    expect(wrong.stderr).toContain('FATAL:  invalid value for parameter "work_mem": "x"')
    const missing = await psql(endpoint, 'select 1', { PGDATABASE: 'none' })
    expect(missing.stderr).toContain('FATAL:  database "none" does not exist')
  })

  test('serves psql over a Unix-domain socket', async () => {
    const socketDirectory = wire.directory()
    const endpoint = await wire.listen({ tcp: null, socketDirectory })
    const more = { PGHOST: socketDirectory }
    expect(await psql(endpoint, 'select 6 * 7', more)).toEqual({ exitCode: 0, stdout: '42\n', stderr: '' })
  })

  test('lets roles in that SQL made, with their rights alone, and as long as SQL says', async () => {
    const endpoint = await wire.listen()
    await wire.backend.query(`create role ann login password 'se cret'`)
    const asAnn = { PGUSER: 'ann', PGPASSWORD: 'se cret' }
    expect((await psql(endpoint, 'select session_user', asAnn)).stdout).toBe('ann\n')
    expect((await psql(endpoint, 'create role bob', asAnn)).stderr).toContain('permission denied')
    const failed = 'password authentication failed for user "ann"'
    expect((await psql(endpoint, 'select 1', { ...asAnn, PGPASSWORD: 'secret' })).stderr).toContain(failed)
    for (const change of [`valid until '2020-01-01'`, 'password null', 'nologin']) {
      await wire.backend.query(`alter role ann login password 'se cret' valid until 'infinity'`)
      expect((await psql(endpoint, 'select 1', asAnn)).stdout, change).toBe('1\n')
      await wire.backend.query(`alter role ann ${change}`)
      const told = change === 'nologin' ? 'role "ann" is not permitted to log in' : failed
      expect((await psql(endpoint, 'select 1', asAnn)).stderr, change).toContain(told)
    }
    await wire.backend.query(`set password_encryption = 'md5'`)
    await wire.backend.query(`alter role ann login password 'se cret'`)
    await wire.backend.query('reset password_encryption')
    const refused = await psql(endpoint, 'select 1', asAnn)
    expect(refused.stderr).toContain(failed)
    expect(refused.stderr).toContain('HINT:  Its password is stored as md5')
    await wire.backend.query('drop role ann')
  })

  test('understands passwords as libpq does, whatever they are made of', async () => {
    const passwords = [
      'pass\u{AD}word',
      '\u{2168}\u{FB01}',
      '\u{1F600} ü',
      '\u{7}bell',
      'a\u{A0}b',
      '\u{627}1',
    ]
    for (const password of passwords) {
      const verifier = await makeVerifier(password)
      const endpoint = await wire.listen({ owner: { role: 'postgres', verifier } })
      const found = await psql(endpoint, 'select 1', { PGPASSWORD: password })
      expect(found, JSON.stringify(password)).toEqual({ exitCode: 0, stdout: '1\n', stderr: '' })
    }
  })

  test('cancels what psql runs, when it asks', async () => {
    const endpoint = await wire.listen()
    const environment = { ...process.env, ...wire.environment(endpoint) }
    const command = ['-XAtc', 'select 1', '-c', 'select pg_sleep(600)']
    const child = spawn('psql', command, { env: environment })
    const texts = { stdout: '', stderr: '' }
    child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text))
    child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text))
    await once(child.stdout, 'data')
    // The first answer is out, so the next thing that runs is the sleep.
    while (endpoint.clients.list()[0]?.state !== 'active')
      await new Promise((resolve) => setImmediate(resolve))
    child.kill('SIGINT')
    await once(child, 'close')
    expect(texts).toMatchObject({
      stdout: '1\n',
      stderr: expect.stringContaining('canceling statement due to user request'),
    })
  })

  test('serves node-postgres and its pool', async () => {
    const endpoint = await wire.listen()
    const client = new pg.Client({ ...target(endpoint), database: 'postgres' })
    await client.connect()
    expect((await client.query('select $1::int + 1 as n', [41])).rows).toEqual([{ n: 42 }])
    await expect(client.query('select 1/0')).rejects.toMatchObject({ code: '22012' })
    const large = 'x'.repeat(50_000_000)
    const found = await client.query<{ text: string }>('select $1::text as text', [large])
    expect(found.rows[0]?.text === large).toBe(true)
    await client.end()
    const pool = new pg.Pool({ ...target(endpoint), database: 'postgres', max: 1 })
    const sums = await Promise.all(
      Array.from({ length: 50 }, (_, n) => pool.query('select $1::int as n', [n])),
    )
    expect(sums.map(({ rows }) => rows)).toEqual(Array.from({ length: 50 }, (_, n) => [{ n }]))
    await pool.end()
    const wrong = new pg.Client({ ...target(endpoint), database: 'postgres', password: 'wrong' })
    await expect(wrong.connect()).rejects.toMatchObject({ code: '28P01' })
  })

  test('serves postgres.js, COPY in both directions included', async () => {
    const endpoint = await wire.listen()
    const sql = postgres({ ...target(endpoint), database: 'postgres', max: 1 })
    expect(await sql`select ${42}::int as n`).toEqual([{ n: 42 }])
    await sql`create temp table copied (i int, t text)`
    const rows = Array.from({ length: 50_000 }, (_, index) => `${index}\trow ${index}\n`).join('')
    await pipeline([rows], await sql`copy copied from stdin`.writable())
    let bytes = 0
    const counted = new Writable({
      write(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        done()
      },
    })
    await pipeline(await sql`copy copied to stdout`.readable(), counted)
    expect(bytes).toBe(rows.length)
    await sql.end()
  })

  test('closes with FATAL 08P01 on what the backend cannot take, and serves the next client', async () => {
    const endpoint = await wire.listen()
    const client = new pg.Client({ ...target(endpoint), database: 'postgres' })
    await client.connect()
    const failed = once(client, 'error')
    const stream: unknown = Reflect.get(client, 'connection')
    if (stream instanceof Object) Reflect.get(stream, 'stream').write(Buffer.from([0x7a, 0, 0, 0, 4]))
    expect((await failed)[0]).toMatchObject({ code: '08P01', severity: 'FATAL' })
    await client.end().catch(() => undefined)
    expect((await psql(endpoint, 'select 1')).stdout).toBe('1\n')
  })
})
