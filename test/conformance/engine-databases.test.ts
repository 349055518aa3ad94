/**
 * The databases that SQL is told of: the engine's own by its name, others beside it, and nothing of it for programs
 * that open the directory otherwise.
 */

import { PGlite } from '@electric-sql/pglite'
import { describe, expect, test } from 'vitest'
import type { Engine, EngineDatabases } from '../../src/main/engine/engine.ts'
import { engineFactories, engineFixture, must, openTimeoutMs, valueOf } from '../support/engine-fixture.ts'

const databases: EngineDatabases = {
  own: 'Café "shop"',
  others: [
    { name: 'postgres', owner: null },
    { name: `it's other`, owner: 'app' },
  ],
}
const listSql = `select string_agg(datname, ',' order by datname collate "C") from pg_database`
const all = { own: databases.own, list: `Café "shop",it's other,postgres,template0,template1` }

/** As any program does that knows nothing of this one. */
async function asPlainProgram<T>(directory: string, run: (pglite: PGlite) => Promise<T>): Promise<T> {
  const pglite = await PGlite.create(directory)
  try {
    return await run(pglite)
  } finally {
    await pglite.close()
  }
}

/** By each index, by what Postgres keeps of rows, and all of them. */
async function namesOf(engine: Engine): Promise<unknown> {
  const own = await valueOf(engine, 'select current_database()::text')
  await must(engine, 'set enable_seqscan = off')
  for (const column of ['oid = 5', 'datname = current_database()']) {
    expect(await valueOf(engine, `select datname::text from pg_database where ${column}`)).toBe(own)
  }
  await must(engine, 'reset enable_seqscan')
  return { own, list: await valueOf(engine, listSql) }
}

async function plainNames(directory: string): Promise<unknown> {
  return asPlainProgram(directory, async (pglite) => {
    const { rows } = await pglite.query(`select current_database() c, (${listSql}) l`)
    return rows[0]
  })
}
const plain = { c: 'postgres', l: 'postgres,template0,template1' }

describe.each(engineFactories)('databases of $name', { timeout: openTimeoutMs }, ({ create }) => {
  const { directory, open } = engineFixture(create())

  test.each(['memory', 'directory'])(
    'an instance has its name, and others beside it, in %s',
    async (place) => {
      const engine = await open({ directory: place === 'memory' ? null : directory(), databases })
      expect(await namesOf(engine)).toEqual(all)
      await must(engine, 'create role app')
      engine.setDatabases({ own: databases.own, others: [{ name: 'third', owner: 'app' }] })
      expect(await namesOf(engine)).toEqual({
        own: databases.own,
        list: `Café "shop",template0,template1,third`,
      })
      const owner = `select pg_get_userbyid(datdba)::text from pg_database where datname = 'third'`
      expect(await valueOf(engine, owner)).toBe('app')
      engine.setDatabases({ own: 'third', others: [] })
      expect(await namesOf(engine)).toEqual({ own: 'third', list: 'template0,template1,third' })
    },
  )

  test('a name waits for the end of a transaction', async () => {
    const engine = await open({ databases })
    await must(engine, 'begin')
    engine.setDatabases({ own: 'later', others: [] })
    expect(await valueOf(engine, 'select current_database()::text')).toBe(databases.own)
    await must(engine, 'commit')
    expect(await valueOf(engine, 'select current_database()::text')).toBe('later')
  })

  test('other programs find the directory as it was, also after a crash', async () => {
    const home = directory()
    const options = { directory: home, durability: 'durable', databases } as const
    const first = await open(options)
    await must(first, 'create table kept (n int)')
    await must(first, 'grant create on database "Café ""shop""" to public')
    await first.discard()
    expect(await plainNames(home)).toEqual(plain)
    const second = await open(options)
    expect(await namesOf(second)).toEqual(all)
    expect(await valueOf(second, `select to_regclass('kept')::text`)).toBe('kept')
    const rights = `select has_database_privilege('pg_monitor', current_database(), 'CREATE')::text`
    expect(await valueOf(second, rights)).toBe('true')
    await second.close()
    expect(await plainNames(home)).toEqual(plain)
  })

  test.each(['vacuum full', 'vacuum full pg_database', 'reindex table pg_database', 'reindex system'])(
    '%s keeps both',
    async (command) => {
      const home = directory()
      const options = { directory: home, durability: 'durable', databases } as const
      const engine = await open(options)
      await must(engine, 'create role app')
      await must(engine, 'grant create on database "Café ""shop""" to app')
      await must(engine, command)
      expect(await namesOf(engine)).toEqual(all)
      await must(engine, command)
      await must(engine, 'vacuum full pg_authid')
      expect(await namesOf(engine)).toEqual(all)
      await engine.discard()
      expect(await plainNames(home)).toEqual(plain)
      const again = await open(options)
      expect(await namesOf(again)).toEqual(all)
      const rights = `select has_database_privilege('app', current_database(), 'CREATE')::text`
      expect(await valueOf(again, rights)).toBe('true')
      await again.close()
      expect(await plainNames(home)).toEqual(plain)
    },
  )

  test('a directory whose own database has the name already is opened, and put right', async () => {
    const home = directory()
    const options = { directory: home, durability: 'durable', databases } as const
    await (await open(options)).close()
    await asPlainProgram(home, (pglite) =>
      pglite.query('update pg_database set datname = $1 where oid = 5', [databases.own]),
    )
    const engine = await open(options)
    expect(await namesOf(engine)).toEqual(all)
    await engine.close()
    expect(await plainNames(home)).toEqual(plain)
  })

  test('a copy has the name too', async () => {
    const engine = await open({ directory: directory(), databases })
    const snapshot = await engine.snapshot({ known: null, bytesMax: 1 << 30 })
    const copy = await open({ snapshot, databases: { own: 'copy', others: [] } })
    expect(await namesOf(copy)).toEqual({ own: 'copy', list: 'copy,template0,template1' })
    expect(await namesOf(engine)).toEqual(all)
  })

  test('names that Postgres would cut, and those of templates, harm nothing', async () => {
    const long = 'ä'.repeat(40)
    const others = ['template1', long, `${long}ö`, 'a'].map((name) => ({ name, owner: null }))
    const engine = await open({ databases: { own: 'template0', others } })
    expect(await namesOf(engine)).toEqual({
      own: 'postgres',
      list: `a,postgres,template0,template1,${'ä'.repeat(31)}`,
    })
  })
})
