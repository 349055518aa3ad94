/**
 * How long to wait before the next attempt: doubling, bounded, and at random within that, so that many clients do not
 * come back at once.
 */

export interface BackoffOptions {
  /** The most that the first wait may be. */
  readonly delayMs: number
  /** The most that any may be. */
  readonly delayMaxMs: number
}

export const defaultBackoff: BackoffOptions = { delayMs: 100, delayMaxMs: 10_000 }

/** The wait before attempt `attempt`, counted from 1; `random` answers from 0 to below 1. */
export function backoffMs(attempt: number, options: BackoffOptions, random: () => number): number {
  const ceiling = Math.min(options.delayMaxMs, options.delayMs * 2 ** Math.min(attempt - 1, 30))
  return ceiling * random()
}
