/**
 * How what follows an instance gets its backend: one turn at a time, first come first served, and never by waiting for
 * somebody's open transaction, which would be ended because others wait. Knows no query.
 */

import type { Disposable } from '../../base/disposable.ts'
import type { Engine } from '../engine/engine.ts'
import type { EngineSource } from '../session/session.ts'
import { cancelledBeforeStart } from '../session/statement-execution.ts'
import type { TurnQueue, TurnTaker, TurnTicket } from '../session/turn-queue.ts'

export interface LiveTurnsOptions {
  readonly turns: TurnQueue
  readonly engines: EngineSource
}

export class LiveTurns implements TurnTaker {
  /** Whom others wait for. */
  readonly title = 'A live query'
  readonly #turns: TurnQueue
  readonly #engines: EngineSource
  #last: Promise<unknown> = Promise.resolve()

  constructor({ turns, engines }: LiveTurnsOptions) {
    this.#turns = turns
    this.#engines = engines
  }

  /**
   * Runs `work` in a turn, on the engine, which is started if it does not run. Rejects with `cancelled` when the signal
   * is aborted before, with `limit-exceeded` where too many wait, and with what `work` throws.
   */
  run<T>(signal: AbortSignal, work: (engine: Engine) => Promise<T>): Promise<T> {
    const ended = Promise.withResolvers<T>()
    let hasBegun = false
    const begin = (engine: Engine): Promise<T> => {
      hasBegun = true
      return work(engine)
    }
    // Those before it may wait for longer than it is wanted.
    const leave = (): void => {
      if (!hasBegun) ended.reject(cancelledBeforeStart())
    }
    signal.addEventListener('abort', leave)
    this.#last = this.#last
      .then(() => this.#inTurn(signal, begin))
      .then(ended.resolve, ended.reject)
      .finally(() => signal.removeEventListener('abort', leave))
    return ended.promise
  }

  async #inTurn<T>(signal: AbortSignal, work: (engine: Engine) => Promise<T>): Promise<T> {
    await this.#take(signal)
    try {
      return await work(await this.#engines.engine())
    } finally {
      this.#turns.release(this, { inTransaction: false })
    }
  }

  async #take(signal: AbortSignal): Promise<void> {
    for (;;) {
      if (signal.aborted) throw cancelledBeforeStart()
      if (this.#turns.isHeldIdle) await this.#nextChange(signal)
      else if (await this.#isGranted(this.#turns.request(this), signal)) return
    }
  }

  /** False where it has given way: to an open transaction that does nothing, or to whoever has aborted. */
  async #isGranted(ticket: TurnTicket, signal: AbortSignal): Promise<boolean> {
    const withdraw = (): void => ticket.withdraw()
    signal.addEventListener('abort', withdraw)
    try {
      while (!ticket.isGranted && !this.#turns.isHeldIdle && !signal.aborted) await ticket.changed()
      ticket.withdraw()
      return ticket.isGranted
    } finally {
      signal.removeEventListener('abort', withdraw)
    }
  }

  async #nextChange(signal: AbortSignal): Promise<void> {
    const change = Promise.withResolvers<void>()
    const wake = (): void => change.resolve()
    const watching: Disposable = this.#turns.onDidChange(wake)
    signal.addEventListener('abort', wake)
    await change.promise
    signal.removeEventListener('abort', wake)
    watching.dispose()
  }
}
