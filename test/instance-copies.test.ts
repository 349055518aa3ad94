/**
 * Copies of instances while they run and while they do not, with real engines and files: each starts by itself with
 * what was committed, and the original is as it was.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../src/base/clock.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import type { HostedInstance } from '../src/main/host/hosted-instance.ts'
import { InstanceCopies } from '../src/main/host/instance-copies.ts'
import { InstanceRegistry } from '../src/main/host/instance-registry.ts'
import { SnapshotClient } from '../src/main/snapshots/snapshot-client.ts'
import { must, openTimeoutMs, run, testTemplatesDirectory, valueOf } from './support/engine-fixture.ts'
import { expectNoLeaks } from './support/leak-check.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const holder = { processId: process.pid, program: 'a test', startedAtMs: 0, endpoint: null }

describe('copies of instances', { timeout: openTimeoutMs * 3 }, () => {
  expectNoLeaks()
  const path = temporaryDirectory()
  const ends: (() => Promise<unknown>)[] = []
  let count = 0

  async function home() {
    const dataDirectory = path(`data-${count++}`)
    const clock = systemClock
    const factory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
    const instances = new InstanceRegistry({ dataDirectory, factory, holder, clock, log: silent })
    const files = new SnapshotClient()
    ends.push(
      () => factory.dispose(),
      () => files.close(),
      () => instances.end(),
    )
    await instances.load()
    const copies = new InstanceCopies({ instances, factory, files, clock })
    return { dataDirectory, factory, files, instances, copies }
  }

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function shop(
    instances: InstanceRegistry,
    storage: 'memory' | 'directory' = 'directory',
  ): Promise<HostedInstance> {
    const instance = await instances.add({ name: 'shop', storage, withSample: false })
    const engine = await instance.engine()
    await must(engine, 'create table orders (id int primary key, note text)')
    await must(engine, `insert into orders select n, 'order ' || n from generate_series(1, 3000) n`)
    await must(engine, 'create unlogged table cache (a int primary key)')
    await must(engine, 'insert into cache select generate_series(1, 500)')
    await must(engine, 'create sequence numbers')
    await must(engine, `select nextval('numbers')`)
    await must(engine, `select lo_from_bytea(4711, '\\x010203'::bytea)`)
    return instance
  }

  const look =
    `select (select count(*) from orders) || ' ' || (select count(*) from cache) || ' ' || ` +
    `nextval('numbers') || ' ' || encode(lo_get(4711), 'hex')`
  const all = '3000 500 2 010203'

  test('one of a running instance has everything that is committed, unlogged tables included', async () => {
    const { dataDirectory, instances, copies } = await home()
    const source = await shop(instances)
    const { id } = await copies.fork(source.id, 'fork')
    const fork = instances.get(id)
    // As after a shutdown: nothing is recovered.
    const control = readFileSync(join(dataDirectory, 'instances', id, 'data', 'global', 'pg_control'))
    expect(control.readUInt32LE(16)).toBe(1)
    const engine = await fork.engine()
    expect(await valueOf(engine, look)).toBe(all)
    await must(engine, 'drop table orders')
    expect(await valueOf(await source.engine(), look)).toBe(all)
    await fork.stop()
    expect(await valueOf(await fork.engine(), 'select count(*)::text from cache')).toBe('500')
    expect(readdirSync(join(dataDirectory, 'incoming'))).toEqual([])
    expect(
      readdirSync(join(dataDirectory, 'instances', id)).filter((name) => name.includes('aside')),
    ).toEqual([])
  })

  test('one of a stopped instance does not start it, and all sizes are known without a start', async () => {
    const { dataDirectory, factory, instances, copies } = await home()
    const source = await shop(instances)
    await source.stop()
    const { id } = await copies.fork(source.id, 'fork')
    expect(source.describe().state).toBe('stopped')
    const sizes = instances.list().map(({ sizeBytes }) => sizeBytes)
    expect(sizes.every((bytes) => bytes !== null && bytes > 2 ** 20)).toBe(true)
    const later = new InstanceRegistry({ dataDirectory, factory, holder, clock: systemClock, log: silent })
    await later.load()
    expect(later.list().map(({ sizeBytes }) => sizeBytes)).toEqual(sizes)
    await later.end()
    expect(await valueOf(await instances.get(id).engine(), look)).toBe(all)
  })

  test('one of an instance in memory lies on disk', async () => {
    const { instances, copies } = await home()
    const source = await shop(instances, 'memory')
    const { id, storage } = await copies.fork(source.id, 'fork')
    expect(storage).toBe('directory')
    expect(await valueOf(await instances.get(id).engine(), look)).toBe(all)
  })

  test('who has the instance is waited for and named; what is cancelled meanwhile leaves nothing', async () => {
    const { dataDirectory, instances, copies } = await home()
    const source = await shop(instances)
    const other = { title: 'Report' }
    source.turns.request(other)
    const abort = new AbortController()
    const holders: string[] = []
    const forking = copies.fork(source.id, 'fork', {
      signal: abort.signal,
      onWait: (name) => {
        holders.push(name)
        abort.abort()
      },
    })
    await expect(forking).rejects.toMatchObject({ code: 'cancelled' })
    expect(holders).toEqual(['Report'])
    expect(instances.list().map(({ name }) => name)).toEqual(['shop'])
    expect(readdirSync(join(dataDirectory, 'incoming'))).toEqual([])
    source.turns.release(other, { inTransaction: false })
    await expect(copies.fork(source.id, 'shop')).rejects.toMatchObject({ code: 'already-exists' })
    expect((await copies.fork(source.id, 'fork')).name).toBe('fork')
  })

  test('what is written while a copy waits or is made is whole, and in it or not', async () => {
    const { instances, copies } = await home()
    const source = await shop(instances)
    const engine = await source.engine()
    const writer = { title: 'a writer' }
    let isOver = false
    let written = 0
    const write = async (): Promise<void> => {
      while (!isOver) {
        const ticket = source.turns.request(writer)
        while (!ticket.isGranted) await ticket.changed()
        await must(engine, `update orders set note = 'round ${++written}'`)
        source.turns.release(writer, { inTransaction: false })
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const writing = write()
    const ids: string[] = []
    for (const name of ['one', 'two', 'three']) ids.push((await copies.fork(source.id, name)).id)
    isOver = true
    await writing
    for (const id of ids) {
      const copy = await instances.get(id).engine()
      expect(await valueOf(copy, 'select count(distinct note)::text from orders')).toMatch(/^1$|^3000$/)
    }
  })

  test('files that nobody has settled are copied with their log, as after a crash', async () => {
    const { dataDirectory, factory, files, instances } = await home()
    const source = await shop(instances)
    const to = join(dataDirectory, 'copy')
    const from = join(dataDirectory, 'instances', source.id, 'data')
    expect(await files.run('files.copy', { from, to, position: null })).toMatchObject({
      hasSetAside: false,
    })
    const engine = await factory.open({ directory: to, durability: 'durable', mustExist: true })
    expect((await run(engine, 'select count(*)::text from orders')).rows).toEqual([['3000']])
    expect((await run(engine, 'select count(*)::text from cache')).rows).toEqual([['0']])
    await engine.close()
  })
})
