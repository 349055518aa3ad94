/**
 * One instance as it is followed: by queries that are run again, and listeners to channels, of any number of clients.
 * Composition alone.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { Event } from '../../base/event.ts'
import type { Engine, EngineSessionOptions } from '../engine/engine.ts'
import type { EngineSource } from '../session/session.ts'
import type { TurnQueue } from '../session/turn-queue.ts'
import { InstanceFollower } from './instance-follower.ts'
import { LiveQueries } from './live-queries.ts'
import { LiveTurns } from './live-turns.ts'

export interface LiveInstanceOptions {
  readonly turns: TurnQueue
  readonly engines: EngineSource
  readonly clock: Clock
  readonly onDidLoseEngine: Event<null>
  isRunning(): boolean
  /** Whether this engine runs and is not being stopped. */
  isCurrent(engine: Engine): boolean
  /** `isRunning` may have changed. */
  readonly onDidChange: Event<unknown>
}

export class LiveInstance implements Disposable {
  readonly #liveTurns: LiveTurns
  readonly #queries: LiveQueries
  readonly #followers = new Set<InstanceFollower>()
  readonly #losing: Disposable

  constructor(options: LiveInstanceOptions) {
    this.#liveTurns = new LiveTurns(options)
    this.#queries = new LiveQueries({
      ...options,
      liveTurns: this.#liveTurns,
      isRunning: () => options.isRunning(),
      isCurrent: (engine) => options.isCurrent(engine),
    })
    this.#losing = options.onDidLoseEngine(() => {
      this.#queries.noteLostEngine()
      for (const follower of [...this.#followers]) follower.noteLostEngine()
    })
  }

  open(session: EngineSessionOptions): InstanceFollower {
    const follower = new InstanceFollower({
      ...{ session, queries: this.#queries, liveTurns: this.#liveTurns },
      onEnded: (ended) => this.#followers.delete(ended),
    })
    this.#followers.add(follower)
    return follower
  }

  dispose(): void {
    this.#losing.dispose()
    this.#queries.dispose()
    for (const follower of [...this.#followers]) follower.dispose()
  }
}
