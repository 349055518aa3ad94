/**
 * Goal: Drizzle's drivers `neon-serverless` and `neon-http` work as they are. Method: migrations, queries with
 * relations, transactions with savepoints over the one, batches over the other.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { neon, Pool } from '@neondatabase/serverless'
import { eq, relations, sql } from 'drizzle-orm'
import { drizzle as overHttp } from 'drizzle-orm/neon-http'
import { migrate as migrateOverHttp } from 'drizzle-orm/neon-http/migrator'
import { drizzle as overSocket } from 'drizzle-orm/neon-serverless'
import { migrate } from 'drizzle-orm/neon-serverless/migrator'
import { integer, jsonb, numeric, pgTable, serial, text, timestamp } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { departuresOf } from '../support/clients/pool-departures.ts'
import type { NeonFixture } from '../support/neon-fixture.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const authors = pgTable('authors', {
  id: serial().primaryKey(),
  name: text().notNull().unique(),
  born: timestamp({ withTimezone: true, mode: 'string' }),
  data: jsonb().$type<{ tags: string[] }>(),
})
const books = pgTable('books', {
  id: serial().primaryKey(),
  title: text().notNull(),
  price: numeric({ precision: 10, scale: 2 }),
  authorId: integer('author_id')
    .notNull()
    .references(() => authors.id),
})
const authorsRelations = relations(authors, ({ many }) => ({ books: many(books) }))
const booksRelations = relations(books, ({ one }) => ({
  author: one(authors, { fields: [books.authorId], references: [authors.id] }),
}))
const schema = { authors, books, authorsRelations, booksRelations }

const MIGRATION = `CREATE TABLE "authors" ("id" serial PRIMARY KEY NOT NULL, "name" text NOT NULL UNIQUE,
  "born" timestamp with time zone, "data" jsonb);--> statement-breakpoint
CREATE TABLE "books" ("id" serial PRIMARY KEY NOT NULL, "title" text NOT NULL, "price" numeric(10, 2),
  "author_id" integer NOT NULL REFERENCES "authors");`

const BORN = '1929-10-21 00:00:00+00'

export function drizzleCases(fixture: NeonFixture): void {
  const path = temporaryDirectory()
  const openSocket = (client: Pool): ReturnType<typeof overSocket<typeof schema, Pool>> =>
    overSocket(client, { schema })
  const openHttp = (url: string): ReturnType<typeof overHttp<typeof schema>> =>
    overHttp(neon(url), { schema })
  let pool: Pool
  let allLeft: () => Promise<void>
  let socket: ReturnType<typeof openSocket>
  let http: ReturnType<typeof openHttp>

  /** As drizzle-kit writes them. */
  function migrationsFolder(): string {
    mkdirSync(path('migrations/meta'), { recursive: true })
    writeFileSync(path('migrations/0000_step.sql'), MIGRATION)
    const entries = [{ idx: 0, version: '7', when: 1_700_000_000_000, tag: '0000_step', breakpoints: true }]
    const journal = JSON.stringify({ version: '7', dialect: 'postgresql', entries })
    writeFileSync(path('migrations/meta/_journal.json'), journal)
    return path('migrations')
  }

  beforeAll(() => {
    pool = new Pool({ connectionString: fixture.url(), max: 3, idleTimeoutMillis: 10 })
    allLeft = departuresOf(pool)
    socket = openSocket(pool)
    http = openHttp(fixture.url())
  })
  afterAll(async () => {
    await pool.end()
    await allLeft()
  })

  test('migrations are applied once, by either', async () => {
    const folder = { migrationsFolder: migrationsFolder() }
    await migrateOverHttp(http, folder)
    await migrate(socket, folder)
    const { rows } = await http.execute(sql`select count(*)::int as n from drizzle.__drizzle_migrations`)
    expect(rows).toEqual([{ n: 1 }])
  })

  test('over HTTP: rows go in and come out, with relations, and errors are those of Postgres', async () => {
    const [ursula] = await http
      .insert(authors)
      .values({ name: 'Ursula', born: BORN, data: { tags: ['a'] } })
      .returning()
    expect(ursula).toEqual({ id: 1, name: 'Ursula', born: BORN, data: { tags: ['a'] } })
    await http.insert(books).values({ title: 'The Dispossessed', price: '10.25', authorId: 1 })
    const found = await http.query.authors.findMany({
      with: { books: { columns: { title: true, price: true } } },
    })
    expect(found).toMatchObject([{ name: 'Ursula', books: [{ title: 'The Dispossessed', price: '10.25' }] }])
    const again = http.insert(authors).values({ name: 'Ursula' })
    await expect(again).rejects.toMatchObject({ cause: { code: '23505', constraint: 'authors_name_key' } })
  })

  test('over HTTP: a batch is one transaction, and a token per query counts', async () => {
    const failed = http.batch([
      http.insert(authors).values({ name: 'Nobody' }),
      http.insert(authors).values({ name: 'Ursula' }),
    ])
    await expect(failed).rejects.toMatchObject({ code: '23505' })
    const [inserted, all] = await http.batch([
      http.insert(authors).values({ name: 'Stanisław' }).returning({ name: authors.name }),
      http.query.authors.findMany({ columns: { name: true }, orderBy: authors.name }),
    ])
    expect([inserted, all]).toEqual([[{ name: 'Stanisław' }], [{ name: 'Stanisław' }, { name: 'Ursula' }]])
    const without = openHttp(fixture.url().replace(/:[^:@]+@/, '@'))
    const rows = without.$withAuth(fixture.access.grant()).select({ name: authors.name }).from(authors)
    expect(await rows.where(eq(authors.id, 1))).toEqual([{ name: 'Ursula' }])
  })

  test('over WebSockets: transactions nest, roll back in part, and are of the isolation asked for', async () => {
    await socket.transaction(
      async (outer) => {
        await outer.insert(authors).values({ name: 'Octavia' })
        const inner = outer.transaction(async (tx) => {
          await tx.insert(authors).values({ name: 'Nobody' })
          tx.rollback()
        })
        await expect(inner).rejects.toThrow('Rollback')
        const { rows } = await outer.execute(sql`show transaction_isolation`)
        expect(rows).toEqual([{ transaction_isolation: 'serializable' }])
      },
      { isolationLevel: 'serializable' },
    )
    const names = await socket.select({ name: authors.name }).from(authors).orderBy(authors.name)
    expect(names.map(({ name }) => name)).toEqual(['Octavia', 'Stanisław', 'Ursula'])
    const whole = socket.transaction(async (tx) => {
      await tx.delete(books)
      throw new Error('On second thought')
    })
    await expect(whole).rejects.toThrow('On second thought')
    expect(await socket.$count(books)).toBe(1)
  })

  test('over WebSockets: queries with relations and prepared statements', async () => {
    const found = await socket.query.books.findFirst({ with: { author: true } })
    expect(found).toMatchObject({
      title: 'The Dispossessed',
      author: { name: 'Ursula', data: { tags: ['a'] } },
    })
    const byName = socket
      .select({ id: authors.id })
      .from(authors)
      .where(eq(authors.name, sql.placeholder('name')))
      .prepare('by_name')
    for (const name of ['Ursula', 'Ursula', 'Nobody']) {
      expect(await byName.execute({ name })).toHaveLength(name === 'Nobody' ? 0 : 1)
    }
  })
}
