/**
 * Goal: drivers that share no code with those of Node work here as on native Postgres: psycopg 3 over libpq, and
 * JDBC. Method: a small program of each that checks what it gets, run against both servers.
 */

import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { DEADLINE_MS, SERVERS, serverFixture } from '../support/clients/client-server.ts'
import { runProgram } from '../support/run-program.ts'

/** Debian's own Python, for which its packages are; another may come first on the path. */
const PYTHON = process.env['WARDIAN_PYTHON'] ?? '/usr/bin/python3'
const JDBC = process.env['WARDIAN_JDBC'] ?? '/usr/share/java/postgresql.jar'

vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })

describe.each(SERVERS)('a program on %s', (name) => {
  const server = serverFixture(name, 'clients_languages')

  test(
    'uses psycopg 3',
    async () => {
      const found = await runProgram(
        [PYTHON, join(import.meta.dirname, 'psycopg-client.py')],
        server().environment,
      )
      expect(found).toEqual({ stdout: 'done\n', stderr: '', exitCode: 0 })
    },
    DEADLINE_MS,
  )

  test(
    'uses JDBC',
    async () => {
      const { host, port, user, password, database } = server().address
      const source = join(import.meta.dirname, 'JdbcClient.java')
      const login = [`jdbc:postgresql://${host}:${port}/${database}`, user, password]
      const found = await runProgram(['java', '-cp', JDBC, source, ...login])
      expect(found).toEqual({ stdout: 'done\n', stderr: '', exitCode: 0 })
    },
    DEADLINE_MS,
  )
})
