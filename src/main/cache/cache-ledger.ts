/** What an instance's cache has been good for: counts, the rate over time, and what was thrown out. Bounded. */

import type { Clock } from '../../base/clock.ts'
import {
  cachePointsMax,
  cacheRemovalsMax,
  type CacheCounts,
  type CachePoint,
  type CacheRemoval,
  type CacheRemovalReason,
} from '../../contract/cache.ts'
import type { KeptResult } from './kept-result.ts'

/** 360 of them are an hour. */
export const cachePointMs = 10_000

const evictions: ReadonlySet<CacheRemovalReason> = new Set(['room', 'age'])
const invalidations: ReadonlySet<CacheRemovalReason> = new Set(['write', 'schema', 'unsure', 'engine'])

export class CacheLedger {
  readonly #clock: Clock
  readonly #removals: CacheRemoval[] = []
  readonly #points: { atMs: number; hits: number; misses: number }[] = []
  readonly #counts = { hits: 0, misses: 0, stored: 0, refused: 0, evicted: 0, invalidated: 0, savedMs: 0 }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get counts(): CacheCounts {
    return { ...this.#counts }
  }

  get overTime(): CachePoint[] {
    return this.#points.map((point) => ({ ...point }))
  }

  /** The last one first. */
  get removals(): CacheRemoval[] {
    return this.#removals.toReversed()
  }

  noteHit(savedMs: number): void {
    this.#counts.hits += 1
    this.#counts.savedMs += savedMs
    this.#point().hits += 1
  }

  noteMiss(): void {
    this.#counts.misses += 1
    this.#point().misses += 1
  }

  noteStored(): void {
    this.#counts.stored += 1
  }

  noteRefused(): void {
    this.#counts.refused += 1
  }

  noteRemoval(result: KeptResult, reason: CacheRemovalReason, relations: readonly string[]): void {
    if (evictions.has(reason)) this.#counts.evicted += 1
    if (invalidations.has(reason)) this.#counts.invalidated += 1
    const { statement, hits } = result
    this.#removals.push({ statement, atMs: this.#clock.nowMs(), reason, relations, hits })
    if (this.#removals.length > cacheRemovalsMax) this.#removals.shift()
  }

  #point(): { hits: number; misses: number } {
    const atMs = Math.floor(this.#clock.nowMs() / cachePointMs) * cachePointMs
    const last = this.#points.at(-1)
    if (last?.atMs === atMs) return last
    const point = { atMs, hits: 0, misses: 0 }
    this.#points.push(point)
    if (this.#points.length > cachePointsMax) this.#points.shift()
    return point
  }
}
