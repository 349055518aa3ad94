/**
 * Goal: instances are made with what was chosen, carried away and had back as one file, opened where they lie, and stay
 * apart from each other. Method: a real host on real files, asked as a client asks; a directory that PGlite itself has
 * made.
 */

import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../src/base/clock.ts'
import { defaultInstanceOptions } from '../src/contract/instance-options.ts'
import type { Instance } from '../src/contract/instance.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { connect, Console, type WorkbenchClient } from './support/client-fixture.ts'
import { testTemplatesDirectory } from './support/engine-fixture.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

/** Several engines on a machine that may be busy. */
const slowMs = 300_000

const path = temporaryDirectory()
let host: WorkbenchHost
let client: WorkbenchClient
let count = 0

function start(dataDirectory: string): Promise<WorkbenchHost> {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const options = { dataDirectory, templatesDirectory: testTemplatesDirectory, clock: systemClock, log }
  return startHost({ ...options, shell: 'command' })
}

beforeAll(async () => {
  host = await start(path('data'))
  client = connect(host)
}, slowMs)
afterAll(async () => {
  client.dispose()
  await host.stop()
}, slowMs)

const newName = (): string => `i${count++}`

function make(storage: Instance['storage'] = 'directory', more = {}): Promise<Instance> {
  const kind = storage === 'memory' ? 'memory' : 'directory'
  return client.call('instance.create', { name: newName(), storage: kind, withSample: false, ...more })
}

/** Runs a script; answers the rows of its last statement, or the error. */
async function sql({ id }: Instance, text: string, through = client): Promise<unknown> {
  const session = await Console.open(through, id, 'test')
  const { statements } = await session.run(text, { mode: 'script' })
  await through.call('session.close', { sessionId: session.sessionId })
  const last = statements.at(-1)
  return last?.outcome?.error?.message ?? last?.rows
}

type Carrying = 'instance.export' | 'instance.import' | 'instance.open' | 'snapshot.fork'

/** Runs a stream to its end, and answers its result. */
async function carry(name: Carrying, params: object): Promise<Instance> {
  const stream = client.stream(name, params as never)
  for await (const { value } of stream) expect(value.doneBytes).toBeLessThanOrEqual(value.totalBytes)
  return (await stream.result) as Instance
}

const open = (directory: string, isCopied: boolean): Promise<Instance> =>
  carry('instance.open', { directory, name: newName(), isCopied })

