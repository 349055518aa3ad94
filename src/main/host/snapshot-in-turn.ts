/** Copies what is committed in an instance into memory, in a turn of its own. Keeps nothing. */

import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Engine, EngineSnapshot } from '../engine/engine.ts'
import type { TurnQueue } from '../session/turn-queue.ts'

export interface SnapshotWish {
  readonly instance: { readonly turns: TurnQueue; engine(): Promise<Engine> }
  /** Whoever waits meanwhile is told that it waits for this. */
  readonly title: string
  readonly bytesMax: number
  /** How long to wait for whoever has the instance. */
  readonly patienceMs: number
  readonly clock: Clock
}

/** Throws `in-use` when somebody has the instance for longer, `limit-exceeded` for one that is too large. */
export async function snapshotInTurn(wish: SnapshotWish): Promise<EngineSnapshot> {
  const { instance, title, bytesMax, patienceMs, clock } = wish
  const { turns } = instance
  const taker = { title }
  const ticket = turns.request(taker)
  let isPatient = true
  const patience = clock.after(patienceMs, () => {
    isPatient = false
    ticket.withdraw()
  })
  try {
    while (!ticket.isGranted) {
      if (!isPatient) throw stillHeld(turns.holder?.title ?? 'another session')
      await ticket.changed()
    }
    const engine = await instance.engine()
    return await engine.snapshot({ known: null, bytesMax })
  } finally {
    patience.dispose()
    ticket.withdraw()
    turns.release(taker, { inTransaction: false })
  }
}

function stillHeld(holder: string): WorkbenchError {
  return new WorkbenchError(
    'in-use',
    `${holder} has a transaction open, or still runs, and a copy has what is committed: end it, and try again`,
  )
}
