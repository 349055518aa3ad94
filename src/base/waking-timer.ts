/**
 * A timer that counts only time in which this process could run: whoever was stopped (SIGSTOP, a laptop that sleeps)
 * or had no processor is given its whole patience afterwards. Knows nothing of what is waited for.
 */

import type { Clock } from './clock.ts'
import type { Disposable } from './disposable.ts'

/** A pause of the process is counted as one of these at most. */
const steps = 10

/** Runs `action` once after `delayMs`, unless disposed before; later by as much as the process did not run. */
export function afterAwake(clock: Clock, delayMs: number, action: () => void): Disposable {
  let left = steps
  let timer: Disposable | null = null
  const step = (): void => {
    if (left === 0) action()
    else {
      left -= 1
      timer = clock.after(delayMs / steps, step)
    }
  }
  step()
  return { dispose: () => timer?.dispose() }
}
