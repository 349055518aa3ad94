/**
 * Counts statements where they run, in the engine's thread or in the host's: by shape and caller, with a histogram
 * of their latency, and hands over what has come together. Knows neither engine nor store, and waits for nobody.
 */

import { LatencyScale } from './latency-scale.ts'
import { ShapeScan, shapeBytesMax } from './shape-scan.ts'
import { ShapeTemplates } from './shape-templates.ts'
import type {
  CallExample,
  NewShape,
  ShapeDelta,
  SlowCall,
  StatementCallerName,
  StatementDeltas,
} from './statement-deltas.ts'
import { StepCounts } from './step-counts.ts'

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
  /** Whose call was counted last, and where; null since they were handed over. */
  last: { readonly caller: StatementCallerName; readonly counts: ShapeCounts } | null
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
  readonly steps = new StepCounts()
  errorCodes: Map<string, number> | null = null
  example: CallExample | null = null
}

export class StatementRecorder {
  readonly #scan = new ShapeScan()
  readonly #templates = new ShapeTemplates<StatementShape>()
  readonly #scale = new LatencyScale()
  readonly #shapes = new Map<number, StatementShape>()
  readonly #other: StatementShape = { key: otherShapeKey, counts: new Map(), last: null }
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
    const like = this.#templates.find(bytes, start, end)
    if (like) return like
    const key = this.#scan.keyOf(bytes, start, end)
    const known = this.#shapes.get(key)
    if (!known) return this.#meet(key, bytes.subarray(start, end))
    // Many texts come once, and are never seen again.
    this.#templates.learn(bytes, { start, end, places: this.#scan.literals, shape: known })
    return known
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
    counts.steps.add(step)
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
    for (const shape of this.#touched) {
      for (const [caller, counted] of shape.counts) deltas.push(toDelta(shape.key, caller, counted))
      shape.counts.clear()
      shape.last = null
    }
    this.#touched.clear()
    const taken = { shapes: this.#new, deltas, slow: this.#slow }
    this.#new = []
    this.#slow = []
    return taken
  }

  #meet(key: number, text: Uint8Array): StatementShape {
    if (this.#new.length >= newShapesMax) return this.#other
    if (this.#shapes.size >= shapesMax) {
      this.#shapes.clear()
      this.#templates.clear()
    }
    const shape: StatementShape = { key, counts: new Map(), last: null }
    this.#shapes.set(key, shape)
    this.#new.push({ key, text: text.slice(0, shapeBytesMax), isCut: text.length > shapeBytesMax })
    return shape
  }

  #countsOf(shape: StatementShape, caller: StatementCallerName): ShapeCounts {
    if (shape.last?.caller === caller) return shape.last.counts
    const known = shape.counts.get(caller)
    const counts = known ?? new ShapeCounts()
    shape.last = { caller, counts }
    if (known) return known
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
  return {
    ...{ key, caller, calls, errors, rows, bytes, cacheHits, totalMs, maxMs, waitMs },
    ...{ steps: counts.steps.pairs(), errorCodes, example },
  }
}
