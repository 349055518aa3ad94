/**
 * What is counted of one shape and one caller: sums, the steps of its latencies, what went wrong. As numbers in one
 * array, because in fields they would be objects of their own, each in another line of the processor's cache.
 */

import { stepOf } from './latency-scale.ts'
import type { CallExample, ShapeDelta } from './statement-deltas.ts'
import { StepTable } from './step-table.ts'

/** Places of the sums; behind them are the last steps one by one, since a table would be looked at in another place. */
const places = {
  ...{ calls: 0, errors: 1, cacheHits: 2, rows: 3, bytes: 4, totalMs: 5, maxMs: 6, waitMs: 7 },
  recentSteps: 8,
} as const
/** A power of two. */
const recentMax = 64

/** Numbers of one call. */
export interface CountedCall {
  readonly ms: number
  readonly rows: number
  readonly bytes: number
  readonly waitMs: number
}

export class ShapeCounts {
  readonly #numbers = new Float64Array(places.recentSteps + recentMax)
  #steps: StepTable | null = null
  #errorCodes: Map<string, number> | null = null
  /** The slowest call that was kept. */
  example: CallExample | null = null

  addHit(): void {
    this.#add(places.cacheHits, 1)
  }

  /** Answers whether it is the slowest so far. */
  add({ ms, rows, bytes, waitMs }: CountedCall): boolean {
    const numbers = this.#numbers
    const calls = numbers[places.calls] ?? 0
    numbers[places.calls] = calls + 1
    this.#add(places.rows, rows)
    this.#add(places.bytes, bytes)
    this.#add(places.totalMs, ms)
    if (waitMs > 0) this.#add(places.waitMs, waitMs)
    const recent = calls & (recentMax - 1)
    numbers[places.recentSteps + recent] = stepOf(ms)
    if (recent === recentMax - 1) this.#fold(recentMax)
    if (calls > 0 && !(ms > (numbers[places.maxMs] ?? 0))) return false
    numbers[places.maxMs] = ms
    return true
  }

  addError(sqlState: string): void {
    this.#add(places.errors, 1)
    this.#errorCodes ??= new Map()
    this.#errorCodes.set(sqlState, (this.#errorCodes.get(sqlState) ?? 0) + 1)
  }

  /** All of it, to be handed over. Nothing is added any more. */
  toDelta({ key, caller }: Pick<ShapeDelta, 'key' | 'caller'>): ShapeDelta {
    const [calls = 0, errors = 0, cacheHits = 0, rows = 0] = this.#numbers
    const [bytes = 0, totalMs = 0, maxMs = 0, waitMs = 0] = this.#numbers.subarray(places.bytes)
    const steps = this.#fold(calls & (recentMax - 1)).pairs()
    return {
      ...{ key, caller, calls, errors, rows, bytes, cacheHits, totalMs, maxMs, waitMs },
      ...{ steps, errorCodes: this.#errorCodes, example: this.example },
    }
  }

  #add(place: number, more: number): void {
    const numbers = this.#numbers
    numbers[place] = (numbers[place] ?? 0) + more
  }

  /** The last steps go into the table. */
  #fold(count: number): StepTable {
    const table = (this.#steps ??= new StepTable())
    const { recentSteps } = places
    for (let at = recentSteps; at < recentSteps + count; at++) table.add(this.#numbers[at] ?? 0, 1)
    return table
  }
}
