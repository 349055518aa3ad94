/**
 * Goal: a token that reads writes nothing, and none becomes more than its role. Method: each way out that anybody has
 * thought of, on a real engine; then the owner looks whether anything is different.
 */

import { beforeAll, describe, expect, it } from 'vitest'
import { present } from '../../src/base/assert.ts'
import type { TokenGrant } from '../../src/main/endpoints/web/web-access.ts'
import { openTimeoutMs } from '../support/engine-fixture.ts'
import { webParts } from '../support/web-parts.ts'

const schema = `
  create table item (id serial primary key, name text not null);
  insert into item (name) values ('one'), ('two');
  create table open_to_all (id int);
  grant all on open_to_all to public;
  create view items as select * from item;
  create function insert_as_owner() returns void language sql security definer as $$
    insert into item (name) values ('by the owner') $$;
  create function insert_and_unlock() returns void language plpgsql security definer
    set default_transaction_read_only = off as $$ begin insert into item (name) values ('unlocked'); end $$;
  create procedure write_and_commit() language plpgsql as $$ begin
    insert into open_to_all values (1); commit; insert into open_to_all values (2); end $$;
  create role auditor nologin;
  grant select, insert on item to auditor;
  create role chief superuser nologin;`

/** Everything that a write could have changed, as one text. */
const everything = `
  select (select md5(string_agg(item::text, ',' order by id)) from item) || ' ' ||
    (select count(*) from open_to_all) || ' ' ||
    (select count(*) from pg_class) || ' ' || (select count(*) from pg_proc) || ' ' ||
    (select count(*) from pg_largeobject_metadata) || ' ' || (select count(*) from pg_authid) || ' ' ||
    (select count(*) from pg_db_role_setting) || ' ' || (select last_value from item_id_seq) as seen`

/** What a token that reads tries, each in a session of its own; statements one after the other, whatever fails. */
const attempts: readonly (readonly [what: string, ...statements: string[]])[] = [
  ['INSERT', `insert into item (name) values ('three')`],
  ['UPDATE and DELETE', `update item set name = 'x'`, 'delete from item', 'truncate item'],
  ['a table that is open to all', 'insert into open_to_all values (1)'],
  ['writing in a WITH', `with w as (insert into item (name) values ('x') returning 1) select * from w`],
  ['DDL', 'create table mine (id int)', 'create schema mine', 'drop table item', 'create view v as select 1'],
  ['temporary tables', 'create temp table mine (id int)', 'insert into mine values (1)'],
  ['BEGIN READ WRITE', 'begin read write', 'insert into open_to_all values (1)', 'commit'],
  ['SET TRANSACTION', 'begin', 'set transaction read write', 'insert into open_to_all values (1)', 'commit'],
  ['SET transaction_read_only', 'set transaction_read_only = off', 'insert into open_to_all values (1)'],
  [
    'SET in a transaction',
    ...['begin', 'set local transaction_read_only = off', 'insert into open_to_all values (1)', 'commit'],
  ],
  [
    'the default',
    ...['set default_transaction_read_only = off', 'insert into open_to_all values (1)'],
    ...['reset default_transaction_read_only', 'insert into open_to_all values (1)'],
    ...['discard all', 'insert into open_to_all values (1)'],
  ],
  [
    'SET SESSION CHARACTERISTICS',
    ...['set session characteristics as transaction read write', 'insert into open_to_all values (1)'],
  ],
  [
    'set_config',
    `select set_config('transaction_read_only', 'off', false)`,
    `select set_config('default_transaction_read_only', 'off', false)`,
    'insert into open_to_all values (1)',
  ],
  [
    'pg_settings',
    `update pg_settings set setting = 'off' where name = 'default_transaction_read_only'`,
    'insert into open_to_all values (1)',
  ],
  [
    'a savepoint',
    'begin',
    'savepoint s',
    'set transaction_read_only = off',
    'insert into open_to_all values (1)',
  ],
  [
    'other roles',
    'set role postgres',
    'set session authorization postgres',
    'insert into item (name) values (1)',
  ],
  ['RESET ROLE', 'reset role', 'reset session authorization', `insert into item (name) values ('x')`],
  ['SECURITY DEFINER', 'select insert_as_owner()', 'select insert_and_unlock()'],
  ['DO', `do $$ begin insert into open_to_all values (1); end $$`],
  [
    'DO that unlocks',
    `do $$ begin perform set_config('transaction_read_only', 'off', true);
    insert into open_to_all values (1); end $$`,
  ],
  ['DO with EXECUTE', `do $$ begin execute 'set transaction_read_only = off'; end $$`],
  ['a procedure that commits', 'call write_and_commit()'],
  ['sequences', `select nextval('item_id_seq')`, `select setval('item_id_seq', 100)`],
  ['large objects', 'select lo_creat(-1)', `select lo_from_bytea(0, 'x')`, `select lo_import('/etc/passwd')`],
  ['SELECT FOR UPDATE', 'select * from item for update'],
  ['COPY FROM', 'copy open_to_all from stdin'],
  ['COPY and programs', `copy item from program 'id'`, `copy item to program 'id'`],
  ['COPY and files', `copy item to 'wardian-attempt/item'`, `copy open_to_all from '/etc/passwd'`],
  ['rights', 'grant insert on item to public', 'alter role wardian_reader superuser'],
  ['settings of its own role', 'alter role current_user set default_transaction_read_only = off'],
  ['comments and statistics', `comment on table item is 'x'`, 'create statistics s on id, name from item'],
  ['prepared', `prepare p as insert into open_to_all values (1)`, 'execute p'],
  ['maintenance', 'vacuum item', 'analyze item', 'reindex table item', 'cluster item'],
  ['the server', 'alter system set work_mem = 1', 'checkpoint', `load 'wardian-attempt/x.so'`],
  ['instances', 'create database other', 'drop database shop', 'alter database shop rename to other'],
]

