/**
 * Goal: an instance whose directory PGlite with Postgres 17 wrote becomes one of today, with everything in it; or stays
 * as it is, to the byte. Method: a directory made by that PGlite, in place of the one of an instance of a real host.
 */

import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from 'pglite-postgres-17'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CopyReport, TransferEvent } from '../../src/contract/transfer.ts'
import { openTimeoutMs } from '../support/engine-fixture.ts'
import { transferFixture } from '../support/transfer-fixture.ts'

const contents = `
create role reader login password 'secret' connection limit 3; create role team; grant team to reader;
alter role reader set work_mem = '8MB'; alter role reader set search_path = app, public; comment on role team is 'Us';
create schema app authorization team;
create table app.things (id integer generated always as identity primary key, name text, price numeric, at timestamptz);
insert into app.things (name, price, at) 
  select 'thing ' || g, g / 7.0, '2024-02-29 12:00+01' from generate_series(1, 2000) g;
create materialized view app.dear as select * from app.things where price > 200;
create table app.parts (at date) partition by range (at);
create table app.parts_1 partition of app.parts for values from ('2024-01-01') to ('2025-01-01');
insert into app.parts values ('2024-05-05');
select lo_from_bytea(77, 'bytes');
grant select on app.things to reader;`

describe('an instance of an earlier Postgres', { timeout: 2 * openTimeoutMs }, () => {
  const fixture = transferFixture()
  const earlier = fixture.path('postgres-17')

  beforeAll(async () => {
    const pglite = await PGlite.create(earlier)
    await pglite.exec(contents)
    await pglite.close()
  }, 2 * openTimeoutMs)

  /** A stopped instance that has that directory. */
  async function instance(
    name: string,
  ): Promise<{ readonly instanceId: string; readonly directory: string }> {
    const { client } = fixture
    const { id } = await client.call('instance.create', { name, storage: 'directory', withSample: false })
    await client.call('instance.stop', { instanceId: id })
    const directory = fixture.path(join('data', 'instances', id))
    await rm(join(directory, 'data'), { recursive: true })
    await cp(earlier, join(directory, 'data'), { recursive: true })
    return { instanceId: id, directory }
  }

  async function migrate(
    instanceId: string,
    signal?: AbortSignal,
    onEvent?: (event: TransferEvent) => void,
  ): Promise<CopyReport> {
    const stream = fixture.client.stream('transfer.migrate', { instanceId }, { signal })
    for await (const { value } of stream) onEvent?.(value)
    return stream.result
  }

  it('is found out, and becomes one of today', async () => {
    const place = await instance('old')
    const { instanceId, directory } = place
    const before = await hashOf(join(directory, 'data'))
    await expect(fixture.client.call('instance.start', { instanceId })).rejects.toThrow(
      /by Postgres 17[^]*migrate/,
    )
    expect(await fixture.client.call('transfer.migration', { instanceId })).toEqual({
      ...{ fromVersion: '17', toVersion: '18' },
    })
    // things, dear, parts_1: partitioned tables have no rows of their own
    expect(await migrate(instanceId)).toMatchObject({
      ...{ targetName: 'old', tables: 3, rows: 2000 + 600 + 1, sequences: 1, largeObjects: 1 },
    })
    const rows = (sql: string): Promise<(string | null)[][]> => fixture.run(place, sql)
    expect(await rows('show server_version_num')).toEqual([[expect.stringMatching(/^18/)]])
    expect(
      await rows('select count(*)::text, round(sum(price))::text, min(at)::text from app.things'),
    ).toEqual([['2000', '285857', '2024-02-29 11:00:00+00']])
    expect(await rows(`insert into app.things (name) values ('new') returning id::text`)).toEqual([['2001']])
    expect(
      await rows(`select rolcanlogin::text, rolconnlimit::text, left(rolpassword, 14), (
          select setconfig::text from pg_db_role_setting where setrole = 'reader'::regrole),
        pg_has_role('reader', 'team', 'member')::text, shobj_description('team'::regrole, 'pg_authid'),
        has_table_privilege('reader', 'app.things', 'select')::text from pg_authid where rolname = 'reader'`),
    ).toEqual([
      ['true', '3', 'SCRAM-SHA-256$', '{work_mem=8MB,"search_path=app, public"}', 'true', 'Us', 'true'],
    ])
    const kept = (await readdir(directory)).filter((name) => name.startsWith('data'))
    expect(kept).toEqual(['data', expect.stringMatching(/^data\.postgres-17-\d+$/)])
    expect(await hashOf(join(directory, kept[1] ?? ''))).toBe(before)
    expect(await fixture.client.call('transfer.migration', { instanceId })).toBeNull()
    await expect(migrate(instanceId)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('stays as it is when the migration is ended in the middle, and can be migrated again', async () => {
    const { instanceId, directory } = await instance('ended')
    const before = await hashOf(join(directory, 'data'))
    const ended = new AbortController()
    const migrating = migrate(instanceId, ended.signal, (event) => {
      if (event.kind === 'progress' && event.phase === 'data') ended.abort()
    })
    await expect(migrating).rejects.toMatchObject({ code: 'cancelled' })
    // It waits for the lock of the directory, which the migration has until it has ended.
    await expect(fixture.client.call('instance.start', { instanceId })).rejects.toThrow(/by Postgres 17/)
    expect(await hashOf(join(directory, 'data'))).toBe(before)
    const names = await readdir(directory)
    expect(names.filter((name) => name.startsWith('data'))).toEqual(['data'])
    // As one that was killed has left it.
    await cp(earlier, join(directory, 'data.restoring.from'), { recursive: true })
    await mkdir(join(directory, 'data.restoring'))
    expect(await migrate(instanceId)).toMatchObject({ tables: 3 })
  })
})

/** Of all names and bytes below a directory. */
async function hashOf(directory: string): Promise<string> {
  const hash = createHash('sha256')
  const names = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  for (const name of names.sort()) hash.update(name.slice(directory.length)).update(await readFile(name))
  return hash.digest('hex')
}
