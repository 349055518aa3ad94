/**
 * Goal: whatever happens to a whole database, what was kept of it is true or gone: going back, restoring into it,
 * copying into it, restarts and ends of its engine, extensions, and copies of it. Method: one host and one instance on
 * disk, and a statement that is kept before each of these and asked again after it.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import type { CacheState } from '../src/contract/cache.ts'
import type { Instance } from '../src/contract/instance.ts'
import { wholeDatabase } from '../src/contract/transfer.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { connect, Console, type WorkbenchClient } from './support/client-fixture.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const options = { isOn: true, bytesMax: 3 << 20, ageMaxMs: null }
const counting = 'select count(*) from items'
/** Recursion that Postgres's own check does not see ends V8's stack, and so the WebAssembly. */
const abortingSql = `select repeat('[', 10000000)::json`

describe('what was kept of a database', { timeout: openTimeoutMs * 2 }, () => {
  const path = temporaryDirectory()
  const made: { host?: WorkbenchHost; client?: WorkbenchClient; shopId?: string } = {}
  const client = (): WorkbenchClient => present(made.client, 'a client')
  const shopId = (): string => present(made.shopId, 'an instance')
  const state = (): Promise<CacheState> => client().call('cache.state', { instanceId: shopId() })

  beforeAll(async () => {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    made.host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock, log, cacheDurationMinMs: 0 },
    })
    made.client = connect(made.host)
    made.shopId = (await create('shop', 'directory')).id
    await run('create table items (id int); insert into items select generate_series(1, 3)')
  }, openTimeoutMs)
  afterAll(async () => {
    made.client?.dispose()
    await made.host?.stop()
  })

  async function create(name: string, storage: 'directory' | 'memory'): Promise<Instance> {
    const instance = await client().call('instance.create', { name, storage, withSample: false })
    await client().call('cache.setOptions', { instanceId: instance.id, options })
    return instance
  }

  async function run(script: string, instanceId = shopId()): Promise<string[]> {
    const console = await Console.open(client(), instanceId, 'writer')
    try {
      return await console.script(script)
    } finally {
      await console.close()
    }
  }

  /** What a session that has just begun is answered, and whether that was kept. */
  async function ask(instanceId = shopId()): Promise<{ isHit: boolean; value: string | null | undefined }> {
    const console = await Console.open(client(), instanceId, 'reader')
    try {
      const [statement] = (await console.run(counting)).statements
      const outcome = present(statement?.outcome, 'an outcome')
      expect(outcome.error).toBeNull()
      return { isHit: outcome.cached !== undefined, value: statement?.rows[0]?.[0] }
    } finally {
      await console.close()
    }
  }

  /** Runs it until it is answered from what was kept. */
  async function keep(): Promise<string | null | undefined> {
    await expect.poll(async () => (await ask()).isHit, { timeout: openTimeoutMs }).toBe(true)
    return (await ask()).value
  }

  async function finish<Result>(
    stream: AsyncIterable<unknown> & { result: Promise<Result> },
  ): Promise<Result> {
    for await (const _ of stream) void _
    return stream.result
  }

  it('is gone when the database goes back to a snapshot, and again when that is undone', async () => {
    const instanceId = shopId()
    const { id } = await finish(client().stream('snapshot.take', { instanceId, label: null }))
    await run('insert into items values (4)')
    expect(await keep()).toBe('4')
    const { undo } = await finish(client().stream('snapshot.rewind', { instanceId, snapshotId: id }))
    expect(await ask()).toEqual({ isHit: false, value: '3' })
    expect(await keep()).toBe('3')
    const snapshotId = present(undo, 'a way back').id
    await finish(client().stream('snapshot.rewind', { instanceId, snapshotId }))
    expect(await ask()).toEqual({ isHit: false, value: '4' })
  })

  it('is gone when a dump is restored into the database', async () => {
    const before = Number(await keep())
    const uploadId = 'dump'
    const target = { kind: 'instance', instanceId: shopId() } as const
    const owner = { noOwner: true, noPrivileges: true }
    const stream = client().stream('transfer.restore', { uploadId, bytesTotal: null, target, ...owner })
    const restoring = finish(stream)
    const buffer = Uint8Array.from(Buffer.from('copy items from stdin;\n7\n8\n\\.\n')).buffer
    await client().call('transfer.upload', { uploadId, isLast: false }, { buffers: [buffer] })
    await client().call('transfer.upload', { uploadId, isLast: true })
    await restoring
    expect(await ask()).toEqual({ isHit: false, value: String(before + 2) })
    expect((await state()).removals[0]).toMatchObject({ reason: 'write', relations: ['items'] })
  })

  it('is gone when another database is copied into it', async () => {
    const source = { kind: 'instance', instanceId: (await create('source', 'memory')).id } as const
    await run('create table items (id int); insert into items values (1), (2), (3)', source.instanceId)
    await run('truncate items')
    expect(await keep()).toBe('0')
    const target = { kind: 'instance', instanceId: shopId() } as const
    const scope = { ...wholeDatabase, content: 'data', tables: ['items'] } as const
    await finish(client().stream('transfer.copy', { source, target, scope }))
    expect(await ask()).toEqual({ isHit: false, value: '3' })
  })

  it('is gone when an extension is added', async () => {
    await keep()
    await client().call('extension.add', { instanceId: shopId(), name: 'citext' })
    expect((await ask()).isHit).toBe(false)
    expect((await state()).removals[0]).toMatchObject({ reason: 'schema' })
  })

  it('is gone when the engine has ended by itself, with all that was not committed', async () => {
    const value = await keep()
    const crashed = new Promise((resolve) => client().on('instance.didCrash', resolve))
    expect(await run(`begin; delete from items; ${abortingSql}`)).toContain('failed')
    await crashed
    expect((await state()).entries).toEqual([])
    expect((await state()).removals[0]).toMatchObject({ reason: 'engine' })
    expect(await ask()).toEqual({ isHit: false, value })
    expect(await keep()).toBe(value)
  })

  it('is gone when the engine is started again, and so are counts that its statistics began with', async () => {
    const value = await keep()
    await client().call('instance.stop', { instanceId: shopId() })
    await client().call('instance.start', { instanceId: shopId() })
    expect(await ask()).toEqual({ isHit: false, value })
  })

  it('is not of a copy of the database, whether it was forked, or exported and imported', async () => {
    const value = await keep()
    const instanceId = shopId()
    const file = path('shop.wardian')
    await finish(client().stream('instance.export', { instanceId, file, mayReplace: false }))
    const forked = await finish(
      client().stream('snapshot.fork', { instanceId, snapshotId: null, name: 'forked' }),
    )
    const imported = await finish(client().stream('instance.import', { file, name: 'imported' }))
    for (const copy of [forked, imported]) {
      await client().call('cache.setOptions', { instanceId: copy.id, options })
      await client().call('instance.start', { instanceId: copy.id })
      await run('insert into items values (99)', copy.id)
      expect(await ask(copy.id)).toEqual({ isHit: false, value: String(Number(value) + 1) })
    }
    expect((await ask()).value).toBe(value)
  })

  it('is gone when the database was deleted and taken back', async () => {
    const value = await keep()
    await client().call('instance.delete', { instanceId: shopId() })
    await client().call('instance.restore', { instanceId: shopId() })
    expect(await state()).toMatchObject({ options, entries: [] })
    expect(await ask()).toEqual({ isHit: false, value })
  })
})
