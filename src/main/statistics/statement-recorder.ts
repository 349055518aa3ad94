/**
 * Counts statements where they run, in the engine's thread or in the host's: by shape and caller, with a histogram
 * of their latency, and hands over what has come together. Knows neither engine nor store, and waits for nobody.
 */

import { ShapeCounts, type CountedCall } from './shape-counts.ts'
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

/** What is recorded. */
export interface RecordingOptions {
  readonly isOn: boolean
  readonly keepsExamples: boolean
  /** null for none. */
  readonly slowMs: number | null
}

/** One call that has ended. */
export interface RecordedCall extends CountedCall {
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
  lastCaller: StatementCallerName | null
  lastCounts: ShapeCounts | null
}

/** Shapes that are known at once; beyond that all are forgotten, and met again. */
const shapesMax = 4_096

/** New ones between two hand-overs: whoever makes up names has thousands, which nobody reads one by one. */
const newShapesMax = 256

/** Slow calls that are told one by one between two hand-overs. */
const slowCallsMax = 32

/** Stands for statements of shapes that were too many. */
export const otherShapeKey = 0

export class StatementRecorder {
  readonly #scan = new ShapeScan()
  readonly #templates = new ShapeTemplates<StatementShape>()
  readonly #shapes = new Map<number, StatementShape>()
  readonly #other = newShape(otherShapeKey)
  readonly #touched = new Set<StatementShape>()
  #new: NewShape[] = []
  #slow: SlowCall[] = []
  /** Where the text ended of which `shapeOfTerminated` was asked last. */
  textEnd = 0
  isOn = false
  #keepsExamples = false
  #slowMs = Infinity

  constructor(options: RecordingOptions) {
    this.configure(options)
  }

  /** Whether there is something to hand over. */
  get hasAny(): boolean {
    return this.#touched.size > 0
  }

  configure({ isOn, keepsExamples, slowMs }: RecordingOptions): void {
    this.isOn = isOn
    this.#keepsExamples = keepsExamples
    this.#slowMs = slowMs ?? Infinity
  }

  /** Of the text in `bytes` from `start` to `end`, of which a copy is kept if it is new. */
  shapeOf(bytes: Uint8Array, start = 0, end = bytes.length): StatementShape {
    return this.#templates.find(bytes, start, end) ?? this.#scanned(bytes, start, end)
  }

  /** The same of a text with a NUL behind it, at the end of `bytes` at the latest. */
  shapeOfTerminated(bytes: Uint8Array, start: number): StatementShape {
    const like = this.#templates.findTerminated(bytes, start, bytes.length)
    if (like) {
      this.textEnd = this.#templates.end
      return like
    }
    const end = bytes.indexOf(0, start)
    this.textEnd = end < 0 ? bytes.length : end
    return this.#scanned(bytes, start, this.textEnd)
  }

  /** Behind the semicolon of the first statement from `start`; `end` where there is none. */
  firstEnd(bytes: Uint8Array, start: number, end: number): number {
    return this.#scan.firstEnd(bytes, start, end)
  }

  record(shape: StatementShape, caller: StatementCallerName, call: RecordedCall): void {
    const counts = this.#countsOf(shape, caller)
    if (call.isHit) {
      counts.addHit()
      return
    }
    if (counts.add(call) && this.#keepsExamples) counts.example = call.example()
    if (call.sqlState !== null) counts.addError(call.sqlState)
    if (call.ms >= this.#slowMs) this.#noteSlow(shape, caller, call)
  }

  /** What has come together since the last time; null for nothing. */
  take(): StatementDeltas | null {
    if (this.#touched.size === 0) return null
    const deltas: ShapeDelta[] = []
    for (const shape of this.#touched) {
      const { key, counts } = shape
      for (const [caller, counted] of counts) deltas.push(counted.toDelta({ key, caller }))
      counts.clear()
      shape.lastCaller = null
      shape.lastCounts = null
    }
    this.#touched.clear()
    const taken = { shapes: this.#new, deltas, slow: this.#slow }
    this.#new = []
    this.#slow = []
    return taken
  }

  #scanned(bytes: Uint8Array, start: number, end: number): StatementShape {
    const key = this.#scan.keyOf(bytes, start, end)
    const known = this.#shapes.get(key)
    if (!known) return this.#meet(key, bytes.subarray(start, end))
    // Many texts come once, and are never seen again.
    this.#templates.learn(bytes, { start, end, places: this.#scan.literals, shape: known })
    return known
  }

  #meet(key: number, text: Uint8Array): StatementShape {
    if (this.#new.length >= newShapesMax) return this.#other
    if (this.#shapes.size >= shapesMax) {
      this.#shapes.clear()
      this.#templates.clear()
    }
    const shape = newShape(key)
    this.#shapes.set(key, shape)
    this.#new.push({ key, text: text.slice(0, shapeBytesMax), isCut: text.length > shapeBytesMax })
    return shape
  }

  #countsOf(shape: StatementShape, caller: StatementCallerName): ShapeCounts {
    if (shape.lastCaller === caller && shape.lastCounts) return shape.lastCounts
    const known = shape.counts.get(caller)
    const counts = known ?? new ShapeCounts()
    shape.lastCaller = caller
    shape.lastCounts = counts
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

function newShape(key: number): StatementShape {
  return { key, counts: new Map(), lastCaller: null, lastCounts: null }
}
