/**
 * Folds samples into as many points as are wanted: of each stretch of time the least and the greatest of every
 * metric, in the order in which they came, so that no spike is lost. Knows no store and no metric's meaning.
 */

import type { Chunk, ChunkColumn } from './sample-chunk.ts'

export interface FoldOptions {
  readonly fromMs: number
  readonly toMs: number
  readonly pointsMax: number
  /** Numbers of metrics, in the order of the answer. */
  readonly metrics: readonly number[]
}

export interface FoldedSeries {
  readonly pointCount: number
  readonly buffer: ArrayBuffer
}

/** They become points within some milliseconds. */
const bucketsPerPart = 10_000

/** So many times the usual distance without a sample is a gap. */
const usualDistances = 5

export class SeriesFold {
  readonly #options: FoldOptions
  readonly #bucketCount: number
  readonly #widthMs: number
  readonly #firstMs: Float64Array
  readonly #lastMs: Float64Array
  readonly #counts: Uint32Array
  readonly #extremes: readonly Extremes[]
  #sampleCount = 0
  /** Between samples, as in the chunk where they were furthest apart. */
  #distanceMs = 0

  constructor(options: FoldOptions) {
    this.#options = options
    const { fromMs, toMs, pointsMax, metrics } = options
    this.#bucketCount = Math.max(1, Math.floor(pointsMax / 2))
    this.#widthMs = Math.max(1, (toMs - fromMs + 1) / this.#bucketCount)
    this.#firstMs = new Float64Array(this.#bucketCount)
    this.#lastMs = new Float64Array(this.#bucketCount)
    this.#counts = new Uint32Array(this.#bucketCount)
    this.#extremes = metrics.map(() => new Extremes(this.#bucketCount))
  }

  get sampleCount(): number {
    return this.#sampleCount
  }

  /** In order of time. Samples out of the range are left out. */
  add({ startMs, offsets, columns }: Pick<Chunk, 'startMs' | 'offsets' | 'columns'>): void {
    const { fromMs, toMs, metrics } = this.#options
    const buckets = new Int32Array(offsets.length)
    const spanMs = offsets.at(-1) ?? 0
    if (offsets.length > 1) this.#distanceMs = Math.max(this.#distanceMs, spanMs / (offsets.length - 1))
    offsets.forEach((offset, at) => {
      const atMs = startMs + offset
      const bucket = atMs < fromMs || atMs > toMs ? -1 : this.#bucketOf(atMs)
      buckets[at] = bucket
      if (bucket < 0) return
      this.#sampleCount++
      if (this.#counts[bucket] === 0) this.#firstMs[bucket] = atMs
      this.#lastMs[bucket] = atMs
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    })
    metrics.forEach((number, index) => {
      const column = columns.get(number)
      if (column !== undefined) this.#extremes[index]?.add(buckets, column)
    })
  }

  /** Times, then each metric, as the contract has them. A stretch without samples between others is one of NaN. */
  finish(): FoldedSeries {
    const finishing = this.finishInParts()
    for (;;) {
      const { done, value } = finishing.next()
      if (done === true) return value
    }
  }

  /** The same, with a pause wherever it would else hold up others: a day has hundred thousand points of each metric. */
  *finishInParts(): Generator<undefined, FoldedSeries, undefined> {
    const points = yield* this.#points()
    const rowCount = points.length
    const values = new Float64Array(rowCount * (this.#extremes.length + 1))
    points.forEach(({ atMs }, row) => (values[row] = atMs))
    for (const [index, extremes] of this.#extremes.entries()) {
      yield
      const column = values.subarray((index + 1) * rowCount, (index + 2) * rowCount)
      points.forEach(({ bucket, isSecond }, row) => {
        const isAlone = this.#counts[bucket] === 1
        column[row] = bucket < 0 ? Number.NaN : extremes.at(bucket, isSecond && !isAlone)
      })
    }
    return { pointCount: rowCount, buffer: values.buffer }
  }

  #bucketOf(atMs: number): number {
    return Math.min(this.#bucketCount - 1, Math.floor((atMs - this.#options.fromMs) / this.#widthMs))
  }

  *#points(): Generator<undefined, Point[], undefined> {
    const points: Point[] = []
    // What is no gap: the usual distance of samples, several times.
    const gapMs = Math.max(usualDistances * this.#distanceMs, 2 * this.#widthMs)
    for (let bucket = 0; bucket < this.#bucketCount; bucket++) {
      if (bucket % bucketsPerPart === bucketsPerPart - 1) yield
      const count = this.#counts[bucket] ?? 0
      if (count === 0) continue
      const first = this.#firstMs[bucket] ?? 0
      const before = points.at(-1)
      if (before && first - before.atMs > gapMs) {
        points.push({ atMs: (before.atMs + first) / 2, bucket: -1, isSecond: false })
      }
      points.push({ atMs: first, bucket, isSecond: false })
      if (count > 1) points.push({ atMs: this.#lastMs[bucket] ?? first, bucket, isSecond: true })
    }
    return points
  }
}

/** One row of the answer; a bucket of -1 is a gap. */
interface Point {
  readonly atMs: number
  readonly bucket: number
  readonly isSecond: boolean
}

/** Of one metric, in each bucket. */
class Extremes {
  readonly #least: Float32Array
  readonly #greatest: Float32Array
  /** 1 where the greatest came after the least. */
  readonly #isRising: Uint8Array

  constructor(bucketCount: number) {
    this.#least = new Float32Array(bucketCount).fill(Number.NaN)
    this.#greatest = new Float32Array(bucketCount).fill(Number.NaN)
    this.#isRising = new Uint8Array(bucketCount)
  }

  add(buckets: Int32Array, column: ChunkColumn): void {
    for (let at = 0; at < buckets.length; at++) {
      const bucket = buckets[at] ?? -1
      const value = typeof column === 'number' ? column : (column[at] ?? Number.NaN)
      if (bucket >= 0 && !Number.isNaN(value)) this.#take(bucket, value)
    }
  }

  at(bucket: number, isSecond: boolean): number {
    const isGreatest = (this.#isRising[bucket] === 1) === isSecond
    return (isGreatest ? this.#greatest[bucket] : this.#least[bucket]) ?? Number.NaN
  }

  #take(bucket: number, value: number): void {
    const least = this.#least[bucket] ?? Number.NaN
    const greatest = this.#greatest[bucket] ?? Number.NaN
    if (Number.isNaN(least)) {
      this.#least[bucket] = value
      this.#greatest[bucket] = value
    } else if (value < least) {
      this.#least[bucket] = value
      this.#isRising[bucket] = 0
    } else if (value > greatest) {
      this.#greatest[bucket] = value
      this.#isRising[bucket] = 1
    }
  }
}
