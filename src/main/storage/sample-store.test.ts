/** The store of samples in a real file: what is read, what goes by its age, and what goes for want of room. */

import { randomBytes } from 'node:crypto'
import type Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { openDatabaseFile } from './database-file.ts'
import { SampleChunkStore } from './sample-store.ts'

const chunkBytes = 4_096
const bytesMax = 64 * chunkBytes
const all = { seriesId: 'host', fromMs: 0, beforeMs: Number.MAX_SAFE_INTEGER }

describe('SampleChunkStore', () => {
  const path = temporaryDirectory()
  let count = 0
  let database: Database.Database
  let store: SampleChunkStore
  beforeEach(() => {
    database = openDatabaseFile(path(`samples-${count++}.db`), 'now').database
    store = new SampleChunkStore(database, bytesMax)
  })
  afterEach(() => database.close())

  /** Of a minute, with bytes that cannot be made shorter. */
  function append(minute: number, { seriesId = 'host', keepFromMs = 0, bytes = chunkBytes } = {}): void {
    const key = { seriesId, startMs: minute * 60_000, endMs: minute * 60_000 + 59_000, keepFromMs }
    store.append(key, new Uint8Array(randomBytes(bytes)).buffer)
  }
  const keptBytes = (): number =>
    database.prepare<[], number>('SELECT total(byte_count) FROM sample_chunk').pluck().get() ?? 0

  it('stays within its bytes, and lets go of the oldest of all series first', () => {
    const seriesIds = ['host', 'i1', 'i2']
    let most = 0
    for (let minute = 0; minute < 400; minute += 1) {
      append(minute, { seriesId: seriesIds[minute % 3] ?? 'host' })
      most = Math.max(most, keptBytes())
    }
    // It is counted each 32 times, and a chunk is a little longer than its samples.
    expect(most).toBeLessThan(bytesMax + 34 * (chunkBytes + 100))
    const oldest = seriesIds.map((seriesId) => (store.oldestMs(seriesId) ?? 0) / 60_000)
    expect(Math.max(...oldest) - Math.min(...oldest)).toBeLessThanOrEqual(2)
    expect(Math.min(...oldest)).toBeGreaterThan(400 - 64 - 34)
    expect(store.read({ ...all, fromMs: 399 * 60_000 }).buffer.byteLength).toBe(chunkBytes)
  })

  it('lets go of what ended before it is to be kept, of all series', () => {
    for (let minute = 0; minute < 10; minute += 1) append(minute)
    append(0, { seriesId: 'i1' })
    append(10, { keepFromMs: 5 * 60_000 })
    expect(store.oldestMs('host')).toBe(5 * 60_000)
    expect(store.oldestMs('i1')).toBeNull()
  })

  it('answers in parts of about a megabyte, which together are everything', () => {
    const roomy = new SampleChunkStore(database)
    const large = 300_000
    for (let minute = 0; minute < 9; minute += 1) {
      const key = { seriesId: 'host', startMs: minute, endMs: minute, keepFromMs: 0 }
      roomy.append(key, new Uint8Array(randomBytes(large)).buffer)
    }
    const sizes: number[] = []
    for (let fromMs: number | null = 0; fromMs !== null;) {
      const { buffer, nextMs } = roomy.read({ ...all, fromMs })
      sizes.push(buffer.byteLength)
      fromMs = nextMs
    }
    expect(sizes).toEqual([4 * large, 4 * large, large])
  })
})
