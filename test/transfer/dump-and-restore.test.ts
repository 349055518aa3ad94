/**
 * Goal: a database that is dumped and restored is the same: every kind of object, every row, and what a second dump
 * says of it; and a restore that does not end well has changed nothing. Method: a real host and engines, and the
 * contract; databases are compared by their own catalogs, and by dumps.
 */

import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import { InstanceRegistry } from '../../src/main/host/instance-registry.ts'
import { wholeDatabase, type DatabasePlace } from '../../src/contract/transfer.ts'
import { catalogContents, catalogQueries } from '../support/catalog-contents.ts'
import { openTimeoutMs, testTemplatesDirectory } from '../support/engine-fixture.ts'
import { transferFixture } from '../support/transfer-fixture.ts'

const everyObject = readFileSync(join(import.meta.dirname, 'every-object.sql'), 'utf8')
const roles = ['move_owner', 'move_reader'] as const
type Place = DatabasePlace & { readonly kind: 'instance' }

describe('a database of every kind of object', { timeout: openTimeoutMs }, () => {
  const fixture = transferFixture()
  let source: Place

  const contents = (place: Place): ReturnType<typeof catalogContents> =>
    catalogContents((sql) => fixture.run(place, sql))

  beforeAll(async () => {
    source = await fixture.create('kinds', ...roles)
    await fixture.restore(source, everyObject)
  }, openTimeoutMs)

  it('is the same after a dump and a restore, and dumps as it did', async () => {
    const target = await fixture.create('kinds-restored', ...roles)
    const dump = await fixture.dump(source)
    await fixture.restore(target, dump)
    const [wanted, found] = [await contents(source), await contents(target)]
    expect(Object.keys(wanted).length).toBeGreaterThan(40)
    // An empty answer would compare nothing.
    const empty = Object.keys(catalogQueries).filter((name) => wanted[name]?.length === 0)
    expect(empty).toEqual([])
    expect(found).toEqual(wanted)
    expect(await fixture.dumpText(target)).toBe(await fixture.dumpText(source))
  })

  it('is the same when its rows travel as INSERT commands', async () => {
    const target = await fixture.create('kinds-inserted', ...roles)
    await fixture.restore(target, await fixture.dump(source, { inserts: true }))
    expect(await contents(target)).toEqual(await contents(source))
  })

  it('can be restored without owners and rights where there are no such roles', async () => {
    const target = await fixture.create('kinds-unowned')
    const dump = await fixture.dump(source)
    await expect(fixture.restore(target, dump)).rejects.toThrow(
      /role "move_owner" does not exist[^]*--no-owner/,
    )
    const mapping = /^CREATE (USER MAPPING|POLICY)[^;]*;\n|^COMMENT ON POLICY.*\n/gm
    const withoutRoles = dump
      .toString('latin1')
      .replaceAll(mapping, '')
      .replace(' AUTHORIZATION move_owner', '')
    await fixture.restore(target, Buffer.from(withoutRoles, 'latin1'), { noOwner: true, noPrivileges: true })
    expect(await fixture.run(target, 'select count(*)::text from kinds.people')).toEqual([['152']])
  })

  it('can be dumped in part', async () => {
    const dump = async (part: object): Promise<string> =>
      (await fixture.dump(source, { scope: { ...wholeDatabase, ...part } })).toString()
    const schema = await dump({ content: 'schema' })
    expect(schema).toContain('CREATE TABLE kinds.people')
    expect(schema).not.toMatch(/^COPY /m)
    const data = await dump({ content: 'data' })
    expect(data).toMatch(/^COPY kinds\.people /m)
    expect(data).not.toContain('CREATE TABLE')
    const table = await dump({ tables: ['kinds.nodes'] })
    expect(table.match(/^CREATE TABLE .*$/gm)).toEqual(['CREATE TABLE kinds.nodes ('])
    await expect(dump({ tables: ['kinds.nowhere'] })).rejects.toThrow(
      'pg_dump failed: no matching tables were found for pattern "kinds.nowhere"',
    )
  })

  it('can be dumped as archives', async () => {
    const custom = await fixture.dump(source, { format: 'custom' })
    expect(custom.toString('latin1', 0, 5)).toBe('PGDMP')
    const tar = await fixture.dump(source, { format: 'tar' })
    expect(tar.toString('latin1', 257, 262)).toBe('ustar')
    for (const archive of [custom, tar]) {
      await expect(fixture.restore({ kind: 'newInstance', name: 'no' }, archive)).rejects.toMatchObject({
        ...{ code: 'unsupported', message: expect.stringContaining('pg_restore -f - FILE') },
      })
    }
    expect(await fixture.names()).not.toContain('no')
  })
})

