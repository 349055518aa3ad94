/**
 * Counts statements where they run, in the engine's thread or in the host's: by shape and caller, with a histogram
 * of their latency, and hands over what has come together. Knows neither engine nor store, and waits for nobody.
 */

import { LatencyScale } from './latency-scale.ts'
import { ShapeScan, shapeBytesMax } from './shape-scan.ts'
import type {
  CallExample,
  NewShape,
  ShapeDelta,
  SlowCall,
  StatementCallerName,
  StatementDeltas,
} from './statement-deltas.ts'

/** What is recorded. */
export interface RecordingOptions {
  readonly isOn: boolean
  readonly keepsExamples: boolean
  /** null for none. */
  readonly slowMs: number | null
}

/** One call that has ended. */
export interface RecordedCall {
  readonly ms: number
  readonly rows: number
  readonly bytes: number
  readonly waitMs: number
  /** null where it did not fail. */
  readonly sqlState: string | null
  /** It was answered without being run. */
  readonly isHit: boolean
  /** How it was sent; asked only of those that are kept. */
  example(): CallExample
}

/** A statement without its literals. */
export interface StatementShape {
  readonly key: number
  /** Its counts by caller, since they were handed over last. */
  readonly counts: Map<StatementCallerName, ShapeCounts>
}

/** Shapes that are known at once; beyond that all are forgotten, and met again. */
const shapesMax = 4_096

/** New ones between two hand-overs: whoever makes up names has thousands, which nobody reads one by one. */
const newShapesMax = 256

/** Slow calls that are told one by one between two hand-overs. */
const slowCallsMax = 32

/** Stands for statements of shapes that were too many. */
export const otherShapeKey = 0

export class ShapeCounts {
  calls = 0
  errors = 0
  cacheHits = 0
  rows = 0
  bytes = 0
  totalMs = 0
  maxMs = 0
  waitMs = 0
  readonly steps = new Map<number, number>()
  errorCodes: Map<string, number> | null = null
  example: CallExample | null = null
}

export class StatementRecorder {
  readonly #scan = new ShapeScan()
  readonly #scale = new LatencyScale()
  readonly #shapes = new Map<number, StatementShape>()
  readonly #other: StatementShape = { key: otherShapeKey, counts: new Map() }
  readonly #touched = new Set<StatementShape>()
  #new: NewShape[] = []
  #slow: SlowCall[] = []
  #options: RecordingOptions

  constructor(options: RecordingOptions) {
    this.#options = options
  }

  get isOn(): boolean {
    return this.#options.isOn
  }

  /** Whether there is something to hand over. */
  get hasAny(): boolean {
    return this.#touched.size > 0
  }

  configure(options: RecordingOptions): void {
    this.#options = options
  }

  /** Of the text in `bytes` from `start` to `end`, of which a copy is kept if it is new. */
  shapeOf(bytes: Uint8Array, start = 0, end = bytes.length): StatementShape {
    const key = this.#scan.keyOf(bytes, start, end)
    return this.#shapes.get(key) ?? this.#meet(key, bytes.subarray(start, end))
  }

  /** Behind the semicolon of the first statement from `start`; `end` where there is none. */
  firstEnd(bytes: Uint8Array, start: number, end: number): number {
    return this.#scan.firstEnd(bytes, start, end)
  }

  record(shape: StatementShape, caller: StatementCallerName, call: RecordedCall): void {
    const counts = this.#countsOf(shape, caller)
    if (call.isHit) {
      counts.cacheHits += 1
      return
    }
    const { ms } = call
    const step = this.#scale.stepOf(ms)
    counts.calls += 1
    counts.rows += call.rows
    counts.bytes += call.bytes
    counts.totalMs += ms
    counts.waitMs += call.waitMs
    counts.steps.set(step, (counts.steps.get(step) ?? 0) + 1)
    if (call.sqlState !== null) countError(counts, call.sqlState)
    if (ms > counts.maxMs || counts.calls === 1) {
      counts.maxMs = ms
      if (this.#options.keepsExamples) counts.example = call.example()
    }
    const { slowMs } = this.#options
    if (slowMs !== null && ms >= slowMs) this.#noteSlow(shape, caller, call)
  }

  /** What has come together since the last time; null for nothing. */
  take(): StatementDeltas | null {
    if (this.#touched.size === 0) return null
    const deltas: ShapeDelta[] = []
    for (const { key, counts } of this.#touched) {
      for (const [caller, counted] of counts) deltas.push(toDelta(key, caller, counted))
      counts.clear()
    }
    this.#touched.clear()
    const taken = { shapes: this.#new, deltas, slow: this.#slow }
    this.#new = []
    this.#slow = []
    return taken
  }

  #meet(key: number, text: Uint8Array): StatementShape {
    if (this.#new.length >= newShapesMax) return this.#other
    if (this.#shapes.size >= shapesMax) this.#shapes.clear()
    const shape: StatementShape = { key, counts: new Map() }
    this.#shapes.set(key, shape)
    this.#new.push({ key, text: text.slice(0, shapeBytesMax), isCut: text.length > shapeBytesMax })
    return shape
  }

  #countsOf(shape: StatementShape, caller: StatementCallerName): ShapeCounts {
    const known = shape.counts.get(caller)
    if (known) return known
    const counts = new ShapeCounts()
    shape.counts.set(caller, counts)
    this.#touched.add(shape)
    return counts
  }

  #noteSlow({ key }: StatementShape, caller: StatementCallerName, call: RecordedCall): void {
    if (this.#slow.length >= slowCallsMax) return
    const { ms, sqlState } = call
    this.#slow.push({ key, caller, durationMs: ms, sqlState, text: call.example().text })
  }
}

function countError(counts: ShapeCounts, sqlState: string): void {
  counts.errors += 1
  counts.errorCodes ??= new Map()
  counts.errorCodes.set(sqlState, (counts.errorCodes.get(sqlState) ?? 0) + 1)
}

function toDelta(key: number, caller: StatementCallerName, counts: ShapeCounts): ShapeDelta {
  const { calls, errors, cacheHits, rows, bytes, totalMs, maxMs, waitMs, errorCodes, example } = counts
  const steps = Float64Array.from([...counts.steps].flat())
  return {
    ...{ key, caller, calls, errors, rows, bytes, cacheHits, totalMs, maxMs, waitMs },
    ...{ steps, errorCodes, example },
  }
}
