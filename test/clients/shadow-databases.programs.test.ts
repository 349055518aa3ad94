/**
 * Goal: migration tools that make a second database beside the one they migrate, apply everything to it, compare and
 * drop it, as Prisma does with its shadow database, can do so here. Method: their statements, against both servers.
 */

import pg from 'pg'
import { describe, expect, test, vi } from 'vitest'
import { DEADLINE_MS, SERVERS, serverFixture } from '../support/clients/client-server.ts'

const HISTORY = [
  'create table a (id int primary key)',
  'alter table a add column b text',
  'create index on a (b)',
]
const SHAPE = `select table_name, column_name, data_type from information_schema.columns
  where table_schema = 'public' order by 1, 2`

vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })

describe.each(SERVERS)('a shadow database on %s', (name) => {
  const server = serverFixture(name, 'clients_shadow')

  async function withClient<T>(database: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: server().login({ database }).url })
    await client.connect()
    try {
      return await run(client)
    } finally {
      await client.end()
    }
  }

  test('is made, migrated, compared and dropped while the other stays in use', async () => {
    const main = server().address.database
    await withClient(main, async (client) => {
      for (const step of HISTORY) await client.query(step)
      for (let round = 0; round < 2; round++) {
        const shadow = `prisma_migrate_shadow_db_${name}_${round}`
        await client.query(`CREATE DATABASE "${shadow}"`)
        await withClient(shadow, async (copy) => {
          await expect(copy.query('table a')).rejects.toMatchObject({ code: '42P01' })
          for (const step of HISTORY) await copy.query(step)
          expect((await copy.query(SHAPE)).rows).toEqual((await client.query(SHAPE)).rows)
          await copy.query('insert into a values (1)')
        })
        expect((await client.query('table a')).rows).toEqual([])
        await client.query(`DROP DATABASE IF EXISTS "${shadow}"`)
        await expect(withClient(shadow, () => Promise.resolve())).rejects.toMatchObject({ code: '3D000' })
      }
    })
  })

  test('is not made in a transaction, twice, or dropped while it is in use', async () => {
    const main = server().address.database
    await withClient(main, async (client) => {
      await client.query('begin')
      await expect(client.query('create database within')).rejects.toMatchObject({ code: '25001' })
      await client.query('rollback')
      await client.query('create database busy')
      await expect(client.query('create database busy')).rejects.toMatchObject({ code: '42P04' })
      await client.query('drop database busy')
      await expect(client.query(`drop database ${main}`)).rejects.toMatchObject({ code: '55006' })
      await expect(client.query('drop database never_made')).rejects.toMatchObject({ code: '3D000' })
    })
  })
})