describe('an instance', { timeout: slowMs }, () => {
  it('has the extensions and settings that were chosen, also after a restart', async () => {
    const options = { ...defaultInstanceOptions, settings: [{ name: 'work_mem', value: '7MB' }] }
    const made = await make('directory', { options, extensions: ['hstore', 'pg_stat_statements'] })
    expect(made.options).toEqual({ ...options, extensions: ['pg_stat_statements'] })
    const question = `select current_setting('work_mem'), 'a=>1'::hstore -> 'a', count(*) > 0 from pg_stat_statements`
    expect(await sql(made, question)).toEqual([['7MB', '1', 't']])
    await client.call('instance.stop', { instanceId: made.id })
    expect(await sql(made, question)).toEqual([['7MB', '1', 't']])
  })

  it.each([
    ['an unknown extension', { extensions: ['nonsense'] }, 'There is no extension named nonsense'],
    ['PostGIS', { extensions: ['postgis'] }, 'built for PGlite 0.5.8'],
    [
      'a setting that is none of memory',
      { options: { ...defaultInstanceOptions, settings: [{ name: 'fsync', value: 'off' }] } },
      'cannot be chosen',
    ],
    [
      'too much memory',
      { options: { ...defaultInstanceOptions, settings: [{ name: 'shared_buffers', value: '4GB' }] } },
      'from 1MB to 512MB',
    ],
  ])('is not made with %s', async (_, more, words) => {
    const before = await client.call('instance.list', null)
    await expect(make('directory', more)).rejects.toThrow(words)
    expect(await client.call('instance.list', null)).toEqual(before)
  })

  it('says that a restart is due when its options were changed, until it was', async () => {
    const { id, options } = await make()
    const relaxed = { ...defaultInstanceOptions, durability: 'relaxed' } as const
    const changed = await client.call('instance.configure', { instanceId: id, options: relaxed })
    expect([options?.durability, changed.options?.durability, changed.needsRestart]).toEqual([
      ...['durable', 'relaxed', true],
    ])
    await client.call('instance.stop', { instanceId: id })
    const again = await client.call('instance.start', { instanceId: id })
    expect([again.options?.durability, again.needsRestart]).toEqual(['relaxed', false])
    expect(await sql(again, 'show fsync')).toEqual([['off']])
  })

  it('gets an extension later, behind a restart where that is needed', async () => {
    const made = await make()
    const installed = async (): Promise<(string | null)[]> => {
      const list = await client.call('extension.list', { instanceId: made.id })
      return ['pg_trgm', 'pg_stat_statements'].map(
        (name) => list.find((each) => each.name === name)?.installedVersion ?? null,
      )
    }
    expect(await installed()).toEqual([null, null])
    await client.call('extension.add', { instanceId: made.id, name: 'pg_trgm' })
    await client.call('extension.add', { instanceId: made.id, name: 'pg_stat_statements' })
    expect(await installed()).toEqual(['1.6', '1.12'])
    expect(await sql(made, 'select count(*) > 0 from pg_stat_statements')).toEqual([['t']])
  })

  it('in memory is not restarted for an extension, which would lose it', async () => {
    const made = await make('memory')
    await sql(made, 'create table kept as select 1 as x')
    const adding = client.call('extension.add', { instanceId: made.id, name: 'pg_stat_statements' })
    await expect(adding).rejects.toThrow('a restart would lose')
    expect(await sql(made, 'select x from kept')).toEqual([['1']])
  })

  it.each(['directory', 'memory'] as const)(
    'in %s is exported while it is used, imported and forked, with its extensions',
    async (storage) => {
      const made = await make(storage, { extensions: ['ltree', 'pg_stat_statements'] })
      await sql(
        made,
        `create table t (id serial primary key, path ltree); insert into t (path) values ('a.b'), ('c');
       create unlogged table u as select 42 as x; create sequence s; select nextval('s'), nextval('s');
       select lo_from_bytea(4711, 'large')`,
      )
      const session = await Console.open(client, made.id, 'idle')
      await session.run('set search_path to pg_catalog')
      const file = path(`${made.name}.wardian`)
      await carry('instance.export', { instanceId: made.id, file, mayReplace: false })
      const forked = await carry('snapshot.fork', { instanceId: made.id, snapshotId: null, name: newName() })
      await sql(made, 'insert into t (path) values ($$later$$)')
      const imported = await carry('instance.import', { file, name: newName() })
      expect([imported.state, forked.state]).toEqual(['stopped', 'ready'])
      const question = `select (select string_agg(path::text, ' ' order by id) from t), (select x from u),
      nextval('s'), convert_from(lo_get(4711), 'UTF8'), nlevel('a.b.c'),
      (select count(*) > 0 from pg_stat_statements)`
      for (const { id } of [imported, forked]) {
        const copy = await client.call('instance.start', { instanceId: id })
        expect(copy.options?.extensions).toEqual(['pg_stat_statements'])
        expect(await sql(copy, question)).toEqual([['a.b c', '42', '3', 'large', '3', 't']])
      }
      await expect(
        carry('instance.export', { instanceId: made.id, file, mayReplace: false }),
      ).rejects.toMatchObject({
        code: 'already-exists',
      })
      await expect(carry('instance.import', { file, name: imported.name })).rejects.toMatchObject({
        code: 'already-exists',
      })
      expect(readdirSync(path('data/incoming'))).toEqual([])
    },
  )

  it('that is made is its owner’s alone, in all that lies on the disk', async () => {
    const mask = process.umask(0)
    try {
      const made = await make()
      await sql(made, 'create table t as select n from generate_series(1, 1000) n; checkpoint')
      const file = path(`${made.name}.wardian`)
      await carry('instance.export', { instanceId: made.id, file, mayReplace: false })
      await carry('instance.import', { file, name: newName() })
      expect(statSync(file).mode & 0o777).toBe(0o600)
    } finally {
      process.umask(mask)
    }
    const wrong = readdirSync(path('data'), { recursive: true, withFileTypes: true }).flatMap((entry) => {
      const name = join(entry.parentPath, entry.name)
      const mode = statSync(name).mode & 0o777
      const isPrivate = entry.isDirectory() ? mode === 0o700 : (mode & 0o077) === 0
      return isPrivate ? [] : [`${name} ${mode.toString(8)}`]
    })
    expect([wrong, statSync(path('data')).mode & 0o777]).toEqual([[], 0o700])
  })
})

