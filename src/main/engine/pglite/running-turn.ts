/**
 * What the worker runs at the moment, and the function by which another thread interrupts it: V8 calls that
 * function inside the busy worker when the host evaluates it through the inspector. A request names the turn it
 * is meant for, so one that arrives late changes nothing.
 */

import type { BackendLoop } from './backend-loop.ts'
import type { SharedSignals } from './shared-signals.ts'
import type { SkewedClock } from './skewed-clock.ts'

/** The name of the function in the worker's global scope. */
const functionName = 'wardianCancel'

/** What the host evaluates in the worker. Both arguments are integers. */
export function cancelExpression(activity: number, turn: number): string {
  return `${functionName}(${activity}, ${turn})`
}

const nothing = 0
const anyTurn = -1

export class RunningTurn {
  readonly #signals: SharedSignals
  #activity = nothing
  #turn = 0

  constructor(options: {
    readonly loop: BackendLoop
    readonly clock: SkewedClock
    readonly signals: SharedSignals
  }) {
    this.#signals = options.signals
    const cancel = (activity: number, turn: number): boolean => {
      if (activity !== this.#activity) return false
      if (turn !== this.#turn && turn !== anyTurn) return false
      options.loop.requestCancel()
      options.clock.leap()
      return true
    }
    Object.defineProperty(globalThis, functionName, { value: cancel })
  }

  /** Marks `activity` as running for the length of `run`, beginning with the turn `first`. */
  during<T>(activity: number, run: () => T, first = 0): T {
    this.#turn = first
    this.#activity = activity
    this.#signals.isAtWork = true
    try {
      return run()
    } finally {
      this.#signals.isAtWork = false
      this.#activity = nothing
    }
  }

  /** The running activity has ended a turn and may begin another. */
  nextTurn(): void {
    this.#turn += 1
  }

  get turn(): number {
    return this.#turn
  }
}
