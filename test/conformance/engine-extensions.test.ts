/**
 * Goal: every extension that is offered can be made and used, in memory and on disk, is there after a restart, and
 * leaves sessions apart. Method: one statement for each that only its own code answers; the list of files against the
 * archives themselves.
 */

import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { afterAll, describe, expect, it } from 'vitest'
import { present } from '../../src/base/assert.ts'
import type { Engine, EngineFactory } from '../../src/main/engine/engine.ts'
import { availableExtensions } from '../../src/main/engine/pglite/extensions/available-extensions.ts'
import { installedArchives } from '../../src/main/engine/pglite/extensions/extension-bundle.ts'
import { indexedBundles } from '../../src/main/engine/pglite/extensions/generated/extension-index.ts'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import { openTimeoutMs, run, testTemplatesDirectory } from '../support/engine-fixture.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** One engine does all of them, on a machine that may be busy. */
const slowMs = 300_000

/** What only the extension's own code answers, and the answer. */
const uses: Readonly<Record<string, readonly [sql: string, answer: string]>> = {
  age: [`select count(*) from ag_catalog.ag_graph`, '0'],
  amcheck: [`select bt_index_check('pg_class_oid_index'::regclass)::text`, ''],
  autoinc: [`select 'autoinc()'::regprocedure::text`, 'autoinc()'],
  bloom: [`create table b(x int); create index on b using bloom(x)`, ''],
  btree_gin: [`create table g(x int); create index on g using gin(x)`, ''],
  btree_gist: [`select (1 <-> 4)::text`, '3'],
  citext: [`select ('Ab'::citext = 'aB')::text`, 'true'],
  cube: [`select cube(array[1,2])::text`, '(1, 2)'],
  dict_int: [`select ts_lexize('intdict', '12345678')::text`, '{123456}'],
  dict_xsyn: [`select ts_lexize('xsyn', 'word')::text is null`, 't'],
  earthdistance: [`select (earth() > 6000000)::text`, 'true'],
  file_fdw: [`create server files foreign data wrapper file_fdw`, ''],
  fuzzystrmatch: [`select levenshtein('kitten', 'sitting')::text`, '3'],
  hstore: [`select ('a=>1'::hstore -> 'a')::text`, '1'],
  insert_username: [`select 'insert_username()'::regprocedure::text`, 'insert_username()'],
  intarray: [`select sort(array[3,1,2])::text`, '{1,2,3}'],
  isn: [`select isbn('978-0-393-04002-9')::text`, '0-393-04002-X'],
  lo: [`select lo_oid(1::oid::lo)::text`, '1'],
  ltree: [`select nlevel('a.b.c')::text`, '3'],
  moddatetime: [`select 'moddatetime()'::regprocedure::text`, 'moddatetime()'],
  pageinspect: [`select (page_header(get_raw_page('pg_class', 0))).pagesize::text`, '8192'],
  pg_buffercache: [`select (count(*) > 100)::text from pg_buffercache`, 'true'],
  pg_freespacemap: [`select (count(*) > 0)::text from pg_freespace('pg_class')`, 'true'],
  pg_hashids: [`select id_encode(1001)`, 'jNl'],
  pg_ivm: [`create table v(x int); select pgivm.create_immv('vs', 'select x from v')::text`, '0'],
  pg_logicalinspect: [`select 'pg_get_logical_snapshot_meta(text)'::regprocedure is not null`, 't'],
  pg_stat_statements: [`select (count(*) > 0)::text from pg_stat_statements`, 'true'],
  pg_surgery: [`create table s(x int); select heap_force_freeze('s', array[]::tid[])::text`, ''],
  pg_textsearch: [`create table t(x text); create index on t using bm25(x) with (text_config = english)`, ''],
  pg_trgm: [`select similarity('word', 'word')::text`, '1'],
  pg_uuidv7: [`select uuid_timestamptz_to_v7('epoch', true)::text`, '00000000-0000-7000-8000-000000000000'],
  pg_visibility: [`select (count(*) > 0)::text from pg_visibility_map('pg_class')`, 'true'],
  pg_walinspect: [
    `select (count(*) > 0)::text from pg_get_wal_records_info(
       (select checkpoint_lsn from pg_control_checkpoint()), pg_current_wal_lsn())`,
    'true',
  ],
  pgcrypto: [`select encode(digest('abc', 'md5'), 'hex')`, '900150983cd24fb0d6963f7d28e17f72'],
  pgtap: [`select pg_typeof(pgtap_version())::text`, 'numeric'],
  refint: [`select 'check_primary_key()'::regprocedure::text`, 'check_primary_key()'],
  seg: [`select seg_size('1..3')::text`, '2'],
  tablefunc: [`select count(*)::text from normal_rand(3, 1, 1)`, '3'],
  tcn: [`select 'triggered_change_notification()'::regprocedure is not null`, 't'],
  tsm_system_rows: [`select count(*)::text from pg_class tablesample system_rows(5)`, '5'],
  tsm_system_time: [`select (count(*) >= 0)::text from pg_class tablesample system_time(1)`, 'true'],
  unaccent: [`select unaccent('Hôtel')`, 'Hotel'],
  'uuid-ossp': [`select uuid_generate_v3(uuid_nil(), 'x')::text`, '994dd741-fd45-34a7-84b1-58e239395734'],
  vector: [`select ('[1,2]'::vector <-> '[1,5]')::text`, '3'],
}

