/** The catalog as `introspect` answers it, asked of a real engine. */
import { beforeAll, describe, expect, it } from 'vitest'
import {
  engineFactories,
  engineFixture,
  must,
  openTimeoutMs,
} from '../../../../test/support/engine-fixture.ts'
import { present } from '../../../base/assert.ts'
import type { StatementRunner } from '../../session/statement-execution.ts'
import { introspectionParts, introspectionSql } from './introspection-sql.ts'

interface Schema {
  readonly name: string
  readonly relations: readonly { readonly name: string }[]
  readonly enums: readonly object[]
  readonly functions: readonly { readonly name: string }[]
}

const schema = `
create type mood as enum ('sad', 'ok');
create table authors (id int generated always as identity primary key, name text not null default 'x');
comment on table authors is 'who writes';
create table books (id int, author int references authors on delete cascade, title varchar(20),
  length int generated always as (char_length(title)) stored, feeling mood, gone int, primary key (id, author));
alter table books drop column gone;
create unique index by_title on books (lower(title)) where id > 3;
create view long_books as select id from books where length > 10;
create materialized view totals as select count(*) n from books;
create table events (at date) partition by range (at);
create table events_24 partition of events for values from ('2024-01-01') to ('2025-01-01');
create function twice(n int) returns int immutable language sql as 'select 2 * n';
create schema hidden;
create table hidden.secrets (id int);
create schema "od""d";
create role reader;
grant usage on schema public to reader;
grant select (title) on books to reader;
create function public.json_agg(int) returns int language sql as 'select 1';
create extension hstore
`

async function introspect(
  runner: StatementRunner,
  schemas: readonly string[] | null = null,
): Promise<readonly Schema[]> {
  const parameters = [schemas && `{${schemas.map((name) => JSON.stringify(name)).join()}}`]
  const { rows } = await must(runner, introspectionSql, { parameters })
  const found: Record<string, unknown[]>[] = []
  for (const [part, json] of rows) {
    const object = JSON.parse(json ?? '') as object
    const name = introspectionParts[Number(part)] ?? ''
    if (name === 'schema') found.push({ ...object, relations: [], enums: [], functions: [] })
    else found.at(-1)?.[name]?.push(object)
  }
  return found as unknown as Schema[]
}

describe('introspection', { timeout: openTimeoutMs }, () => {
  const { common } = engineFixture(present(engineFactories[0], 'an engine').create())
  beforeAll(async () => {
    const engine = await common()
    for (const statement of schema.split(';')) await must(engine, statement)
  }, openTimeoutMs)

  it('tells relations with columns, keys and indexes, enums and functions, by name', async () => {
    const [hidden, odd, open] = await introspect(await common())
    expect([hidden?.name, odd?.name, open?.name]).toEqual(['hidden', 'od"d', 'public'])
    expect(open?.relations.map(({ name }) => name)).toEqual([
      ...['authors', 'books', 'events', 'events_24', 'long_books', 'totals'],
    ])
    const column = { nullable: true, default: null, generated: null, identity: null, comment: null }
    expect(open?.relations[1]).toMatchObject({
      ...{ name: 'books', kind: 'table', partition_of: null, row_security: false, comment: null },
      columns: [
        { ...column, name: 'id', type: 23, type_name: 'integer', nullable: false },
        { ...column, name: 'author', type: 23, type_name: 'integer', nullable: false },
        { ...column, name: 'title', type: 1043, type_name: 'character varying(20)' },
        {
          ...column,
          name: 'length',
          type: 23,
          type_name: 'integer',
          generated: 'char_length((title)::text)',
        },
        { ...column, name: 'feeling', type: expect.any(Number), type_name: 'mood' },
      ],
      primary_key: { name: 'books_pkey', columns: ['id', 'author'] },
      foreign_keys: [
        {
          ...{
            name: 'books_author_fkey',
            columns: ['author'],
            references: { schema: 'public', name: 'authors' },
          },
          ...{ referenced_columns: ['id'], on_update: 'no action', on_delete: 'cascade' },
        },
      ],
      indexes: [
        { name: 'books_pkey', unique: true, primary: true, valid: true },
        { name: 'by_title', primary: false },
      ],
    })
    expect(open?.relations[0]).toMatchObject({
      ...{ comment: 'who writes', foreign_keys: [], primary_key: { columns: ['id'] } },
      columns: [{ identity: 'always' }, { default: `'x'::text`, nullable: false }],
    })
    expect(open?.relations.slice(2)).toMatchObject([
      { kind: 'partitioned table' },
      { kind: 'table', partition_of: { schema: 'public', name: 'events' } },
      { kind: 'view', columns: [{ name: 'id' }], primary_key: null, indexes: [] },
      { kind: 'materialized view' },
    ])
    expect(open?.enums).toEqual([{ name: 'mood', oid: expect.any(Number), values: ['sad', 'ok'] }])
    expect(open?.functions).toMatchObject([
      { name: 'json_agg' },
      { name: 'twice', kind: 'function', arguments: 'n integer', result: 'integer', volatility: 'immutable' },
    ])
    expect([odd?.relations, odd?.enums, odd?.functions]).toEqual([[], [], []])
  })

  it('tells of the schemas that are named, the system’s too', async () => {
    const engine = await common()
    expect((await introspect(engine, ['hidden', 'none', 'od"d'])).map(({ name }) => name)).toEqual([
      'hidden',
      'od"d',
    ])
    expect((await introspect(engine, ['pg_catalog']))[0]?.relations.length).toBeGreaterThan(60)
  })

  it('tells a role what it may use, whatever stands in front', async () => {
    const session = await (
      await common()
    ).openSession({ role: 'reader', settings: [['search_path', 'public, pg_catalog']] })
    const schemas = await introspect(session)
    expect(schemas.map(({ name, relations }) => [name, relations.map((relation) => relation.name)])).toEqual([
      ['public', ['books']],
    ])
    session.dispose()
  })
})
