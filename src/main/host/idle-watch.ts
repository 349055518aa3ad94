/** Tells once that something has not been used for as long as is allowed. Knows nothing of it. */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'

/** A bound of minutes is held to this. */
const lookMs = 15_000

export interface IdleWatchOptions {
  readonly clock: Clock
  /** null: for ever, for now. */
  idleMsMax(): number | null
  unusedMs(): number
  onIdle(): void
}

export function watchIdle(options: IdleWatchOptions): Disposable {
  const { clock } = options
  const look = (): Disposable =>
    clock.after(lookMs, () => {
      const idleMsMax = options.idleMsMax()
      if (idleMsMax !== null && options.unusedMs() >= idleMsMax) options.onIdle()
      else next = look()
    })
  let next = look()
  return { dispose: () => next.dispose() }
}