describe('a restore that does not end well', { timeout: openTimeoutMs }, () => {
  const fixture = transferFixture()
  let place: Place

  beforeAll(async () => {
    place = await fixture.create('half')
  }, openTimeoutMs)

  const tables = (): Promise<(string | null)[][]> =>
    fixture.run(place, `select relname::text from pg_class where relnamespace = 'public'::regnamespace`)

  it.each([
    [
      'create table a ();\ncreate table b (;',
      /^line 2: ERROR: {2}syntax error at or near ";"[^]*STATEMENT: {2}create table b/,
    ],
    ['create table a ();\n\nselect 1/0;\nselect 2;', /^line 3: ERROR: {2}division by zero/],
    [
      'create table a (n int);\nCOPY a FROM stdin;\n1\nx\n\\.\n',
      /^line 2: [^]*CONTEXT: {2}COPY a, line 2, column n: "x"/,
    ],
    ['COPY nowhere FROM stdin;\n1\n\\.\n', /^line 1: ERROR: {2}relation "nowhere" does not exist/],
    ['create table a ();\nrollback;', /^line 2: ROLLBACK would end the transaction/],
    ['create table a ();\n\\i other.sql', /^line 2: \\i is a command of psql/],
    ['\\connect one\ncreate table a ();\n\\connect two\n', /^line 3: the file holds several databases/],
    [
      'create table a (n int primary key deferrable initially deferred); insert into a values (1), (1);',
      /duplicate key/,
    ],
  ])('says where %j fails, and has changed nothing', async (script, message) => {
    await expect(fixture.restore(place, script)).rejects.toThrow(message)
    expect(await tables()).toEqual([])
  })

  it('takes an instance along that was made for it', async () => {
    await expect(fixture.restore({ kind: 'newInstance', name: 'gone' }, 'select 1/0')).rejects.toThrow(
      'by zero',
    )
    expect(await fixture.names()).toEqual(['half'])
  })

  it('into a database on disk keeps what is there first, as its policy says', async () => {
    const { client } = fixture
    const { id: instanceId } = await client.call('instance.create', {
      ...{ name: 'kept before', storage: 'directory', withSample: false },
    })
    const target = { kind: 'instance', instanceId } as const
    await fixture.run(target, 'create table precious as select 1 as a')
    await fixture.restore(target, 'drop table precious; create table restored (a int);')
    const { snapshots } = await client.call('snapshot.list', { instanceId })
    expect(snapshots.map(({ reason }) => reason)).toEqual([{ kind: 'work', what: 'a restore' }])
    const rewinding = client.stream('snapshot.rewind', { instanceId, snapshotId: snapshots[0]?.id ?? '' })
    for await (const _ of rewinding);
    expect(await fixture.run(target, 'select a from precious')).toEqual([['1']])
    const policy = await client.call('snapshot.policy', { instanceId })
    await client.call('snapshot.setPolicy', { instanceId, policy: { ...policy, before: 'nothing' } })
    await fixture.restore(target, 'create table unkept (a int);')
    const reasons = (await client.call('snapshot.list', { instanceId })).snapshots.map(
      ({ reason }) => reason.kind,
    )
    expect(reasons.filter((kind) => kind === 'work')).toHaveLength(1)
  })

  it('leaves no instance that was made for it when the host dies in the middle', async () => {
    const { client } = fixture
    const uploadId = 'an upload that stops'
    const target = { kind: 'newInstance', name: 'unborn' } as const
    const going = { uploadId, bytesTotal: null, target, noOwner: false, noPrivileges: false }
    const stopping = new AbortController()
    const stream = client.stream('transfer.restore', going, { signal: stopping.signal })
    const ended = Promise.allSettled([stream.result])
    const part = Uint8Array.from(Buffer.from('create table t (a int);\n')).buffer
    await client.call('transfer.upload', { uploadId, isLast: false }, { buffers: [part] })
    await stream.next()
    // What lies there at this moment is what a host finds that starts behind the death.
    const dead = fixture.path('dead')
    cpSync(fixture.path('data'), dead, { recursive: true })
    stopping.abort()
    await ended
    const { list, directories } = await foundBy(dead)
    expect([list.includes('unborn'), directories.some((name) => name.startsWith('unborn'))]).toEqual([
      false,
      false,
    ])
  })

  it('is undone when it is cancelled, whatever runs', async () => {
    const cancelled = new AbortController()
    const script = 'create table a ();\ncopy a from stdin;\n\\.\nselect pg_sleep(1000);'
    const restored = fixture.restore(place, script, {
      signal: cancelled.signal,
      onEvent: (event) => {
        if (event.kind === 'progress' && event.table !== null) cancelled.abort()
      },
    })
    await expect(restored).rejects.toMatchObject({ code: 'cancelled' })
    expect(await tables()).toEqual([])
  })

  it('leaves out what belongs to a database, and to transactions', async () => {
    const script =
      'create database x;\n\\connect x\nbegin;\ncreate table a (n int);\ncommit;\ninsert into a values (1), (2);'
    expect(await fixture.restore(place, script)).toMatchObject({ targetName: 'half', statements: 2, rows: 2 })
    expect(await fixture.run(place, 'select n::text from a')).toEqual([['1'], ['2']])
  })
})

