/**
 * How many latencies fell on each step of the scale: counted, added up, read as percentiles, and packed into few
 * bytes. Knows neither where they come from nor where they are kept.
 */

import { histogramBarsMax } from '../../contract/statistics.ts'
import { latencySteps, stepMiddleMs, stepOf, stepStartMs } from './latency-scale.ts'

/** A bar of a histogram that is shown. */
export interface LatencyBar {
  readonly fromMs: number
  readonly toMs: number
  readonly count: number
}

export class LatencyHistogram {
  readonly #counts = new Map<number, number>()
  #total = 0

  get total(): number {
    return this.#total
  }

  add(ms: number): void {
    this.addSteps(stepOf(ms), 1)
  }

  addSteps(step: number, count: number): void {
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + count)
    this.#total += count
  }

  /** Steps and counts one after the other, as many as there are. */
  addPairs(pairs: ArrayLike<number>): void {
    for (let at = 0; at + 1 < pairs.length; at += 2) this.addSteps(pairs[at] ?? 0, pairs[at + 1] ?? 0)
  }

  /** As addPairs takes them, by step. */
  pairs(): number[] {
    return this.#sorted().flat()
  }

  /**
   * The latencies at or under which lie each of `shares` (0 to 1, ascending), by the nearest rank; no more than
   * `maxMs`, which is known exactly. Zeros when it is empty.
   */
  percentiles(shares: readonly number[], maxMs: number): number[] {
    const sorted = this.#sorted()
    let index = 0
    let seen = sorted[0]?.[1] ?? 0
    return shares.map((share) => {
      const rank = Math.max(1, Math.ceil(share * this.#total))
      while (seen < rank && index + 1 < sorted.length) seen += sorted[++index]?.[1] ?? 0
      const [step] = sorted[index] ?? []
      return step === undefined ? 0 : Math.min(stepMiddleMs(step), maxMs)
    })
  }

  /** As few bars as can be shown, of equal ratio; empty ones are left out. */
  bars(): LatencyBar[] {
    const sorted = this.#sorted()
    const first = sorted[0]?.[0] ?? 0
    const last = sorted.at(-1)?.[0] ?? 0
    const width = Math.max(1, 2 ** Math.ceil(Math.log2((last - first + 1) / (histogramBarsMax - 1))))
    const counts = new Map<number, number>()
    for (const [step, count] of sorted) {
      const start = step - (step % width)
      counts.set(start, (counts.get(start) ?? 0) + count)
    }
    return [...counts].map(([start, count]) => ({
      ...{ fromMs: stepStartMs(start), count },
      toMs: stepStartMs(Math.min(start + width, latencySteps)),
    }))
  }

  /** Variable-length numbers: distance to the step before, count. */
  pack(): Uint8Array {
    const bytes: number[] = []
    let before = 0
    for (const [step, count] of this.#sorted()) {
      pushNumber(bytes, step - before)
      pushNumber(bytes, count)
      before = step
    }
    return Uint8Array.from(bytes)
  }

  /** Adds what `pack` has made. */
  addPacked(bytes: Uint8Array): void {
    const reader = new NumberReader(bytes)
    let step = 0
    while (reader.hasMore) {
      step += reader.next()
      this.addSteps(step, reader.next())
    }
  }

  #sorted(): [step: number, count: number][] {
    return [...this.#counts].sort(([a], [b]) => a - b)
  }
}

/** LEB128: seven bits a byte, the lowest first; the eighth says that more follow. */
function pushNumber(bytes: number[], value: number): void {
  let left = value
  while (left >= 128) {
    bytes.push((left % 128) | 128)
    left = Math.floor(left / 128)
  }
  bytes.push(left)
}

class NumberReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length
  }

  next(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.#bytes[this.#at++] ?? 0
      value += (byte & 127) * factor
      if (byte < 128) return value
      factor *= 128
    }
  }
}
