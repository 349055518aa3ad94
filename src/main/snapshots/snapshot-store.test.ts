/**
 * A store on real files that only look like a database: what is stored once, given back, damaged, or left by a death.
 */

import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { openSync, closeSync, writeSync, existsSync, utimesSync } from 'node:fs'
import { createCipheriv } from 'node:crypto'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { present } from '../../base/assert.ts'
import type { Snapshot } from '../../contract/snapshot.ts'
import { blockBytes } from './block-store.ts'
import { readManifest, writeManifest } from './manifest.ts'
import { SnapshotStore, type TakeRequest } from './snapshot-store.ts'
import { checkImage, writeImage } from './write-image.ts'

describe('SnapshotStore', () => {
  const path = temporaryDirectory()
  const { signal } = new AbortController()
  let count = 0
  let data = ''
  let directory = ''
  let nowMs = 1_000

  beforeEach(() => {
    data = path(`data-${count}`)
    directory = path(`store-${count++}`)
    mkdirSync(join(data, 'global'), { recursive: true })
    mkdirSync(join(data, 'base', '5'), { recursive: true })
    mkdirSync(join(data, 'pg_wal'))
    // A control file of a database that was shut down, whose log is at the beginning of its second segment.
    const control = Buffer.alloc(8192)
    control.writeUInt32LE(1, 16)
    control.writeBigUInt64LE(0x1000028n, 32)
    control.writeBigUInt64LE(0x1000028n, 40)
    control.writeUInt32LE(1, 48)
    writeFileSync(join(data, 'global', 'pg_control'), control)
    writeFileSync(join(data, 'PG_VERSION'), '18\n')
  })

  const put = (name: string, bytes: Uint8Array | string): void => writeFileSync(join(data, name), bytes)
  const noise = (length: number, seed: number): Buffer =>
    createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length))

  async function finish<R>(work: AsyncGenerator<unknown, R, void>): Promise<R> {
    for (;;) {
      const step = await work.next()
      if (step.done === true) return step.value
    }
  }

  const take = (store: SnapshotStore, request: Partial<TakeRequest> = {}): Promise<Snapshot> =>
    finish(
      store.take(
        {
          ...{ data, position: null, takenAtMs: (nowMs += 1_000), label: null },
          ...{ reason: { kind: 'schedule' }, serverVersion: null, engineVersion: null, bytesMax: null },
          ...request,
        },
        signal,
      ),
    )

  async function restore(store: SnapshotStore, { id }: Snapshot): Promise<string> {
    const to = path(`restored-${count++}`)
    await finish(writeImage(to, { ...store.source(id), signal }))
    return to
  }

  /** As of the last change; what was changed just now is never taken for unchanged. */
  function age(store: string): void {
    for (const name of readdirSync(store, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.snapshot')) continue
      const [head = '', files = ''] = readFileSync(join(store, name), 'utf8').split('\n')
      const later = JSON.stringify({ ...JSON.parse(head), readAtMs: Date.now() + 60_000 })
      writeFileSync(join(store, name), `${later}\n${files}\n`)
    }
  }

  test('what has not changed takes no room, and each snapshot comes back as it was', async () => {
    const first = noise(3 * blockBytes + 17, 1)
    put('base/5/100', first)
    put('base/5/200', Buffer.alloc(10 * blockBytes))
    const store = new SnapshotStore(directory)
    const one = await take(store)
    const second = Buffer.from(first)
    second[blockBytes + 5] = 7
    put('base/5/100', second)
    const two = await take(store)
    expect(one.addedBytes).toBeGreaterThan(3 * blockBytes)
    expect(two.addedBytes).toBeLessThan(blockBytes + 100)
    expect(two.byteCount).toBe(one.byteCount)
    const again = new SnapshotStore(directory)
    expect(again.list().snapshots.map(({ id }) => id)).toEqual([two.id, one.id])
    for (const [snapshot, bytes] of [
      [one, first],
      [two, second],
    ] as const) {
      const to = await restore(again, snapshot)
      expect(readFileSync(join(to, 'base/5/100')).equals(bytes)).toBe(true)
      expect(statSync(join(to, 'base/5/200')).size).toBe(10 * blockBytes)
    }
  })

  test('a file that is as it was is not opened again', async () => {
    put('base/5/100', noise(blockBytes, 1))
    await take(new SnapshotStore(directory))
    age(directory)
    const store = new SnapshotStore(directory)
    rmSync(join(data, 'PG_VERSION'))
    // The same length, and no file that could be read.
    const last = await take(store)
    expect(last.addedBytes).toBe(0)
    writeFileSync(join(data, 'base/5/100'), noise(blockBytes, 2))
    utimesSync(join(data, 'base/5/100'), 1, 1)
    expect((await take(store)).addedBytes).toBeGreaterThan(0)
  })

  test('a file that was changed about when it was read is read again, although it looks the same', async () => {
    put('base/5/100', noise(blockBytes, 1))
    const store = new SnapshotStore(directory)
    await take(store, { takenAtMs: Date.now() })
    const changed = noise(blockBytes, 2)
    put('base/5/100', changed)
    // As if the file system's clock had not moved on between the two.
    const list = join(
      directory,
      present(
        readdirSync(directory).find((name) => name.endsWith('.snapshot')),
        'the list',
      ),
    )
    const manifest = readManifest(list)
    const changedAtNs = String(statSync(join(data, 'base/5/100'), { bigint: true }).ctimeNs)
    const files = manifest.files.map((file) => (file.name === 'base/5/100' ? { ...file, changedAtNs } : file))
    writeManifest(list, { ...manifest, files })
    const again = new SnapshotStore(directory)
    const second = await take(again, { takenAtMs: Date.now() + 60_000 })
    expect(readFileSync(join(await restore(again, second), 'base/5/100')).equals(changed)).toBe(true)
  })

  test('of the log only what recovery reads is kept', async () => {
    put('pg_wal/000000010000000000000001', noise(16 << 20, 3))
    put('pg_wal/000000010000000000000002', noise(16 << 20, 4))
    const store = new SnapshotStore(directory)
    const snapshot = await take(store)
    expect(snapshot.addedBytes).toBeLessThan(2 * blockBytes)
    const to = await restore(store, snapshot)
    expect(readdirSync(join(to, 'pg_wal'))).toEqual(['000000010000000000000001'])
    const restored = readFileSync(join(to, 'pg_wal/000000010000000000000001'))
    const original = readFileSync(join(data, 'pg_wal/000000010000000000000001'))
    expect(restored.length).toBe(16 << 20)
    expect(restored.subarray(0, 65_536).equals(original.subarray(0, 65_536))).toBe(true)
  })

  test('what only deleted snapshots need is given back, and the others stay whole', async () => {
    const store = new SnapshotStore(directory)
    const snapshots: Snapshot[] = []
    for (let round = 0; round < 6; round++) {
      put('base/5/100', noise(4 * blockBytes, round))
      put(`base/5/${200 + round}`, noise(blockBytes, 100 + round))
      snapshots.push(await take(store))
    }
    const before = store.list().storedBytes
    store.remove([0, 1, 3].map((index) => snapshots[index]?.id ?? ''))
    expect(store.list().storedBytes).toBeLessThan(before * 0.7)
    for (const snapshot of [2, 4, 5].map((index) => snapshots[index])) {
      if (!snapshot) throw new Error('a snapshot')
      expect(await finish(checkImage({ ...store.source(snapshot.id), signal }))).toEqual({ damaged: [] })
    }
    expect(
      await finish(checkImage({ ...new SnapshotStore(directory).source(snapshots[5]?.id ?? ''), signal })),
    ).toEqual({ damaged: [] })
  })

  test('beyond the budget the oldest go, those with a label last, the newest never', async () => {
    const store = new SnapshotStore(directory)
    const labels = ['a', null, null, 'b', null, null]
    const ids: string[] = []
    for (const [round, label] of labels.entries()) {
      put('base/5/100', noise(8 * blockBytes, round))
      ids.push((await take(store, { label })).id)
    }
    const left = (budgetBytes: number): number[] => {
      store.prune(budgetBytes)
      return store.list().snapshots.map(({ id }) => ids.indexOf(id))
    }
    expect(left(2 ** 40)).toEqual([5, 4, 3, 2, 1, 0])
    expect(left(45 * blockBytes)).toEqual([5, 4, 3, 2, 0])
    expect(left(26 * blockBytes)).toEqual([5, 3, 0])
    expect(left(1)).toEqual([5])
    expect(store.list().storedBytes).toBeLessThan(10 * blockBytes)
  })

  test('a damaged block is named with its file, and healed by the next snapshot', async () => {
    put('base/5/100', noise(3 * blockBytes, 1))
    const store = new SnapshotStore(directory)
    const snapshot = await take(store)
    const [pack = ''] = readdirSync(join(directory, 'blocks'))
    const descriptor = openSync(join(directory, 'blocks', pack), 'r+')
    writeSync(descriptor, Buffer.alloc(5000, 1), 0, 5000, blockBytes + 1000)
    closeSync(descriptor)
    expect(await finish(checkImage({ ...store.source(snapshot.id), signal }))).toEqual({
      damaged: ['base/5/100'],
    })
    const to = path('never')
    await expect(finish(writeImage(to, { ...store.source(snapshot.id), signal }))).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('base/5/100'),
    })
    expect(existsSync(to)).toBe(false)
    const next = await take(store)
    expect(await finish(checkImage({ ...store.source(next.id), signal }))).toEqual({ damaged: [] })
    expect(await finish(checkImage({ ...store.source(snapshot.id), signal }))).toEqual({ damaged: [] })
  })

  test('a damaged list or pack is told of, and the other snapshots are there', async () => {
    const store = new SnapshotStore(directory)
    put('base/5/100', noise(blockBytes, 1))
    const one = await take(store)
    put('base/5/100', noise(blockBytes, 2))
    const two = await take(store)
    appendFileSync(join(directory, 'blocks', 'broken.pack'), 'nothing')
    writeFileSync(join(directory, `${one.id}.snapshot`), 'nothing\n')
    const { snapshots, problems } = new SnapshotStore(directory).list()
    expect(snapshots).toEqual([two])
    expect(problems).toHaveLength(2)
  })

  test('what a death has left half written is removed, and nothing else', async () => {
    put('base/5/100', noise(blockBytes, 1))
    const one = await take(new SnapshotStore(directory))
    writeFileSync(join(directory, 'blocks', 'dead.pack.part'), 'half')
    writeFileSync(join(directory, 'dead.snapshot.part'), 'half')
    const store = new SnapshotStore(directory)
    expect(readdirSync(directory).toSorted()).toEqual([`${one.id}.snapshot`, 'blocks'].toSorted())
    expect(readdirSync(join(directory, 'blocks'))).toHaveLength(1)
    expect(store.list()).toMatchObject({ snapshots: [one], problems: [] })
  })

  test('a cancelled one leaves nothing, and so does one of a database that is too large', async () => {
    put('base/5/100', noise(64 * blockBytes, 1))
    const store = new SnapshotStore(directory)
    const abort = new AbortController()
    const taking = store.take(
      {
        ...{ data, position: null, takenAtMs: 1, label: null, bytesMax: null },
        ...{ reason: { kind: 'request' }, serverVersion: null, engineVersion: null },
      },
      abort.signal,
    )
    await taking.next()
    abort.abort()
    await expect(finish(taking)).rejects.toMatchObject({ code: 'cancelled' })
    await expect(take(store, { bytesMax: 1 << 20 })).rejects.toMatchObject({ code: 'limit-exceeded' })
    expect(readdirSync(join(directory, 'blocks'))).toEqual([])
    expect(store.list()).toEqual({ snapshots: [], storedBytes: 0, problems: [] })
  })

  test.each([
    ['its blocks', 'writeSync'],
    ['its list', 'writeFileSync'],
    ['what makes it durable', 'fsyncSync'],
  ] as const)('a disk that is full while it writes %s leaves everything as it was', async (_what, call) => {
    put('base/5/100', noise(64 * blockBytes, 1))
    const store = new SnapshotStore(directory)
    const one = await take(store)
    put('base/5/100', noise(64 * blockBytes, 2))
    const before = readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted()
    const original = fs[call]
    Object.assign(fs, {
      [call]: () => {
        throw Object.assign(new Error(`ENOSPC: no space left on device, ${call}`), { code: 'ENOSPC' })
      },
    })
    syncBuiltinESMExports()
    try {
      await expect(take(store)).rejects.toMatchObject({ code: 'disk-full' })
    } finally {
      Object.assign(fs, { [call]: original })
      syncBuiltinESMExports()
    }
    expect(readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted()).toEqual(before)
    expect(store.list().snapshots).toEqual([one])
    const two = await take(store)
    expect(await finish(checkImage({ ...store.source(one.id), signal }))).toEqual({ damaged: [] })
    expect(await finish(checkImage({ ...store.source(two.id), signal }))).toEqual({ damaged: [] })
  })

  test('a label is kept', async () => {
    const store = new SnapshotStore(directory)
    const { id } = await take(store)
    store.label(id, 'release 4')
    expect(new SnapshotStore(directory).list().snapshots[0]?.label).toBe('release 4')
    expect(() => store.label('other', null)).toThrow('There is no such snapshot')
  })
})
