/**
 * Goal: a dump holds all that was in a database, and can be restored here and on native Postgres. Method: one schema
 * dumped in every format from both servers, compared as text; restored into new databases of both, and dumped again.
 */

import { beforeAll, describe, expect, test, vi } from 'vitest'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  DEADLINE_MS,
  SERVERS,
  serversFixture,
  type ClientServer,
  type ServerName,
} from '../support/clients/client-server.ts'
import { toolOutput } from '../support/clients/postgres-tools.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const SCHEMA = readFileSync(join(import.meta.dirname, 'schema.sql'), 'utf8')
const READER = `do $$ begin create role clients_reader; exception when duplicate_object then null; end $$`

vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })

describe('pg_dump and pg_restore', () => {
  const source = serversFixture('clients_dump')
  const path = temporaryDirectory()

  beforeAll(async () => {
    for (const name of SERVERS) {
      const words = ['-Xq', '-v', 'ON_ERROR_STOP=1'] as const
      await toolOutput(source(name), ['psql', ...words], `${READER};\n${SCHEMA}`)
    }
  })

  /** A plain dump without what differs by chance: versions, and the key of \restrict. */
  async function dump(server: ClientServer, ...words: string[]): Promise<string> {
    const text = await toolOutput(server, ['pg_dump', ...words])
    return text.replaceAll(/^(\\(un)?restrict) .*|^-- Dumped (from|by) .*/gm, '$1')
  }

  /** A new database of the same server, for as long as `run` takes. */
  async function withDatabase(name: ServerName, run: (server: ClientServer) => Promise<void>): Promise<void> {
    const database = `clients_restored_${name}`
    const server = source(name).login({ database })
    await toolOutput(source(name), ['psql', '-Xqc', `create database ${database}`])
    try {
      // Roles are the cluster's on native; here each instance has its own.
      await toolOutput(server, ['psql', '-Xqc', READER])
      await run(server)
    } finally {
      await toolOutput(source(name), ['psql', '-Xqc', `drop database ${database} with (force)`])
    }
  }

  test(
    'dump a database as native Postgres does',
    async () => {
      const [native, wardian] = await Promise.all(SERVERS.map((name) => dump(source(name))))
      expect(wardian).toBe(native)
      for (const words of [['--inserts', '--column-inserts'], ['-s'], ['-a', '-t', 'sales.customers']]) {
        const [expected, found] = await Promise.all(SERVERS.map((name) => dump(source(name), ...words)))
        expect(found, words.join(' ')).toBe(expected)
      }
    },
    DEADLINE_MS,
  )

  test.each(SERVERS)(
    'restore each format on %s',
    async (name) => {
      const expected = await dump(source(name))
      for (const format of ['custom', 'directory', 'tar', 'plain']) {
        const file = path(`${name}.${format}`)
        await toolOutput(source(name), ['pg_dump', '-F', format, '-f', file])
        await withDatabase(name, async (server) => {
          await (format === 'plain'
            ? toolOutput(server, ['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', file])
            : toolOutput(server, ['pg_restore', '--exit-on-error', '-d', server.address.database, file]))
          expect(await dump(server), format).toBe(expected)
        })
      }
    },
    DEADLINE_MS,
  )

  test(
    'bring a database from native Postgres, and back',
    async () => {
      const expected = await dump(source('native'))
      await toolOutput(source('native'), ['pg_dump', '-Fc', '-f', path('from-native')])
      await withDatabase('wardian', async (here) => {
        const words = ['--exit-on-error', '--single-transaction', '-d', here.address.database]
        await toolOutput(here, ['pg_restore', ...words, path('from-native')])
        expect(await dump(here)).toBe(expected)
        await toolOutput(here, ['pg_dump', '-Fc', '-f', path('from-here')])
        await withDatabase('native', async (there) => {
          await toolOutput(there, [
            'pg_restore',
            '--exit-on-error',
            '-d',
            there.address.database,
            path('from-here'),
          ])
          expect(await dump(there)).toBe(expected)
        })
      })
    },
    DEADLINE_MS,
  )

  test(
    'replace what is there with --clean',
    async () => {
      await toolOutput(source('wardian'), ['pg_dump', '-Fc', '-f', path('clean')])
      await withDatabase('wardian', async (server) => {
        const restore = ['--exit-on-error', '-d', server.address.database, path('clean')]
        await toolOutput(server, ['pg_restore', ...restore])
        await toolOutput(server, ['psql', '-Xqc', 'delete from sales.customers'])
        await toolOutput(server, ['pg_restore', '--clean', '--if-exists', ...restore])
        expect(await dump(server)).toBe(await dump(source('wardian')))
      })
    },
    DEADLINE_MS,
  )

  test(
    'restore with several jobs at once',
    async () => {
      await toolOutput(source('wardian'), ['pg_dump', '-Fd', '-f', path('jobs')])
      await withDatabase('wardian', async (server) => {
        const words = ['--exit-on-error', '-j', '3', '-d', server.address.database]
        await toolOutput(server, ['pg_restore', ...words, path('jobs')])
        expect(await dump(server)).toBe(await dump(source('wardian')))
      })
    },
    DEADLINE_MS,
  )
})