const factory: EngineFactory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
const offered = availableExtensions()
const preloaded = offered.filter(({ needsPreload }) => needsPreload).map(({ name }) => name)
const pathFor = temporaryDirectory()
afterAll(() => factory.dispose())

/** Runs statements; answers the last one's first cell, or its error. */
async function last(engine: Engine, sql: string): Promise<string> {
  let answer = ''
  for (const statement of sql.split('; ')) {
    const { outcome, rows } = await run(engine, statement)
    if (outcome.error) return outcome.error.message
    answer = rows[0]?.[0] ?? ''
  }
  return answer
}

async function use(engine: Engine, make: boolean): Promise<Record<string, string>> {
  const answers: Record<string, string> = {}
  for (const { name } of offered) {
    const made = make ? await last(engine, `create extension if not exists "${name}" cascade`) : ''
    const [sql = ''] = uses[name] ?? []
    answers[name] = made === '' ? await last(engine, sql) : made
  }
  return answers
}

const expected = Object.fromEntries(offered.map(({ name }) => [name, uses[name]?.[1]]))

describe('extensions', () => {
  it('are each made and used in memory', { timeout: slowMs }, async () => {
    const engine = await factory.open({ directory: null, durability: 'durable', extensions: preloaded })
    expect(await use(engine, true)).toEqual(expected)
    await engine.close()
  })

  it('are there after a restart on disk', { timeout: slowMs }, async () => {
    const options = { directory: pathFor('kept'), durability: 'relaxed', extensions: preloaded } as const
    const first = await factory.open(options)
    const kept = ['hstore', 'vector', 'pgcrypto', 'pg_trgm', 'uuid-ossp', 'pg_stat_statements', 'ltree']
    for (const name of kept) expect(await last(first, `create extension "${name}"`)).toBe('')
    await last(first, `create table kept as select 'a=>1'::hstore as h, '[1,2]'::vector as v`)
    await first.close()
    const again = await factory.open({ ...options, mustExist: true })
    for (const name of kept)
      expect([name, await last(again, uses[name]?.[0] ?? '')]).toEqual([name, uses[name]?.[1]])
    expect(await last(again, `select (h -> 'a') || v::text from kept`)).toBe('1[1,2]')
    await again.close()
  })

  it('leave the settings of sessions apart', { timeout: openTimeoutMs }, async () => {
    const engine = await factory.open({ directory: null, durability: 'durable' })
    await last(engine, 'create extension pg_trgm')
    const open = (): ReturnType<Engine['openSession']> =>
      engine.openSession({ role: 'postgres', settings: [] })
    const [one, other] = [await open(), await open()]
    await run(one, `select set_config('pg_trgm.similarity_threshold', '0.9', false), similarity('a', 'b')`)
    await run(one, `create temp table mine as select 'x' as x`)
    const threshold = `select current_setting('pg_trgm.similarity_threshold'), ('word' % 'words')::text`
    expect((await run(other, threshold)).rows).toEqual([['0.3', 'true']])
    expect((await run(one, threshold)).rows).toEqual([['0.9', 'false']])
    expect((await run(other, 'select * from mine')).outcome.error?.sql?.code).toBe('42P01')
    one.dispose()
    other.dispose()
    await engine.close()
  })

  it('that must be loaded at the start say so where they are not', { timeout: openTimeoutMs }, async () => {
    const engine = await factory.open({ directory: null, durability: 'durable' })
    const { notices, outcome } = await run(engine, 'create extension pg_stat_statements')
    expect(outcome.error).toBeNull()
    expect(notices.map(({ hint }) => hint)).toEqual([expect.stringContaining('wardian extension NAME')])
    await engine.close()
  })

  it('that there are not say why', { timeout: openTimeoutMs }, async () => {
    const engine = await factory.open({ directory: null, durability: 'durable' })
    const { error } = (await run(engine, 'create extension postgis')).outcome
    expect([error?.sql?.code, error?.message]).toEqual([
      '0A000',
      expect.stringContaining('built for PGlite 0.5.8'),
    ])
    await engine.close()
  })

  it('lie in their archives where the list says', { timeout: slowMs }, async () => {
    const archives = installedArchives()
    for (const bundle of indexedBundles) {
      const path = present(archives.get(bundle.name), bundle.name)
      const bytes = await unpacked(path)
      for (const [name, offset, byteCount, text] of bundle.files) {
        expect([name, text ?? null]).toEqual([
          name,
          name.endsWith('.control') ? bytes.files.get(name)?.toString('utf8') : null,
        ])
        const same = bytes.whole
          .subarray(offset, offset + byteCount)
          .equals(present(bytes.files.get(name), name))
        expect([name, same]).toEqual([name, true])
      }
      expect(bytes.whole.length).toBe(bundle.byteCount)
    }
  })
})

/** An archive as a library reads it: all of it, and each file. */
async function unpacked(path: string): Promise<{ whole: Buffer; files: ReadonlyMap<string, Buffer> }> {
  const whole = await gathered(Readable.from([readFileSync(path)]).pipe(createGunzip()))
  const files = new Map<string, Buffer>()
  const entries = Readable.from([whole]).pipe(extract())
  for await (const entry of entries as AsyncIterable<{ readonly header: { readonly name: string } }>) {
    files.set(entry.header.name, await gathered(entry))
  }
  return { whole, files }
}

async function gathered(stream: unknown): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces)
}