describe('a directory that lies somewhere', { timeout: slowMs }, () => {
  const original = path('pglite')
  const question = 'select string_agg(x, $$ $$ order by x) from t'

  beforeAll(async () => {
    const pglite = await PGlite.create(original)
    await pglite.exec(`create table t (x text); insert into t values ('old')`)
    await pglite.close()
  }, slowMs)

  it('is opened in place, and stays there when the instance is deleted', async () => {
    const place = path('in-place')
    cpSync(original, place, { recursive: true })
    const opened = await open(place, false)
    expect([opened.directory, opened.state]).toEqual([place, 'ready'])
    expect(await sql(opened, `insert into t values ('new'); ${question}`)).toEqual([['new old']])
    await expect(open(place, false)).rejects.toMatchObject({ code: 'already-exists' })
    const other = await start(path('other'))
    const stranger = connect(other)
    const stream = stranger.stream('instance.open', { directory: place, name: null, isCopied: false })
    await expect(stream.result).rejects.toMatchObject({ code: 'in-use' })
    expect(await stranger.call('instance.list', null)).toEqual([])
    await client.call('instance.delete', { instanceId: opened.id })
    const taken = stranger.stream('instance.open', { directory: place, name: null, isCopied: false })
    expect(await sql(await taken.result, question, stranger)).toEqual([['new old']])
    stranger.dispose()
    await other.stop()
    await client.call('instance.restore', { instanceId: opened.id })
    expect(await sql(opened, question)).toEqual([['new old']])
    for (const { instanceId, deletedAtMs } of await client.call('trash.list', null)) {
      await client.call('trash.remove', { instanceId, deletedAtMs })
    }
    await client.call('instance.delete', { instanceId: opened.id })
    const [entry] = await client.call('trash.list', null)
    if (entry)
      await client.call('trash.remove', { instanceId: entry.instanceId, deletedAtMs: entry.deletedAtMs })
    expect(existsSync(join(place, 'PG_VERSION'))).toBe(true)
  })

  it('that is used in place has snapshots, and is never replaced by one', async () => {
    const place = path('kept-in-place')
    cpSync(original, place, { recursive: true })
    const { id: instanceId, ...opened } = await open(place, false)
    const taking = client.stream('snapshot.take', { instanceId, label: null })
    for await (const _ of taking);
    const { id: snapshotId } = await taking.result
    await sql({ ...opened, id: instanceId }, `insert into t values ('new')`)
    const rewinding = client.stream('snapshot.rewind', { instanceId, snapshotId })
    await expect(rewinding.result).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('fork'),
    })
    expect(await sql({ ...opened, id: instanceId }, question)).toEqual([['new old']])
    const fork = await carry('snapshot.fork', { instanceId, snapshotId, name: newName() })
    expect([await sql(fork, question), fork.directory?.startsWith(path('data'))]).toEqual([[['old']], true])
    await client.call('instance.delete', { instanceId })
  })

  it('is copied, and left as it was', async () => {
    const opened = await open(original, true)
    expect(await sql(opened, `insert into t values ('new'); ${question}`)).toEqual([['new old']])
    const again = await open(original, true)
    expect(await sql(again, question)).toEqual([['old']])
    expect(opened.directory).toContain(path('data'))
  })

  it('of an instance is opened, by its own name', async () => {
    const made = await make()
    await sql(made, `create table t as select 'mine' as x`)
    await client.call('instance.stop', { instanceId: made.id })
    const place = path('moved')
    cpSync(join(path('data'), 'instances', made.id), place, { recursive: true })
    await client.call('instance.delete', { instanceId: made.id })
    const opened = await carry('instance.open', { directory: place, name: null, isCopied: false })
    expect([opened.name, await sql(opened, question)]).toEqual([made.name, [['mine']]])
  })

  it.each([
    ['is not there', { place: () => path('nowhere'), code: 'not-found', words: 'There is no directory' }],
    ['is no whole path', { place: () => 'some/where', code: 'invalid-argument', words: 'not a whole path' }],
    ['is empty', { place: () => folder('empty', {}), code: 'unsupported', words: 'holds no database' }],
    [
      'holds other files',
      { place: () => folder('photos', { 'a.jpg': 'x' }), code: 'unsupported', words: 'holds no database' },
    ],
    [
      'is of another version',
      {
        place: () => folder('old', { PG_VERSION: '16\n' }),
        code: 'unsupported',
        words: 'written by Postgres 16',
      },
    ],
    [
      'has lost its control file',
      { place: () => folder('broken', { PG_VERSION: '18\n' }), code: 'corrupt', words: 'global/pg_control' },
    ],
    ['is one that a server runs on', { place: served, code: 'in-use', words: 'runs on' }],
    [
      'is a file',
      {
        place: () => join(folder('files', { f: '' }), 'f'),
        code: 'invalid-argument',
        words: 'not a directory',
      },
    ],
  ])('is refused when it %s, and nothing is left', async (_, { place, code, words }) => {
    const before = await client.call('instance.list', null)
    for (const isCopied of [false, true]) {
      const error: unknown = await open(place(), isCopied).then(
        () => null,
        (reason: unknown) => reason,
      )
      expect(error).toMatchObject({ code, message: expect.stringContaining(words) })
    }
    expect(await client.call('instance.list', null)).toEqual(before)
  })

  function served(): string {
    const place = path('served')
    cpSync(original, place, { recursive: true })
    writeFileSync(join(place, 'postmaster.pid'), `${process.ppid}\n${place}\n`)
    return place
  }

  function folder(name: string, files: Readonly<Record<string, string>>): string {
    const place = path(name)
    mkdirSync(place, { recursive: true })
    chmodSync(place, 0o700)
    for (const [file, text] of Object.entries(files)) writeFileSync(join(place, file), text)
    return place
  }
})