describe('a dump', { timeout: openTimeoutMs }, () => {
  const fixture = transferFixture()

  it('is of one moment, while others wait for it', async () => {
    const place = await fixture.create('moment')
    await fixture.run(
      place,
      `create table t as select g n, repeat('x', 1000) x from generate_series(1, 20000) g`,
    )
    const stream = fixture.client.stream('transfer.dump', {
      source: place,
      options: { format: 'sql', inserts: false, clean: false, scope: wholeDatabase },
    })
    let deleting: Promise<unknown> | null = null
    const pieces: Buffer[] = []
    for await (const { buffers } of stream) {
      deleting ??= fixture.run(place, 'delete from t')
      for (const buffer of buffers) pieces.push(Buffer.from(buffer))
    }
    expect(Buffer.concat(pieces).toString().match(/xxx$/gm)?.length).toBe(20_000)
    await deleting
    expect(await fixture.run(place, 'select count(*)::text from t')).toEqual([['0']])
  })

  it('that nobody reads any more lets others go on', async () => {
    const place = await fixture.create('left')
    await fixture.run(
      place,
      `create table t as select g n, repeat('x', 1000) x from generate_series(1, 20000) g`,
    )
    const options = { format: 'sql', inserts: false, clean: false, scope: wholeDatabase } as const
    for await (const { value } of fixture.client.stream('transfer.dump', { source: place, options })) {
      if (value.kind === 'data') break
    }
    expect(await fixture.run(place, 'select count(*)::text from t')).toEqual([['20000']])
  })
})

/** The instances of a data directory, as a host that starts on it finds them. */
async function foundBy(dataDirectory: string): Promise<{ list: string[]; directories: string[] }> {
  const factory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
  const ignore = (): void => undefined
  const instances = new InstanceRegistry({
    ...{ dataDirectory, factory, clock: systemClock, log: { info: ignore, warn: ignore, error: ignore } },
    holder: { processId: process.pid, program: 'a test', startedAtMs: 0, endpoint: null },
  })
  expect(await instances.load()).toEqual([])
  const list = instances.list().map(({ name }) => name)
  await instances.end()
  await factory.dispose()
  return { list, directories: readdirSync(join(dataDirectory, 'instances')) }
}
