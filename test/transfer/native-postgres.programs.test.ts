/**
 * Goal: databases go to native Postgres and come from it, and native pg_dump and pg_restore agree. Method: the database
 * of every kind of object, copied, dumped and restored between a host and a native server; compared by the catalogs of
 * both, and by what native pg_dump says of each.
 */

import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import {
  wholeDatabase,
  type CopyReport,
  type DatabasePlace,
  type RestoreTarget,
} from '../../src/contract/transfer.ts'
import { catalogContents } from '../support/catalog-contents.ts'
import { DEADLINE_MS, serverFixture, type ClientServer } from '../support/clients/client-server.ts'
import { toolOutput } from '../support/clients/postgres-tools.ts'
import { plainDump, transferFixture } from '../support/transfer-fixture.ts'

const everyObject = readFileSync(join(import.meta.dirname, 'every-object.sql'), 'utf8')
const makeRoles = ['move_owner', 'move_reader']
  .map((role) => `do $$ begin create role ${role}; exception when duplicate_object then null; end $$;`)
  .join('\n')
const quietly = ['-Xq', '-v', 'ON_ERROR_STOP=1'] as const

vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })

describe('a database on native Postgres', () => {
  const fixture = transferFixture()
  const native = serverFixture('native', 'move_native')
  let count = 0

  beforeAll(async () => {
    await toolOutput(native(), ['psql', ...quietly], `${makeRoles}\n${everyObject}`)
  }, DEADLINE_MS)

  async function copy(source: DatabasePlace, target: RestoreTarget): Promise<CopyReport> {
    const stream = fixture.client.stream('transfer.copy', { source, target, scope: wholeDatabase })
    for await (const { value } of stream) expect(['progress', 'notice']).toContain(value.kind)
    return stream.result
  }

  async function place(name: string): Promise<DatabasePlace & { readonly kind: 'instance' }> {
    const found = (await fixture.client.call('instance.list', null)).find(
      (instance) => instance.name === name,
    )
    return { kind: 'instance', instanceId: found?.id ?? '' }
  }

  /** Another database of the native server, for as long as `run` takes. */
  async function withDatabase(run: (server: ClientServer) => Promise<void>): Promise<void> {
    const database = `move_native_${count++}`
    await toolOutput(native(), ['psql', '-Xqc', `create database ${database} template template0`])
    try {
      await run(native().login({ database }))
    } finally {
      await toolOutput(native(), ['psql', '-Xqc', `drop database ${database} with (force)`])
    }
  }

  async function contentsOf({ url }: ClientServer): ReturnType<typeof catalogContents> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return await catalogContents(async (text) => {
        const { rows } = await client.query<(string | null)[]>({ text, rowMode: 'array' })
        return rows
      })
    } finally {
      await client.end()
    }
  }

  /** As native pg_dump has it. */
  async function dumpOf(server: ClientServer): Promise<string> {
    return plainDump(await toolOutput(server, ['pg_dump']))
  }

  it('is copied here and back, and is the same', async () => {
    const from = await copy({ kind: 'url', url: native().url }, { kind: 'newInstance', name: 'here' })
    expect(from).toMatchObject({ targetName: 'here', tables: 16, largeObjects: 2 })
    const here = await place('here')
    const wanted = await contentsOf(native())
    expect(await catalogContents((sql) => fixture.run(here, sql))).toEqual(wanted)
    await withDatabase(async (server) => {
      expect(await copy(here, { kind: 'url', url: server.url })).toMatchObject({ rows: from.rows })
      expect(await contentsOf(server)).toEqual(wanted)
      expect(await dumpOf(server)).toBe(await dumpOf(native()))
    })
  })

  it('is restored here from what native pg_dump wrote', async () => {
    const here = await fixture.create('restored', 'move_owner', 'move_reader')
    await fixture.restore(here, await toolOutput(native(), ['pg_dump']))
    expect(await catalogContents((sql) => fixture.run(here, sql))).toEqual(await contentsOf(native()))
  })

  it('has been dumped here, and is restored by psql and pg_restore', async () => {
    const source = { kind: 'url', url: native().url } as const
    const wanted = await dumpOf(native())
    await withDatabase(async (server) => {
      await toolOutput(server, ['psql', ...quietly], (await fixture.dump(source)).toString())
      expect(await dumpOf(server)).toBe(wanted)
    })
    for (const format of ['custom', 'tar'] as const) {
      const file = fixture.path(`archive.${format}`)
      await writeFile(file, await fixture.dump(source, { format }))
      await withDatabase(async (server) => {
        const { database } = server.address
        await toolOutput(server, ['pg_restore', '--exit-on-error', `--dbname=${database}`, file])
        expect(await dumpOf(server)).toBe(wanted)
      })
    }
  })
})
