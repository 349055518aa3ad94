/**
 * Goal: Kysely over node-postgres works here as on native Postgres: its migrator with the lock that it takes, schema
 * introspection, typed queries, streams and transactions. Method: the same calls against both servers.
 */

import { Kysely, PostgresDialect, sql, type Generated } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import pg from 'pg'
import Cursor from 'pg-cursor'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { DEADLINE_MS, SERVERS, serverFixture } from '../support/clients/client-server.ts'
import { departuresOf } from '../support/clients/pool-departures.ts'

interface Tables {
  person: { id: Generated<number>; name: string; parent: number | null }
}

const MIGRATIONS: Record<string, Migration> = {
  '1_person': {
    up: (db) =>
      db.schema
        .createTable('person')
        .addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .execute(),
    down: (db) => db.schema.dropTable('person').execute(),
  },
  '2_parent': {
    up: (db) =>
      db.schema
        .alterTable('person')
        .addColumn('parent', 'integer', (column) => column.references('person.id'))
        .execute(),
    down: (db) => db.schema.alterTable('person').dropColumn('parent').execute(),
  },
}

vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })

describe.each(SERVERS)('Kysely on %s', (name) => {
  const server = serverFixture(name, 'clients_kysely')
  let db: Kysely<Tables>
  let migrator: Migrator
  let allLeft: () => Promise<void>

  beforeAll(() => {
    const pool = new pg.Pool({ connectionString: server().url, max: 3 })
    allLeft = departuresOf(pool)
    db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool, cursor: Cursor }) })
    migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(MIGRATIONS) } })
  })
  afterAll(async () => {
    await db.destroy()
    await allLeft()
  })

  test('migrates up, down and up again', async () => {
    const steps = [
      ...[await migrator.migrateToLatest(), await migrator.migrateDown(), await migrator.migrateToLatest()],
    ]
    expect(steps.map(({ error, results }) => [error, results?.map((step) => step.status)])).toEqual([
      ...[
        [undefined, ['Success', 'Success']],
        [undefined, ['Success']],
        [undefined, ['Success']],
      ],
    ])
  })

  test('reads the tables and their columns', async () => {
    const tables = await db.introspection.getTables()
    const person = tables.find((table) => table.name === 'person')
    expect(
      person?.columns.map(({ name: column, dataType, isNullable }) => [column, dataType, isNullable]),
    ).toEqual([
      ...[
        ['id', 'int4', false],
        ['name', 'text', false],
        ['parent', 'int4', true],
      ],
    ])
  })

  test('inserts, joins, counts, and streams through a cursor', async () => {
    const root = await db
      .insertInto('person')
      .values({ name: 'root' })
      .returning('id')
      .executeTakeFirstOrThrow()
    const children = Array.from({ length: 250 }, (_, i) => ({ name: `child ${i}`, parent: root.id }))
    await db.insertInto('person').values(children).execute()
    const counted = await db
      .selectFrom('person as child')
      .innerJoin('person as parent', 'parent.id', 'child.parent')
      .select(({ fn }) => ['parent.name', fn.countAll<string>().as('children')])
      .groupBy('parent.name')
      .execute()
    expect(counted).toEqual([{ name: 'root', children: '250' }])
    let streamed = 0
    for await (const row of db.selectFrom('person').selectAll().stream(40))
      streamed += row.name.length > 0 ? 1 : 0
    expect(streamed).toBe(251)
  })

  test('controls transactions, savepoints included', async () => {
    const failed = db.transaction().execute(async (tx) => {
      await tx.deleteFrom('person').where('name', 'like', 'child%').execute()
      await sql`select no_such_column`.execute(tx)
    })
    await expect(failed).rejects.toMatchObject({ code: '42703' })
    const held = await db.startTransaction().setIsolationLevel('serializable').execute()
    await held.insertInto('person').values({ name: 'kept' }).execute()
    const saved = await held.savepoint('before').execute()
    await expect(saved.insertInto('person').values({ name: 'kept' }).execute()).rejects.toThrow(
      'duplicate key',
    )
    await saved.rollbackToSavepoint('before').execute()
    await held.commit().execute()
    const { n } = await db
      .selectFrom('person')
      .select(({ fn }) => fn.countAll<string>().as('n'))
      .executeTakeFirstOrThrow()
    expect(n).toBe('252')
  })
})
