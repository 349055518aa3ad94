/**
 * Goal: servers of other major versions are explored, and copied from, with the same questions. Method: those that
 * the system has (Debian's), through a host.
 */

import { describe, expect, test, vi } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import type { ParamsOf } from '../src/contract/contract-table.ts'
import type { WorkbenchContract } from '../src/contract/workbench-contract.ts'
import type { CatalogNode } from '../src/contract/catalog.ts'
import { wholeDatabase, type DatabasePlace, type RestoreTarget } from '../src/contract/transfer.ts'
import { startHost } from '../src/main/host/workbench-host.ts'
import { connect, Console, type WorkbenchClient } from './support/client-fixture.ts'
import { connectionTo } from './support/remote-engine.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { NativePostgres, otherVersions } from './support/wire/native-postgres.ts'

const DEADLINE_MS = 240_000
vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })

const path = temporaryDirectory()
const versions = otherVersions()
if (versions.length === 0)
  process.stderr.write('No other Postgres is installed; apt-get install postgresql\n')

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

type CatalogLevel = ParamsOf<WorkbenchContract['catalog.list']>['level']

const script = `
  create schema shop;
  create type shop.mood as enum ('calm', 'busy');
  create table shop.customer (id int primary key, name text not null, mood shop.mood default 'calm');
  create index by_name on shop.customer (name);
  create view shop.calm as select * from shop.customer where mood = 'calm';
  create sequence shop.counted;
  create function shop.twice(n int) returns int language sql as 'select n * 2';
  create function shop.touch() returns trigger language plpgsql as 'begin return new; end';
  create trigger touching before update on shop.customer for each row execute function shop.touch();
  insert into shop.customer (id, name) select i, 'name ' || i from generate_series(1, 1000) i;`

test('there are other versions, or it is said that there are none', () => {
  expect(versions.map(({ major }) => major)).not.toContain('18')
})

describe.each(versions)('a server of version $major', ({ major, programs }) => {
  test('has its tree, its completion, and is copied from and to', async () => {
    const native = await NativePostgres.start({ programs })
    const dataDirectory = path(`host ${major}`)
    const host = await startHost({ dataDirectory, shell: 'command', clock: systemClock, log })
    const client = connect(host)
    try {
      const { id: instanceId } = await client.call('remote.create', {
        ...{ name: 'elder', connection: connectionTo(native.address), password: native.address.password },
      })
      const started = await client.call('instance.start', { instanceId })
      expect(started.serverVersion).toMatch(new RegExp(`^${major}\\.`))
      const console = await Console.open(client, instanceId, 'console')
      expect(new Set(await console.script(script))).toEqual(new Set(['ok']))
      await explore(client, instanceId)
      const names = await client.call('catalog.names', { instanceId })
      expect(names.relations.filter(({ schema }) => schema === 'shop')).toHaveLength(2)
      await copyThereAndBack(client, instanceId)
    } finally {
      client.dispose()
      await host.stop()
      await native.stop()
    }
  })
})

async function explore(client: WorkbenchClient, instanceId: string): Promise<void> {
  const list = async (level: CatalogLevel, parentOid: number, filter = ''): Promise<readonly CatalogNode[]> =>
    (await client.call('catalog.list', { instanceId, level, parentOid, filter })).nodes
  const names = async (level: CatalogLevel, parent: number): Promise<string[]> =>
    (await list(level, parent)).map(({ name }) => name)
  const schema = present((await list('root', 0, 'shop'))[0], 'the schema').oid
  const table = present((await list('tables', schema))[0], 'the table').oid
  expect(await names('views', schema)).toEqual(['calm'])
  expect(await names('sequences', schema)).toEqual(['counted'])
  expect(await names('functions', schema)).toEqual(['touch', 'twice'])
  expect(await names('types', schema)).toEqual(['mood'])
  expect(await names('columns', table)).toEqual(['id', 'name', 'mood'])
  expect(await names('indexes', table)).toEqual(['by_name', 'customer_pkey'])
  expect(await names('triggers', table)).toEqual(['touching'])
  expect(await names('constraints', table)).toEqual(['customer_pkey'])
}

async function copyThereAndBack(client: WorkbenchClient, instanceId: string): Promise<void> {
  const copy = async (source: DatabasePlace, target: RestoreTarget): Promise<void> => {
    const stream = client.stream('transfer.copy', { source, target, scope: wholeDatabase })
    for await (const _ of stream);
    expect((await stream.result).targetName).not.toBe('')
  }
  await copy({ kind: 'instance', instanceId }, { kind: 'newInstance', name: 'copied' })
  const listed = await client.call('instance.list', null)
  const copied = present(
    listed.find(({ name }) => name === 'copied'),
    'the copy',
  )
  const local = await Console.open(client, copied.id, 'console')
  expect(await local.rows('select count(*), shop.twice(21) from shop.customer')).toEqual([['1000', '42']])
  await local.rows('alter schema shop rename to back')
  await local.close()
  await copy({ kind: 'instance', instanceId: copied.id }, { kind: 'instance', instanceId })
  const remote = await Console.open(client, instanceId, 'console')
  expect(await remote.rows('select count(*) from back.customer')).toEqual([['1000']])
}