describe('instances side by side', { timeout: slowMs }, () => {
  it('know nothing of each other, and go on when one of them crashes', async () => {
    const kinds = ['directory', 'memory', 'directory', 'memory', 'directory', 'memory'] as const
    const all = await Promise.all(kinds.map((kind) => make(kind)))
    const [doomed, ...others] = all
    if (!doomed) throw new Error('There are instances')
    await Promise.all(all.map((each) => sql(each, `create table mine as select '${each.name}' as name`)))
    const holding = await Promise.all(others.map((each) => Console.open(client, each.id, 'holder')))
    for (const session of holding)
      await session.run('begin; insert into mine values ($$open$$)', { mode: 'script' })
    const rows = (name: string): (string | null)[][] => [[name], ['open']]
    const crashing = await Console.open(client, doomed.id, 'crashing')
    // Recursion that Postgres's own check does not see ends V8's stack.
    const [statement] = (await crashing.run(`select repeat('[', 10000000)::json`)).statements
    expect(statement?.outcome?.error?.code).toBe('engine-crashed')
    for (const [index, session] of holding.entries()) {
      const seen = await session.run('select name from mine')
      expect(seen.statements[0]?.rows).toEqual(rows(others[index]?.name ?? ''))
      await session.run('commit')
    }
    expect(await sql(doomed, 'select name from mine')).toEqual([[doomed.name]])
    for (const each of others) expect(await sql(each, 'select name from mine')).toEqual(rows(each.name))
  })
})
