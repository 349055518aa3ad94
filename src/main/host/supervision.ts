/**
 * How often the engine of an instance has ended by itself, with what it said, and whether it is started again:
 * soon, later, or not before somebody asks. Starts nothing itself.
 */

import type { Clock } from '../../base/clock.ts'
import type { Crash } from '../../contract/supervision.ts'
import { crashesKeptMax, crashLogLinesMax } from '../../contract/supervision.ts'

/** Waits before the first, second and third restart within the window; a fourth is not tried. */
const restartDelaysMs = [0, 500, 2_000] as const
const crashWindowMs = 60_000

/** What is told of one end. */
export interface EngineEnd {
  readonly message: string
  /** The last lines of its log, oldest first. */
  readonly log: readonly string[]
  /** It would end again, or do harm. */
  readonly mustStayDown?: boolean
}

export class Supervision {
  readonly #clock: Clock
  #crashes: readonly Crash[] = []
  #timesMs: number[] = []
  #isDown = false
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The last ones, oldest first. */
  get crashes(): readonly Crash[] {
    return this.#crashes
  }

  /** How many there were, also of those that are not kept. */
  get count(): number {
    return this.#count
  }

  /** It has ended too often; only who asks starts it. */
  get isDown(): boolean {
    return this.#isDown
  }

  /** How often it has ended within the window. */
  get recentCount(): number {
    return this.#timesMs.length
  }

  /** Answers how long to wait before it is started again; null: it is not. */
  noteCrash({ message, log, mustStayDown = false }: EngineEnd): number | null {
    this.#count += 1
    const crash = { atMs: this.#clock.nowMs(), message, log: log.slice(-crashLogLinesMax) }
    this.#crashes = [...this.#crashes, crash].slice(-crashesKeptMax)
    const nowMs = this.#clock.monotonicMs()
    this.#timesMs = [...this.#timesMs.filter((at) => at > nowMs - crashWindowMs), nowMs]
    const delayMs = mustStayDown ? null : (restartDelaysMs[this.#timesMs.length - 1] ?? null)
    this.#isDown = delayMs === null
    return delayMs
  }

  /** Somebody has asked for it: it may end as often as before. What it said is kept. */
  forgive(): void {
    this.#isDown = false
    this.#timesMs = []
  }
}
