/**
 * The samples of the host or of one instance: the last ones in memory, all of them in the store, a chunk at a time.
 * What cannot be stored stays in memory as long as there is room. Knows no metric's meaning.
 */

import { ChunkBuilder, readChunks } from './sample-chunk.ts'
import type { SeriesFold } from './series-fold.ts'

/** A chunk that is not added to any more. */
export interface SealedChunk {
  readonly startMs: number
  readonly endMs: number
  readonly buffer: ArrayBuffer
}

/** Where chunks are kept. Oldest first; what is out of the range of time may be among what is read. */
export interface SampleStore {
  append(seriesId: string, chunk: SealedChunk): Promise<void>
  /** Chunks one after the other, as many as are worth one answer; `nextMs` null: that was all. */
  read(
    seriesId: string,
    range: { readonly fromMs: number; readonly beforeMs: number },
  ): Promise<{ readonly buffer: ArrayBuffer; readonly nextMs: number | null }>
  oldestMs(seriesId: string): Promise<number | null>
}

/** Chunks in memory: an hour of seconds, some hundred kilobytes. */
const recentChunksMax = 60
/** A chunk is stored when it is that old, however few samples are in it. */
const chunkAgeMaxMs = 300_000

export class MetricSeries {
  readonly id: string
  readonly #store: SampleStore
  #recent: readonly SealedChunk[] = []
  #open = new ChunkBuilder()
  #lastMs = 0

  constructor(id: string, store: SampleStore) {
    this.id = id
    this.#store = store
  }

  /** A wall clock that was set back does not make samples go back in time. */
  async add(nowMs: number, values: ReadonlyMap<number, number>): Promise<void> {
    const atMs = Math.max(nowMs, this.#lastMs + 1)
    this.#lastMs = atMs
    this.#open.add(atMs, values)
    if (this.#open.isFull || atMs - this.#open.startMs >= chunkAgeMaxMs) await this.seal()
  }

  /** Stores what is gathered; rejects where it cannot be stored. */
  async seal(): Promise<void> {
    if (this.#open.count === 0) return
    const chunk = { startMs: this.#open.startMs, endMs: this.#lastMs, buffer: this.#open.encode() }
    this.#open = new ChunkBuilder()
    this.#recent = [...this.#recent, chunk].slice(-recentChunksMax)
    await this.#store.append(this.id, chunk)
  }

  async oldestMs(): Promise<number | null> {
    const recent = this.#recent[0]?.startMs ?? (this.#open.count > 0 ? this.#open.startMs : null)
    return (await this.#store.oldestMs(this.id)) ?? recent
  }

  /** Gives `fold` what there is of its range, a part at a time, so that nobody waits for long meanwhile. */
  async read(fold: SeriesFold, range: { readonly fromMs: number; readonly toMs: number }): Promise<void> {
    // As of now: what is sealed while the store is read is not read twice.
    const inMemory = this.#recent.map(({ buffer }) => buffer)
    if (this.#open.count > 0) inMemory.push(this.#open.encode())
    const memoryMs = this.#recent[0]?.startMs ?? (this.#open.count > 0 ? this.#open.startMs : Infinity)
    const beforeMs = Math.min(memoryMs, range.toMs + 1)
    let fromMs: number | null = range.fromMs
    while (fromMs !== null && fromMs < beforeMs) {
      const { buffer, nextMs }: { buffer: ArrayBuffer; nextMs: number | null } = await this.#store.read(
        this.id,
        { fromMs, beforeMs },
      )
      for (const chunk of readChunks(buffer)) fold.add(chunk)
      fromMs = nextMs
    }
    for (const buffer of inMemory) for (const chunk of readChunks(buffer)) fold.add(chunk)
  }
}