const parts = webParts()

describe('a token that reads', { timeout: openTimeoutMs }, () => {
  let reader: TokenGrant | null = null
  let before = ''

  async function seen(): Promise<string> {
    const owner = await parts.connectAsOwner()
    const { rows } = await owner.query<{ seen: string }>(everything)
    return present(rows[0], 'a row').seen
  }

  beforeAll(async () => {
    const owner = await parts.connectAsOwner()
    await owner.query(schema)
    reader = await parts.grant()
    const client = await parts.connect(reader)
    await client.query('select 1')
    before = await seen()
  }, openTimeoutMs)

  it('reads every table, as a role that is none of the owner’s', async () => {
    const client = await parts.connect(present(reader, 'a grant'))
    const { rows } = await client.query(
      `select current_user, session_user, current_setting('is_superuser') as super,
        current_setting('transaction_read_only') as "only", count(*)::int from items`,
    )
    expect(rows).toEqual([
      {
        ...{ current_user: 'wardian_reader', session_user: 'wardian_reader' },
        ...{ super: 'off', only: 'on', count: 2 },
      },
    ])
  })

  it('may say that it only reads', async () => {
    const client = await parts.connect(present(reader, 'a grant'))
    for (const sql of ['begin read only', 'set transaction read only', 'select 1', 'commit'])
      await client.query(sql)
    await client.query('set default_transaction_read_only = on')
    await expect(client.query('begin read write')).rejects.toMatchObject({ code: '22023' })
    await client.query('rollback')
  })

  it.each(attempts)('writes nothing by %s', async (_what, ...statements) => {
    const client = await parts.connect(present(reader, 'a grant'))
    const refused: unknown[] = []
    for (const sql of statements) await client.query(sql).catch((error: unknown) => refused.push(error))
    await client.query('rollback')
    expect(refused.length).toBeGreaterThan(0)
    expect(await seen()).toBe(before)
  })

  it('cannot come in with another mode or role', async () => {
    const grant = present(reader, 'a grant')
    await expect(parts.connect(grant, '-c default_transaction_read_only=off')).resolves.toBeDefined()
    for (const options of ['-c role=postgres', '-c session_authorization=postgres']) {
      await expect(parts.connect(grant, options)).rejects.toMatchObject({ code: expect.any(String) })
    }
    const client = await parts.connect(grant, '-c default_transaction_read_only=off')
    await expect(client.query('insert into open_to_all values (1)')).rejects.toMatchObject({ code: '25006' })
    expect(await seen()).toBe(before)
  })

  it('reads no file of the server', async () => {
    const client = await parts.connect(present(reader, 'a grant'))
    for (const sql of [
      `select pg_read_file('PG_VERSION')`,
      `select pg_read_binary_file('PG_VERSION')`,
      `select pg_ls_dir('.')`,
      `select pg_stat_file('PG_VERSION')`,
      `copy (select 1) to 'wardian-attempt/one'`,
      `select lo_export(1, 'wardian-attempt/one')`,
    ]) {
      await expect(client.query(sql)).rejects.toMatchObject({
        code: expect.stringMatching(/^(42501|25006|42704)$/),
      })
    }
  })

  it('is never a superuser', async () => {
    await expect(parts.grant({ role: 'postgres' })).rejects.toMatchObject({ code: 'invalid-argument' })
    const chief = await parts.grant({ role: 'chief' })
    await expect(parts.connect(chief)).rejects.toMatchObject({ code: 'permission-denied' })
  })

  it('has the role that it was made for, and that role’s rights', async () => {
    const client = await parts.connect(await parts.grant({ role: 'auditor' }))
    await expect(client.query('select current_user, count(*) from item group by 1')).resolves.toBeDefined()
    await expect(client.query('select * from open_to_all')).resolves.toBeDefined()
    await expect(client.query(`insert into item (name) values ('x')`)).rejects.toMatchObject({
      code: '25006',
    })
    await expect(client.query('select * from pg_authid')).rejects.toMatchObject({ code: '42501' })
    expect(await seen()).toBe(before)
  })
})

