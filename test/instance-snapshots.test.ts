/**
 * Snapshots of instances with real engines and files: what is committed comes back, in the same instance or another,
 * whatever stood in the way, and each going back can be undone.
 */

import { readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../src/base/clock.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import type { HostedInstance } from '../src/main/host/hosted-instance.ts'
import { InstanceCopies } from '../src/main/host/instance-copies.ts'
import { InstanceRegistry } from '../src/main/host/instance-registry.ts'
import { InstanceSnapshots } from '../src/main/host/instance-snapshots.ts'
import { SnapshotClient } from '../src/main/snapshots/snapshot-client.ts'
import { must, openTimeoutMs, testTemplatesDirectory, valueOf } from './support/engine-fixture.ts'
import { expectNoLeaks } from './support/leak-check.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const holder = { processId: process.pid, program: 'a test', startedAtMs: 0, endpoint: null }

describe('snapshots of instances', { timeout: openTimeoutMs * 3 }, () => {
  expectNoLeaks()
  const path = temporaryDirectory()
  const ends: (() => Promise<unknown> | void)[] = []
  let count = 0

  async function home(dataDirectory = path(`data-${count++}`)) {
    const clock = systemClock
    const factory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
    const instances = new InstanceRegistry({ dataDirectory, factory, holder, clock, log: silent })
    const files = new SnapshotClient()
    await instances.load()
    const copies = new InstanceCopies({ instances, factory, files, clock })
    const snapshots = new InstanceSnapshots({ instances, copies, files, clock, log: silent })
    const end = async (): Promise<void> => {
      await instances.end()
      await files.close()
      await factory.dispose()
      snapshots.dispose()
    }
    ends.push(end)
    return { dataDirectory, instances, snapshots, end }
  }

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function shop(instances: InstanceRegistry): Promise<HostedInstance> {
    const instance = await instances.add({ name: 'shop', storage: 'directory', withSample: false })
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

  const request = { reason: { kind: 'request' } } as const
  const look =
    `select (select count(*) from orders) || ' ' || (select count(*) from cache) || ' ' || ` +
    `nextval('numbers') || ' ' || encode(lo_get(4711), 'hex')`
  const all = '3000 500 2 010203'
  const orders = async (instance: HostedInstance): Promise<string | null> =>
    valueOf(await instance.engine(), `select coalesce(max(note), '-') from orders`)

  test('going back brings everything back, and going back from there undoes it', async () => {
    const { dataDirectory, instances, snapshots } = await home()
    const instance = await shop(instances)
    const first = await snapshots.take(instance.id, { ...request, label: 'before' })
    await must(await instance.engine(), 'drop table orders, cache')
    await must(await instance.engine(), 'select lo_unlink(4711)')
    await must(await instance.engine(), 'create table other (a int)')
    const { undo } = await snapshots.rewind(instance.id, first.id)
    expect(await valueOf(await instance.engine(), look)).toBe(all)
    await instance.stop()
    expect(await valueOf(await instance.engine(), 'select count(*)::text from cache')).toBe('500')
    const again = await snapshots.rewind(instance.id, undo?.id ?? '')
    expect(
      await valueOf(
        await instance.engine(),
        `select to_regclass('orders') is null and to_regclass('other') is not null`,
      ),
    ).toBe('t')
    await snapshots.rewind(instance.id, again.undo?.id ?? '')
    expect(await orders(instance)).toBe('order 999')
    const left = readdirSync(join(dataDirectory, 'instances', instance.id))
    expect(left.filter((name) => name.startsWith('data'))).toEqual(['data'])
    const { snapshots: list } = await snapshots.list(instance.id)
    expect(list.map(({ label, reason }) => label ?? reason.kind)).toEqual([
      'rewind',
      'rewind',
      'rewind',
      'before',
    ])
  })

  test('a snapshot becomes an instance of its own, also when the original has been changed or is in use', async () => {
    const { instances, snapshots } = await home()
    const instance = await shop(instances)
    const { id } = await snapshots.take(instance.id, request)
    await must(await instance.engine(), `update orders set note = 'x'`)
    const session = { title: 'Report' }
    instance.turns.request(session)
    const fork = instances.get((await snapshots.fork(instance.id, { snapshotId: id, name: 'fork' })).id)
    expect(await valueOf(await fork.engine(), look)).toBe(all)
    await must(await fork.engine(), 'truncate orders')
    expect(await orders(instance)).toBe('x')
    instance.turns.release(session, { inTransaction: false })
  })

  test('what clients commit meanwhile is in a snapshot as a whole or not at all', async () => {
    const { instances, snapshots } = await home()
    const instance = await shop(instances)
    const engine = await instance.engine()
    const writer = { title: 'a writer' }
    let isOver = false
    let round = 0
    const write = async (): Promise<void> => {
      while (!isOver) {
        const ticket = instance.turns.request(writer)
        while (!ticket.isGranted) await ticket.changed()
        await must(engine, `update orders set note = 'round ${String(++round).padStart(5, '0')}'`)
        instance.turns.release(writer, { inTransaction: false })
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const writing = write()
    const ids: string[] = []
    for (let index = 0; index < 4; index++) ids.push((await snapshots.take(instance.id, request)).id)
    isOver = true
    await writing
    const notes: string[] = []
    for (const [index, snapshotId] of ids.entries()) {
      const { id } = await snapshots.fork(instance.id, { snapshotId, name: `fork ${index}` })
      const fork = await instances.get(id).engine()
      expect(await valueOf(fork, 'select count(distinct note)::text from orders')).toMatch(/^(1|3000)$/)
      notes.push((await valueOf(fork, 'select max(note) from orders')) ?? '')
      await instances.get(id).stop()
    }
    expect(notes.toSorted()).toEqual(notes)
  })

  test('one with many tables costs little the second time', async () => {
    const { instances, snapshots } = await home()
    const instance = await shop(instances)
    const engine = await instance.engine()
    await must(
      engine,
      `do $$ begin for n in 1..300 loop execute 'create table t' || n || ' (a int)'; end loop; end $$`,
    )
    const first = await snapshots.take(instance.id, request)
    await must(engine, `update orders set note = 'x' where id = 7`)
    const second = await snapshots.take(instance.id, request)
    expect(second.addedBytes).toBeLessThan(first.addedBytes / 4)
    const { id } = await snapshots.fork(instance.id, { snapshotId: second.id, name: 'fork' })
    const fork = await instances.get(id).engine()
    expect(await valueOf(fork, `select count(*)::text from pg_class where relname ~ '^t\\d+$'`)).toBe('300')
  })

  test('a database that is damaged is put aside, and the snapshot takes its place', async () => {
    const { dataDirectory, instances, snapshots } = await home()
    const instance = await shop(instances)
    const { id } = await snapshots.take(instance.id, request)
    await instance.stop()
    rmSync(join(dataDirectory, 'instances', instance.id, 'data', 'global', 'pg_control'))
    await expect(instance.start()).rejects.toMatchObject({ code: 'corrupt' })
    const { undo, keptDirectory } = await snapshots.rewind(instance.id, id)
    expect(undo).toBeNull()
    expect(readdirSync(keptDirectory ?? '')).toContain('PG_VERSION')
    expect(await valueOf(await instance.engine(), look)).toBe(all)
  })

  test('a damaged snapshot changes nothing', async () => {
    const { dataDirectory, instances, snapshots } = await home()
    const instance = await shop(instances)
    const { id } = await snapshots.take(instance.id, request)
    const blocks = join(dataDirectory, 'instances', instance.id, 'snapshots', 'blocks')
    const [pack = ''] = readdirSync(blocks)
    truncateSync(join(blocks, pack), 1000)
    await expect(snapshots.verify(instance.id, id)).resolves.not.toEqual([])
    await expect(snapshots.rewind(instance.id, id)).rejects.toMatchObject({ code: 'corrupt' })
    expect(instance.describe().state).toBe('ready')
    expect(await orders(instance)).toBe('order 999')
    const next = await snapshots.take(instance.id, request)
    await expect(snapshots.verify(instance.id, next.id)).resolves.toEqual([])
  })

  test.each([
    ['before anything was moved', ['next'], 'now'],
    ['between the two moves', ['previous', 'next'], 'then'],
    ['before there was anything to move', ['previous'], 'now'],
  ])('a host that dies %s leaves the old state or the new one', async (_moment, there, expected) => {
    const first = await home()
    const instance = await shop(first.instances)
    const { id } = await first.snapshots.take(instance.id, request)
    await must(await instance.engine(), `update orders set note = 'now'`)
    const fork = await first.snapshots.fork(instance.id, { snapshotId: id, name: 'then' })
    await must(await first.instances.get(fork.id).engine(), `update orders set note = 'then'`)
    await first.end()
    ends.splice(0)
    const at = (...names: string[]): string => join(first.dataDirectory, 'instances', ...names)
    if (there.includes('next')) renameSync(at(fork.id, 'data'), at(instance.id, 'data.next'))
    if (there.includes('previous')) renameSync(at(instance.id, 'data'), at(instance.id, 'data.previous'))
    writeFileSync(at(instance.id, 'data.restoring'), '')
    const second = await home(first.dataDirectory)
    const again = second.instances.get(instance.id)
    expect(await orders(again)).toBe(expected)
    expect(readdirSync(at(instance.id)).filter((name) => name.startsWith('data'))).toEqual(['data'])
  })

  test('an instance in memory says what to do instead', async () => {
    const { instances, snapshots } = await home()
    const { id } = await instances.add({ name: 'm', storage: 'memory', withSample: false })
    await expect(snapshots.take(id, request)).rejects.toMatchObject({ code: 'unsupported' })
    await expect(snapshots.list(id)).resolves.toEqual({ snapshots: [], storedBytes: 0, problems: [] })
  })

  test('what is decided about snapshots is kept', async () => {
    const first = await home()
    const { id } = await shop(first.instances)
    const policy = { ...(await first.snapshots.policyOf(id)), budgetBytes: 1 << 20, before: 'all' } as const
    await first.snapshots.setPolicy(id, policy)
    await first.end()
    ends.splice(0)
    expect(await (await home(first.dataDirectory)).snapshots.policyOf(id)).toEqual(policy)
  })
})
