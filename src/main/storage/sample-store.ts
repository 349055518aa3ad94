/**
 * Samples of the monitor, a compressed chunk a row, bounded by age and by bytes; and how the monitor is set.
 * Synchronous, for the storage worker. Knows no metric.
 */

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type Database from 'better-sqlite3'
import { integer, object, string, type Infer } from '../../contract/schema.ts'

/** What is kept of all series together, compressed; the oldest go first. */
export const sampleBytesMax = 256 << 20
/** One answer, uncompressed: two hours of seconds, which whoever asks works through in a few milliseconds. */
const answerBytesTarget = 1 << 20
/** A chunk says how long it is; what claims to be longer is damaged. */
const chunkBytesMax = 1 << 20
/** How often the bytes are counted: counting reads an index of all rows. */
const appendsPerCount = 32

const settingName = 'monitor'

export const chunkKeySchema = object({
  seriesId: string(64, 1),
  startMs: integer(0),
  endMs: integer(0),
  /** What ended before is removed, of all series. */
  keepFromMs: integer(0),
})

interface ChunkRow {
  readonly start_ms: number
  readonly bytes: Buffer
}

export class SampleChunkStore {
  readonly #database: Database.Database
  readonly #bytesMax: number
  #appendCount = 0

  constructor(database: Database.Database, bytesMax = sampleBytesMax) {
    this.#database = database
    this.#bytesMax = bytesMax
  }

  append({ seriesId, startMs, endMs, keepFromMs }: Infer<typeof chunkKeySchema>, chunk: ArrayBuffer): void {
    const bytes = zstdCompressSync(Buffer.from(chunk))
    this.#database
      .prepare(
        'INSERT OR REPLACE INTO sample_chunk (series_id, start_ms, end_ms, byte_count, bytes) VALUES (?, ?, ?, ?, ?)',
      )
      .run(seriesId, startMs, endMs, bytes.length, bytes)
    this.#database.prepare('DELETE FROM sample_chunk WHERE end_ms < ?').run(keepFromMs)
    this.#appendCount++
    if (this.#appendCount % appendsPerCount === 1) this.#bound()
  }

  /** Chunks that have something of the range, oldest first; `nextMs` where the next answer begins. */
  read(query: { readonly seriesId: string; readonly fromMs: number; readonly beforeMs: number }): {
    readonly buffer: ArrayBuffer
    readonly nextMs: number | null
  } {
    const rows = this.#database
      .prepare<[string, number, number], ChunkRow>(
        `SELECT start_ms, bytes FROM sample_chunk WHERE series_id = ? AND end_ms >= ? AND start_ms < ?
         ORDER BY start_ms`,
      )
      .iterate(query.seriesId, query.fromMs, query.beforeMs)
    const chunks: Buffer[] = []
    let byteCount = 0
    let nextMs: number | null = null
    for (const { start_ms: startMs, bytes } of rows) {
      if (byteCount >= answerBytesTarget) {
        nextMs = startMs
        break
      }
      const chunk = zstdDecompressSync(bytes, { maxOutputLength: chunkBytesMax })
      chunks.push(chunk)
      byteCount += chunk.length
    }
    const all = new Uint8Array(byteCount)
    let at = 0
    for (const chunk of chunks) {
      all.set(chunk, at)
      at += chunk.length
    }
    return { buffer: all.buffer, nextMs }
  }

  oldestMs(seriesId: string): number | null {
    const row = this.#database
      .prepare<[string], { oldest: number | null }>(
        'SELECT min(start_ms) AS oldest FROM sample_chunk WHERE series_id = ?',
      )
      .get(seriesId)
    return row?.oldest ?? null
  }

  /** As they were set; null: never. */
  getSettings(): string | null {
    const row = this.#database
      .prepare<[string], { value: string }>('SELECT value FROM setting WHERE name = ?')
      .get(settingName)
    return row?.value ?? null
  }

  setSettings(json: string): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)')
      .run(settingName, json)
  }

  #bound(): void {
    const row = this.#database
      .prepare<[], { bytes: number | null; rows: number }>(
        'SELECT sum(byte_count) AS bytes, count(*) AS rows FROM sample_chunk',
      )
      .get()
    const bytes = row?.bytes ?? 0
    if (!row || bytes <= this.#bytesMax) return
    // A tenth more than is too much, so that it is not done each time.
    const excess = (bytes - this.#bytesMax) / bytes + 0.1
    this.#database
      .prepare(
        `DELETE FROM sample_chunk WHERE rowid IN (SELECT rowid FROM sample_chunk ORDER BY end_ms LIMIT ?)`,
      )
      .run(Math.ceil(row.rows * excess))
  }
}
