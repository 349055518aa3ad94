/**
 * Goal: Drizzle over node-postgres works here as on native Postgres: migrations, queries with relations, nested
 * transactions. Method: a folder of migrations as drizzle-kit writes them, and the same calls against both servers.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { eq, relations, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { integer, jsonb, numeric, pgEnum, pgTable, serial, text, timestamp } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { DEADLINE_MS, SERVERS, serverFixture } from '../support/clients/client-server.ts'
import { departuresOf } from '../support/clients/pool-departures.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const mood = pgEnum('mood', ['sad', 'ok', 'happy'])
const authors = pgTable('authors', {
  id: serial().primaryKey(),
  name: text().notNull().unique(),
  mood: mood().notNull().default('ok'),
  born: timestamp({ withTimezone: true, mode: 'string' }),
  data: jsonb().$type<{ tags: string[] }>(),
})
const books = pgTable('books', {
  id: serial().primaryKey(),
  title: text().notNull(),
  price: numeric({ precision: 10, scale: 2 }),
  authorId: integer('author_id')
    .notNull()
    .references(() => authors.id, { onDelete: 'cascade' }),
})
const authorsRelations = relations(authors, ({ many }) => ({ books: many(books) }))
const booksRelations = relations(books, ({ one }) => ({
  author: one(authors, { fields: [books.authorId], references: [authors.id] }),
}))
const schema = { mood, authors, books, authorsRelations, booksRelations }

const MIGRATIONS = [
  `CREATE TYPE "public"."mood" AS ENUM('sad', 'ok', 'happy');--> statement-breakpoint
CREATE TABLE "authors" ("id" serial PRIMARY KEY NOT NULL, "name" text NOT NULL, "mood" "mood" DEFAULT 'ok' NOT NULL,
  "born" timestamp with time zone, "data" jsonb, CONSTRAINT "authors_name_unique" UNIQUE("name"));`,
  `CREATE TABLE "books" ("id" serial PRIMARY KEY NOT NULL, "title" text NOT NULL, "price" numeric(10, 2),
  "author_id" integer NOT NULL);--> statement-breakpoint
ALTER TABLE "books" ADD CONSTRAINT "books_author_id_authors_id_fk" FOREIGN KEY ("author_id")
  REFERENCES "public"."authors"("id") ON DELETE cascade ON UPDATE no action;`,
]

vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })

describe.each(SERVERS)('Drizzle on %s', (name) => {
  const server = serverFixture(name, 'clients_drizzle')
  const path = temporaryDirectory()
  const open = (client: pg.Pool): ReturnType<typeof drizzle<typeof schema, pg.Pool>> =>
    drizzle(client, { schema })
  let pool: pg.Pool
  let allLeft: () => Promise<void>
  let db: ReturnType<typeof open>

  function writeMigrations(count: number): string {
    const entries = MIGRATIONS.slice(0, count).map((text, idx) => {
      const tag = `000${idx}_step`
      mkdirSync(path('migrations/meta'), { recursive: true })
      writeFileSync(path(`migrations/${tag}.sql`), text)
      return { idx, version: '7', when: 1_700_000_000_000 + idx, tag, breakpoints: true }
    })
    const journal = JSON.stringify({ version: '7', dialect: 'postgresql', entries })
    writeFileSync(path('migrations/meta/_journal.json'), journal)
    return path('migrations')
  }

  beforeAll(async () => {
    pool = new pg.Pool({ connectionString: server().url, max: 3 })
    allLeft = departuresOf(pool)
    db = open(pool)
    for (const count of [1, 2, 2]) await migrate(db, { migrationsFolder: writeMigrations(count) })
  })
  afterAll(async () => {
    await pool.end()
    await allLeft()
  })

  test('applies each migration once', async () => {
    const { rows } = await db.execute(sql`select count(*)::int as n from drizzle.__drizzle_migrations`)
    expect(rows).toEqual([{ n: 2 }])
  })

  test('inserts, upserts, joins and asks for relations', async () => {
    const made = await db
      .insert(authors)
      .values([
        { name: 'Ann', mood: 'happy', data: { tags: ['a', `b'"`] }, born: '1980-02-03 04:05:06+00' },
        { name: 'Bob' },
      ])
      .returning()
    const [ann, bob] = made
    if (!ann || !bob) throw new Error('Nothing came back')
    expect(bob).toMatchObject({ name: 'Bob', mood: 'ok', data: null })
    await db.insert(books).values([
      { title: 'One', price: '12.50', authorId: ann.id },
      { title: 'Two', price: null, authorId: ann.id },
      { title: 'Three', price: '0.10', authorId: bob.id },
    ])
    const upsert = db.insert(authors).values({ name: 'Bob' })
    await upsert.onConflictDoUpdate({ target: authors.name, set: { mood: 'sad' } })
    const nested = await db.query.authors.findMany({
      columns: { name: true, mood: true },
      with: { books: { columns: { title: true, price: true }, orderBy: books.title } },
      orderBy: authors.name,
    })
    expect(nested).toEqual([
      {
        name: 'Ann',
        mood: 'happy',
        books: [
          { title: 'One', price: '12.5' },
          { title: 'Two', price: null },
        ],
      },
      { name: 'Bob', mood: 'sad', books: [{ title: 'Three', price: '0.1' }] },
    ])
    const total = sql<string>`sum(${books.price})`
    const sums = await db
      .select({ name: authors.name, total })
      .from(authors)
      .leftJoin(books, eq(books.authorId, authors.id))
      .groupBy(authors.name)
      .orderBy(authors.name)
    expect(sums).toEqual([
      { name: 'Ann', total: '12.50' },
      { name: 'Bob', total: '0.10' },
    ])
  })

  test('prepares statements with placeholders', async () => {
    const byName = db
      .select({ mood: authors.mood })
      .from(authors)
      .where(eq(authors.name, sql.placeholder('name')))
      .prepare('by_name')
    for (let round = 0; round < 3; round++) expect(await byName.execute({ name: 'Ann' })).toHaveLength(1)
  })

  test('rolls nested transactions back to where they began', async () => {
    await db.transaction(async (tx) => {
      await tx.insert(authors).values({ name: 'Cid' })
      const inner = tx.transaction(async (nested) => {
        await nested.insert(authors).values({ name: 'Dee' })
        await nested.insert(authors).values({ name: 'Cid' })
      })
      await expect(inner).rejects.toMatchObject({ cause: { code: '23505' } })
    })
    const failed = db.transaction(async (tx) => {
      await tx.delete(authors)
      tx.rollback()
    })
    await expect(failed).rejects.toThrow('Rollback')
    const names = await db.select({ name: authors.name }).from(authors).orderBy(authors.name)
    expect(names.map((row) => row.name)).toEqual(['Ann', 'Bob', 'Cid'])
  })

  test('takes turns when many transactions are wanted at once', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        db.transaction(
          async (tx) => {
            const n = await tx.$count(books)
            await tx.insert(books).values({ title: `${i} after ${n}`, authorId: 1 })
          },
          { isolationLevel: 'read committed' },
        ),
      ),
    )
    expect(await db.$count(books)).toBe(15)
  })
})
