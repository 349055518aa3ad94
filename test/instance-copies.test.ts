/**
 * Copies of instances while they run and while they do not, with real engines and files: each starts by itself with
 * what was committed, and the original is as it was.
 */

import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../src/base/clock.ts'
import type { NamesOf, ParamsOf, ResultOf } from '../src/contract/contract-table.ts'
import { defaultInstanceOptions } from '../src/contract/instance-options.ts'
import type { EngineOptions } from '../src/main/engine/engine.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import type { HostedInstance } from '../src/main/host/hosted-instance.ts'
import { InstanceCopies } from '../src/main/host/instance-copies.ts'
import { InstanceRegistry } from '../src/main/host/instance-registry.ts'
import { SnapshotClient } from '../src/main/snapshots/snapshot-client.ts'
import type { SnapshotContract } from '../src/main/snapshots/snapshot-contract.ts'
import { must, openTimeoutMs, run, testTemplatesDirectory, valueOf } from './support/engine-fixture.ts'
import { expectNoLeaks } from './support/leak-check.ts'
import { ScriptedEngineFactory } from './support/scripted-engine.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const holder = { processId: process.pid, program: 'a test', startedAtMs: 0, endpoint: null }

/** Puts nothing on disk before it is told how that ends. */
class HeldFiles extends SnapshotClient {
  readonly #asked = Promise.withResolvers<void>()
  readonly #end = Promise.withResolvers<void>()
  readonly asked = this.#asked.promise

  release(): void {
    this.#end.resolve()
  }

  fail(error: Error): void {
    this.#end.reject(error)
  }

  override async call<N extends NamesOf<SnapshotContract, 'call'>>(
    name: N,
    params: ParamsOf<SnapshotContract[N]>,
  ): Promise<ResultOf<SnapshotContract[N]>> {
    if (name === 'files.sync') {
      this.#asked.resolve()
      await this.#end.promise
    }
    return super.call(name, params)
  }
}

describe('copies of instances', { timeout: openTimeoutMs * 3 }, () => {
  expectNoLeaks()
  const path = temporaryDirectory()
  const ends: (() => Promise<unknown>)[] = []
  let count = 0

  async function home(files = new SnapshotClient()) {
    const dataDirectory = path(`data-${count++}`)
    const clock = systemClock
    const factory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
    const instances = new InstanceRegistry({ dataDirectory, factory, holder, clock, log: silent })
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

  /** What a host finds that is started on the files as they are now. */
  async function namesAfterDeath(dataDirectory: string): Promise<string[]> {
    const left = path(`left-${count++}`)
    cpSync(dataDirectory, left, { recursive: true })
    const factory = new ScriptedEngineFactory()
    const options = { dataDirectory: left, factory, holder, clock: systemClock, log: silent }
    const after = new InstanceRegistry(options)
    expect(await after.load()).toEqual([])
    const names = after.list().map(({ name }) => name)
    expect(readdirSync(join(left, 'instances'))).toHaveLength(names.length)
    await after.end()
    return names
  }

  test('one that starts while it is put on disk is nobody’s before that, and then whole', async () => {
    const files = new HeldFiles()
    const { dataDirectory, instances, copies } = await home(files)
    const source = await shop(instances)
    const forking = copies.forkStarted(source.id, 'fork')
    await files.asked
    expect(instances.list().map(({ name }) => name)).toEqual(['shop'])
    expect(await namesAfterDeath(dataDirectory)).toEqual(['shop'])
    files.release()
    const { id, state, sizeBytes } = await forking
    expect(state).toBe('ready')
    expect(sizeBytes).toBeGreaterThan(2 ** 20)
    expect(await namesAfterDeath(dataDirectory)).toEqual(['shop', 'fork'])
    expect(await valueOf(await instances.get(id).engine(), look)).toBe(all)
  })

  test('one that cannot be put on disk leaves nothing, and does not run', async () => {
    const files = new HeldFiles()
    const { dataDirectory, instances, copies } = await home(files)
    const source = await shop(instances)
    const forking = copies.forkStarted(source.id, 'fork')
    await files.asked
    files.fail(new Error('the disk is broken'))
    await expect(forking).rejects.toThrow('the disk is broken')
    expect(instances.list().map(({ name }) => name)).toEqual(['shop'])
    expect(readdirSync(join(dataDirectory, 'instances'))).toEqual([source.id])
  })

  test('one that has to come to rest first is opened with the options of its instance', async () => {
    const { dataDirectory, factory, files, instances } = await home()
    const source = await shop(instances)
    await (await source.engine()).settleFiles({ known: null, skipsEmpty: false })
    const to = join(dataDirectory, 'copy')
    const from = join(dataDirectory, 'instances', source.id, 'data')
    // The log does not end there, so the copy cannot count as shut down.
    const copied = await files.run('files.copy', { from, to, position: '0/1' })
    expect(copied.hasSetAside).toBe(true)
    const seen: EngineOptions[] = []
    const watched = {
      engine: factory.engine,
      prepare: () => undefined,
      dispose: () => factory.dispose(),
      open: (options: EngineOptions) => factory.open((seen.push(options), options)),
    } as const
    const settings = [{ name: 'work_mem', value: '8MB' }]
    const copies = new InstanceCopies({ instances, files, clock: systemClock, factory: watched })
    await copies.settleUnlogged(to, { ...defaultInstanceOptions, settings })
    expect(seen).toMatchObject([{ directory: to, durability: 'relaxed', settings }])
    const engine = await factory.open({ directory: to, durability: 'durable', mustExist: true })
    expect(await valueOf(engine, 'select count(*)::text from cache')).toBe('500')
    await engine.close()
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