describe('a token that writes', { timeout: openTimeoutMs }, () => {
  it('writes tables, makes its own, and is no superuser', async () => {
    const owner = await parts.connectAsOwner()
    const client = await parts.connect(await parts.grant({ access: 'read-write' }))
    await client.query(`insert into item (name) values ('three')`)
    await client.query('update item set name = upper(name)')
    await client.query('create table mine (id int primary key)')
    await client.query('insert into mine values (1)')
    const { rows } = await owner.query(
      'select (select count(*) from item) as items, (select count(*) from mine) as mine',
    )
    expect(rows).toEqual([{ items: '3', mine: '1' }])
    for (const sql of [
      ...['set role postgres', 'set session authorization postgres', 'create role other superuser'],
      ...['alter role wardian_writer superuser', 'grant postgres to wardian_writer', 'drop table item'],
      ...[
        `copy item to 'wardian-attempt/item'`,
        `copy item to program 'id'`,
        `select pg_read_file('PG_VERSION')`,
      ],
      ...[
        `select lo_import('/etc/passwd')`,
        'update pg_authid set rolsuper = true',
        'create extension plpython3u',
      ],
      ...['create database other', 'drop database shop', 'alter system set work_mem = 1'],
    ]) {
      await expect(client.query(sql), sql).rejects.toMatchObject({ code: expect.any(String) })
    }
    const { rows: who } = await client
      .query('reset role; select current_user')
      .then((all) => [all].flat()[1] ?? all)
    expect(who).toEqual([{ current_user: 'wardian_writer' }])
  })

  it('is the owner where it was made for that role', async () => {
    const client = await parts.connect(await parts.grant({ access: 'read-write', role: 'postgres' }))
    const { rows } = await client.query(`select current_user, current_setting('is_superuser') as super`)
    expect(rows).toEqual([{ current_user: 'postgres', super: 'on' }])
    await expect(client.query('create database other')).rejects.toMatchObject({ code: '42501' })
  })

  it('gets no instance that it was not made for, nor one that is not there, nor any once it is revoked', async () => {
    const { access, tokens } = parts.web
    const here = await parts.grant({ instanceIds: [parts.instanceId] })
    expect(here.tenants).toEqual(['shop'])
    expect(await access.backend('shop', here)).not.toBeNull()
    expect(await access.backend('elsewhere', here)).toBeNull()
    expect(await access.backend('postgres', here)).toBeNull()
    expect(await access.backend('template1', here)).toBeNull()
    const revoked: string[] = []
    const watch = tokens.onDidRevoke(({ tokenId }) => revoked.push(tokenId))
    await tokens.revoke(here.tokenId)
    watch.dispose()
    expect(revoked).toEqual([here.tokenId])
    expect(await access.backend('shop', here)).toBeNull()
  })
})
