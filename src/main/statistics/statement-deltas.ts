/**
 * What a recorder hands over of the statements that it has counted since the last time, and what is stored of it.
 * Data only; it crosses threads as it is.
 */

/** Who calls: as far as its session has said when it began. */
export interface StatementCallerName {
  readonly application: string
  readonly endpoint: 'console' | 'wire'
  readonly user: string
}

/** One call that stands for others. */
export interface CallExample {
  readonly text: string
  /** null where it had none, or they are not text. */
  readonly parameters: readonly (string | null)[] | null
  readonly durationMs: number
}

/** A shape that was not met before: the first text that had it. */
export interface NewShape {
  readonly key: number
  readonly text: Uint8Array
  /** Longer than what is looked at. */
  readonly isCut: boolean
}

/** Calls of one shape by one caller. */
export interface ShapeDelta {
  readonly key: number
  readonly caller: StatementCallerName
  readonly calls: number
  readonly errors: number
  readonly rows: number
  readonly bytes: number
  readonly cacheHits: number
  readonly totalMs: number
  readonly maxMs: number
  readonly waitMs: number
  /** Steps of the latency scale and counts, one after the other. */
  readonly steps: Float64Array
  /** By SQLSTATE; null for none. */
  readonly errorCodes: ReadonlyMap<string, number> | null
  /** The slowest; null where none is kept. */
  readonly example: CallExample | null
}

/** One that took longer than the limit. */
export interface SlowCall {
  readonly key: number
  readonly caller: StatementCallerName
  readonly durationMs: number
  readonly sqlState: string | null
  /** As it was sent. */
  readonly text: string
}

export interface StatementDeltas {
  readonly shapes: readonly NewShape[]
  readonly deltas: readonly ShapeDelta[]
  readonly slow: readonly SlowCall[]
}
