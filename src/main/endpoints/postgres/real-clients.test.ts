/**
 * Goal: the clients that people use can log in, work and leave. Method: psql, node-postgres and postgres.js over real
 * sockets to a real engine, one session at a time.
 */

import pg from 'pg'
import postgres from 'postgres'
import { describe, expect, test } from 'vitest'
import { runProgram } from '../../../../test/support/run-program.ts'
import { wireFixture } from '../../../../test/support/wire-fixture.ts'

describe('the wire endpoint', () => {
  const wire = wireFixture()

  test('serves psql over TCP', async () => {
    const endpoint = await wire.listen()
    const command = ['psql', '-XAtc', 'select 6 * 7', '-c', 'show application_name']
    const result = await runProgram(command, wire.environment(endpoint))
    expect(result).toEqual({ exitCode: 0, stdout: '42\npsql\n', stderr: '' })
  })

  test('serves node-postgres', async () => {
    const endpoint = await wire.listen()
    const { PGHOST: host, PGPASSWORD: password } = wire.environment(endpoint)
    const client = new pg.Client({
      host,
      port: endpoint.port,
      user: 'postgres',
      password,
      database: 'postgres',
    })
    await client.connect()
    expect((await client.query('select $1::int + 1 as n', [41])).rows).toEqual([{ n: 42 }])
    await expect(client.query('select 1/0')).rejects.toMatchObject({ code: '22012' })
    await client.end()
  })

  test('serves postgres.js', async () => {
    const endpoint = await wire.listen()
    const { PGHOST: host, PGPASSWORD: password } = wire.environment(endpoint)
    const sql = postgres({
      host,
      port: endpoint.port,
      user: 'postgres',
      password,
      database: 'postgres',
      max: 1,
    })
    expect(await sql`select ${42}::int as n`).toEqual([{ n: 42 }])
    await sql.end()
  })
})
