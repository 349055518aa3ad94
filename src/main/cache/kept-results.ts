/**
 * The results that an instance keeps, within a bound of bytes: whoever was used longest ago goes first. Knows neither
 * Postgres nor why a result is not true any more.
 */

import { randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { cacheEntriesMax, type CacheEntry, type CacheRemovalReason } from '../../contract/cache.ts'
import type { CacheLedger } from './cache-ledger.ts'
import { KeptResult, shownNames, type ResultToKeep } from './kept-result.ts'

/** One result gets no more than this part of all, so that it does not throw out everybody. */
const resultShare = 1 / 4

export class KeptResults {
  readonly #clock: Clock
  readonly #ledger: CacheLedger
  /** In the order of their last use. */
  readonly #results = new Map<string, KeptResult>()
  /** How many results there are of a text. */
  readonly #texts = new Map<string, number>()
  #bytes = 0
  #bytesMax: number

  constructor(options: { readonly clock: Clock; readonly ledger: CacheLedger; readonly bytesMax: number }) {
    this.#clock = options.clock
    this.#ledger = options.ledger
    this.#bytesMax = options.bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#results.size
  }

  /** What one result may take. */
  get resultBytesMax(): number {
    return Math.floor(this.#bytesMax * resultShare)
  }

  setBytesMax(bytesMax: number): void {
    this.#bytesMax = bytesMax
    this.#makeRoom()
  }

  /** Whether anything is kept of that text, for whomever. */
  hasText(textKey: string): boolean {
    return this.#texts.has(textKey)
  }

  /** Oids of everything that what is kept was read from. */
  get relations(): Set<number> {
    const found = new Set<number>()
    for (const { relations } of this.#results.values()) for (const oid of relations.keys()) found.add(oid)
    return found
  }

  /** The result under `key`, unless it is older than `ageMaxMs`; it counts as used. */
  use(key: string, ageMaxMs: number | null): KeptResult | null {
    const found = this.#results.get(key)
    if (!found) return null
    if (ageMaxMs !== null && this.#clock.nowMs() - found.storedAtMs > ageMaxMs) {
      this.#remove(found, 'age')
      return null
    }
    this.#results.delete(key)
    this.#results.set(key, found)
    return found
  }

  /** Keeps it in the place of what was there; false where it is too large. */
  keep(result: ResultToKeep): boolean {
    const kept = new KeptResult(randomUUID(), result, this.#clock.nowMs())
    this.remove(result.key, 'refresh')
    if (kept.bytes > this.resultBytesMax) return false
    this.#results.set(kept.key, kept)
    this.#texts.set(kept.textKey, (this.#texts.get(kept.textKey) ?? 0) + 1)
    this.#bytes += kept.bytes
    this.#makeRoom()
    this.#ledger.noteStored()
    return true
  }

  remove(key: string, reason: CacheRemovalReason): void {
    const found = this.#results.get(key)
    if (found) this.#remove(found, reason)
  }

  removeEntry(entryId: string, reason: CacheRemovalReason): void {
    const found = [...this.#results.values()].find((result) => result.entryId === entryId)
    if (found) this.#remove(found, reason)
  }

  /** Everything that was read from one of these. */
  removeReaders(changed: ReadonlySet<number>): void {
    for (const result of [...this.#results.values()]) {
      const read = [...result.relations].filter(([oid]) => changed.has(oid)).map(([, name]) => name)
      if (read.length > 0) this.#remove(result, 'write', shownNames(read))
    }
  }

  clear(reason: CacheRemovalReason): void {
    for (const result of [...this.#results.values()]) this.#remove(result, reason)
  }

  /** Those used last first. */
  describe(): CacheEntry[] {
    return [...this.#results.values()].toReversed().map((result) => result.describe())
  }

  #remove(result: KeptResult, reason: CacheRemovalReason, relations: readonly string[] = []): void {
    this.#results.delete(result.key)
    const others = (this.#texts.get(result.textKey) ?? 1) - 1
    if (others === 0) this.#texts.delete(result.textKey)
    else this.#texts.set(result.textKey, others)
    this.#bytes -= result.bytes
    this.#ledger.noteRemoval(result, reason, relations)
  }

  #makeRoom(): void {
    for (const result of [...this.#results.values()]) {
      if (this.#bytes <= this.#bytesMax && this.#results.size <= cacheEntriesMax) return
      this.#remove(result, 'room')
    }
  }
}
