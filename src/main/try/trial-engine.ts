/**
 * An engine that is thrown away, with the two sessions that a trial needs on it: one that looks, as the superuser
 * with names written out in full, and one that runs the script. Knows no instance and no script.
 */

import type { Clock } from '../../base/clock.ts'
import { onDispose, type Disposable } from '../../base/disposable.ts'
import type { Engine } from '../engine/engine.ts'
import { Session } from '../session/session.ts'
import { SessionQueries, type TextRow } from '../session/session-query.ts'
import { TurnQueue } from '../session/turn-queue.ts'

/** Names in definitions are qualified where the schema is not in the path. */
const observerSettings = `select set_config('search_path', 'pg_catalog', false)`

export class TrialEngine {
  readonly session: Session
  readonly #engine: Engine
  readonly #turns = new TurnQueue()
  readonly #observer: Session
  readonly #queries: SessionQueries
  readonly #tracking: Disposable
  #prepared: Promise<unknown> | null = null
  #discarded: Promise<void> | null = null

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine
    const place = { instanceId: 'trial', turns: this.#turns, clock }
    const engines = { engine: () => Promise.resolve(engine) }
    this.session = new Session({ ...place, engines, id: 'script', title: 'The script' })
    this.#observer = new Session({ ...place, engines, id: 'observer', title: 'The comparison' })
    this.#queries = new SessionQueries(this.#observer)
    this.#tracking = onDispose('trial-engine', () => this.#turns.dispose())
  }

  /** Rows of `sql`, all of whose columns are text; not while the script has a transaction open. */
  async rows(sql: string, parameters: readonly (string | null)[], signal: AbortSignal): Promise<TextRow[]> {
    this.#prepared ??= this.#queries.rows(observerSettings, [], signal)
    await this.#prepared
    return this.#queries.rows(sql, parameters, signal)
  }

  /** Ends its thread at once, and with it whatever runs. Idempotent. */
  discard(): Promise<void> {
    this.#discarded ??= this.#discard()
    return this.#discarded
  }

  async #discard(): Promise<void> {
    this.#tracking.dispose()
    await this.#engine.discard()
    await Promise.all([this.session.close(), this.#observer.close()])
  }
}
