/**
 * Goal: programs that connect to a server before they choose a database list, make, name, restore and drop databases
 * here as on native Postgres. Method: psql, createdb, dropdb, pg_dump and pg_restore against both, compared as text.
 */

import { describe, expect, test, vi } from 'vitest'
import {
  DEADLINE_MS,
  SERVERS,
  serverFixture,
  serversFixture,
  type ClientServer,
} from '../support/clients/client-server.ts'
import { runTool, toolOutput } from '../support/clients/postgres-tools.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const OTHER = 'clients_made "By Hand"'
const RENAMED = 'clients_renamed'
const MAKE = `create table kept (id int primary key, t text); insert into kept values (1, 'here');
  comment on database "clients_restored" is 'noted'; alter database "clients_restored" set work_mem = '65kB'`

vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })

async function names(server: ClientServer): Promise<string[]> {
  const list = await toolOutput(server, ['psql', '-XAtl', '-F', ','])
  return list.split('\n').flatMap((line) => (/^(\w[^,]*),/.test(line) ? [line.split(',')[0] ?? ''] : []))
}

describe.each(SERVERS)('from the database postgres of %s', (name) => {
  const source = serverFixture(name, 'clients_maintenance')

  test('databases are listed, made, named and dropped', async () => {
    const server = source().login({ database: 'postgres' })
    const psql = (database: string, input: string): Promise<string> =>
      toolOutput(server.login({ database }), ['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1'], input)
    expect(await names(server)).toContain('clients_maintenance')
    await toolOutput(server, ['createdb', OTHER, 'with a comment'])
    expect(await names(server)).toEqual(expect.arrayContaining([OTHER, 'clients_maintenance', 'postgres']))
    expect(await psql(OTHER, 'select current_database()')).toBe(`${OTHER}\n`)
    const walk = `\\c "clients_maintenance"\nselect current_database();\n\\c "clients_made ""By Hand"""\ntable pg_am\n`
    expect(await psql('postgres', `${walk}limit 0; select current_database();`)).toBe(
      `clients_maintenance\n${OTHER}\n`,
    )
    await psql('postgres', `alter database "clients_made ""By Hand""" rename to ${RENAMED}`)
    expect(await psql(RENAMED, 'select current_database()')).toBe(`${RENAMED}\n`)
    await toolOutput(server, ['dropdb', RENAMED])
    expect((await runTool(server, ['dropdb', RENAMED])).stderr).toBe(
      `dropdb: error: database removal failed: ERROR:  database "${RENAMED}" does not exist\n`,
    )
    expect((await runTool(server, ['createdb', 'clients_maintenance'])).stderr).toBe(
      'createdb: error: database creation failed: ERROR:  database "clients_maintenance" already exists\n',
    )
    await toolOutput(server, ['dropdb', '--if-exists', '--force', RENAMED])
  })
})

describe('a dump with its database', () => {
  const source = serversFixture('clients_created')
  const path = temporaryDirectory()

  test('is as native makes it, and makes the database again on both', async () => {
    const dumps: string[] = []
    for (const name of SERVERS) {
      const server = source(name).login({ database: 'postgres' })
      const database = 'clients_restored'
      const inside = server.login({ database })
      await toolOutput(server, ['createdb', '-T', 'template0', database])
      await toolOutput(inside, ['psql', '-Xq', '-v', 'ON_ERROR_STOP=1'], MAKE)
      await toolOutput(inside, ['pg_dump', '-C', '-Fc', '-f', path(name)])
      await toolOutput(server, ['dropdb', database])
      await toolOutput(server, ['pg_restore', '-C', '--exit-on-error', '-d', 'postgres', path(name)])
      expect(await toolOutput(inside, ['psql', '-XAtqc', 'table kept; show work_mem'])).toBe('1|here\n65kB\n')
      dumps.push(await toolOutput(inside, ['pg_dump', '-C']))
      await toolOutput(server, ['dropdb', database])
      // As a script, read by psql.
      await toolOutput(server, ['psql', '-Xq', '-v', 'ON_ERROR_STOP=1'], dumps.at(-1))
      dumps.push(await toolOutput(inside, ['pg_dump', '-C']))
      await toolOutput(server, ['dropdb', database])
    }
    const [native, nativeAgain, here, hereAgain] = dumps.map(withoutChance)
    expect(nativeAgain).toBe(native)
    expect(hereAgain).toBe(here)
    expect(here).toBe(native)
  })
})

/** Versions, the key of \restrict, the locale of the machine and the owner of the server. */
function withoutChance(text: string): string {
  return text
    .replaceAll(/^(\\(un)?restrict) .*|^-- Dumped (from|by) .*/gm, '$1')
    .replaceAll(/LOCALE_PROVIDER = .*;$/gm, '')
}
