/**
 * One request to end what a worker runs: asks again while nothing happens, and gives up after a bound. Knows
 * how to ask only through its options.
 */

import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import { afterAwake } from '../../../base/waking-timer.ts'

/**
 * When to ask again, after the first time. Postgres drops a request that arrives in the microseconds between
 * two messages, which the early ones make up for; the later ones are for handlers that caught the first.
 */
const repeatsAfterMs = [10, 40, 150, 1_000, 3_000, 6_000]

export interface CancelAttemptOptions {
  readonly clock: Clock
  /** How long the worker may take to end. */
  readonly boundMs: number
  /** Resolves when it is known to have. */
  readonly ended: Promise<void>
  /** Whether something else runs by now. */
  isOver?(): boolean
  ask(): void
  /** It has ended: what was asked may come too late, and must not hit what comes next. */
  takeBack?(): void
  onBoundPassed(): Promise<void>
}

/** Resolves when what ran has ended, one way or the other, though that may not be known otherwise. */
export async function attemptCancel(options: CancelAttemptOptions): Promise<void> {
  const { clock, boundMs } = options
  const given = Promise.withResolvers<void>()
  const unlessOver = (action: () => void) => () => {
    if (options.isOver?.() === true) given.resolve()
    else action()
  }
  const askAgain = unlessOver(() => options.ask())
  const giveUp = unlessOver(() => void options.onBoundPassed().then(given.resolve, given.reject))
  const timers: Disposable[] = [afterAwake(clock, boundMs, giveUp)]
  for (const delayMs of repeatsAfterMs) if (delayMs < boundMs) timers.push(clock.after(delayMs, askAgain))
  options.ask()
  try {
    await Promise.race([options.ended, given.promise])
  } finally {
    for (const timer of timers) timer.dispose()
    options.takeBack?.()
  }
}
