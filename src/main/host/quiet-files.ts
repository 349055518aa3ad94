/**
 * The files of an instance at a moment in which nothing runs: what is done with them sees all that is committed, and
 * starts by itself when it is copied. Waits for its turn like everybody. Knows not what is done.
 */

import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Engine } from '../engine/engine.ts'
import type { TurnQueue, TurnTaker } from '../session/turn-queue.ts'
import { engineFolder } from './instance-record.ts'

/** What it needs of an instance. */
export interface QuietInstance {
  readonly name: string
  readonly directory: string | null
  readonly turns: TurnQueue
  readonly isRunning: boolean
  engine(): Promise<Engine>
  whileRead<T>(work: () => Promise<T>): Promise<T>
  whileStopped<T>(work: (dataDirectory: string) => Promise<T>): Promise<T>
}

/** A data directory that nobody writes to. */
export interface QuietFiles {
  readonly directory: string
  /**
   * As Engine.settleFiles has told it, which has written what the engine held: it goes on afterwards. null where the
   * files are as they lie there.
   */
  readonly position: string | null
}

export interface QuietWish {
  /** What others are told who wait meanwhile, such as `a snapshot`. */
  readonly title: string
  readonly signal?: AbortSignal | undefined
  /** Told when it has to wait, and for whom. */
  onWait?(holder: string): void
  /** Where the engine is at this position, or has nothing of anybody's, nothing is done and the answer is null. */
  readonly unless?: { readonly position: string | null; readonly isEmpty: boolean }
}

/** A transaction that stays open is the user's to end; he is told which one after this time. */
const patienceMs = 60_000

/**
 * Runs `work` on the files of `instance` while nothing else runs, and answers what it answers. Who only reads what lies
 * there already leaves `unless` away. Throws `in-use` naming who has the instance for too long, `cancelled`,
 * `unsupported` for an instance without a directory, and what `work` throws.
 */
export async function withQuietFiles<T>(
  instance: QuietInstance,
  { clock, ...wish }: QuietWish & { readonly clock: Clock },
  work: (files: QuietFiles) => Promise<T>,
): Promise<T | null> {
  const { directory } = instance
  if (directory === null) {
    throw new WorkbenchError(
      'unsupported',
      `${instance.name} has no files of its own; fork or dump it instead`,
    )
  }
  if (!instance.isRunning) {
    return instance.whileStopped((data) => work({ directory: data, position: null }))
  }
  const { unless = { position: null, isEmpty: false } } = wish
  return inTurn(instance, { ...wish, clock }, async () => {
    const engine = await instance.engine()
    const { state, position } = await engine.settleFiles({
      known: unless.position,
      skipsEmpty: unless.isEmpty,
    })
    if (state !== 'settled') return null
    return instance.whileRead(() => work({ directory: join(directory, engineFolder), position }))
  })
}

/** Runs `work` in a turn of its own. Throws as withQuietFiles. */
export async function inTurn<T>(
  { turns, name }: Pick<QuietInstance, 'turns' | 'name'>,
  { title, signal, onWait, clock }: QuietWish & { readonly clock: Clock },
  work: () => Promise<T>,
): Promise<T> {
  const taker: TurnTaker = { title }
  const ticket = turns.request(taker)
  let isPatient = true
  const withdraw = (): void => ticket.withdraw()
  const patience = clock.after(patienceMs, () => {
    isPatient = false
    withdraw()
  })
  signal?.addEventListener('abort', withdraw)
  try {
    while (!ticket.isGranted) {
      if (signal?.aborted)
        throw new WorkbenchError('cancelled', `It was cancelled while it waited for ${name}`)
      const holder = turns.holder?.title ?? 'another session'
      if (!isPatient) throw stillHeld(name, holder)
      // Taken before anybody is told, so that a change in the meantime is not missed.
      const change = ticket.changed()
      onWait?.(holder)
      await change
    }
    patience.dispose()
    return await work()
  } finally {
    patience.dispose()
    signal?.removeEventListener('abort', withdraw)
    ticket.withdraw()
    turns.release(taker, { inTransaction: false })
  }
}

function stillHeld(name: string, holder: string): WorkbenchError {
  return new WorkbenchError(
    'in-use',
    `${name} is held by ${holder}, which has a transaction open or still runs; end that, and try again`,
  )
}
