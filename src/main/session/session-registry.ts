/**
 * All sessions of the host: who opened them, how many an instance may have, and their end with their owner or
 * their instance. Knows no client besides its identity.
 */

import { randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { Emitter } from '../../base/event.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { SessionState } from '../../contract/instance.ts'
import { sessionsPerInstanceMax } from '../../contract/limits.ts'
import type { SessionOpener } from '../engine/engine.ts'
import { Session, type EngineSource, type StatementFinish, type StatementStart } from './session.ts'
import type { SessionCaches } from './statement-cache.ts'
import type { StatementWatch } from './statement-watch.ts'
import { TurnQueue } from './turn-queue.ts'

/** What a session needs of the instance that it is opened on. */
export interface SessionHome extends EngineSource<SessionOpener> {
  readonly id: string
  /** null: each session has a backend of its own, and waits for nobody. */
  readonly turns: TurnQueue | null
}

/** A session and whoever opened it. */
interface Entry {
  readonly session: Session
  readonly owner: object
}

export class SessionRegistry {
  readonly #clock: Clock
  readonly #watch: StatementWatch | null
  readonly #caches: SessionCaches | null
  readonly #entries = new Map<string, Entry>()
  readonly #didChange = new Emitter<SessionState>()
  readonly #didStartStatement = new Emitter<StatementStart & Entry>()
  readonly #didFinishStatement = new Emitter<StatementFinish & Entry>()
  readonly onDidChange = this.#didChange.event
  readonly onDidStartStatement = this.#didStartStatement.event
  readonly onDidFinishStatement = this.#didFinishStatement.event

  /** `watch` is told of statements before they run; `caches` may answer them. */
  constructor(clock: Clock, watch: StatementWatch | null = null, caches: SessionCaches | null = null) {
    this.#clock = clock
    this.#watch = watch
    this.#caches = caches
  }

  get count(): number {
    return this.#entries.size
  }

  countOf(instanceId: string): number {
    return this.#of(instanceId).length
  }

  /** A session that belongs to `owner`. Throws `limit-exceeded`. */
  open(home: SessionHome, title: string, owner: object): Session {
    if (this.#of(home.id).length >= sessionsPerInstanceMax) {
      throw new WorkbenchError(
        'limit-exceeded',
        `An instance has at most ${sessionsPerInstanceMax} sessions; close some tabs first`,
      )
    }
    const cache = this.#caches?.open(home.id)
    const session = new Session({
      ...{ id: randomUUID(), instanceId: home.id, title, ...(cache ? { cache } : {}) },
      ...{ turns: home.turns ?? new TurnQueue(), engines: home, clock: this.#clock },
      ...(this.#watch ? { watch: this.#watch } : {}),
    })
    session.onDidChange((state) => this.#didChange.fire(state))
    session.onDidStartStatement((start) => this.#didStartStatement.fire({ ...start, session, owner }))
    session.onDidFinishStatement((finish) => this.#didFinishStatement.fire({ ...finish, session, owner }))
    this.#entries.set(session.id, { session, owner })
    return session
  }

  /** Throws `not-found` if `owner` has no such session. */
  get(sessionId: string, owner: object): Session {
    const entry = this.#entries.get(sessionId)
    if (entry?.owner === owner) return entry.session
    throw new WorkbenchError('not-found', 'There is no such session; it was closed. Run the statement again')
  }

  /** Ends a session of `owner`. Throws `not-found`. */
  async close(sessionId: string, owner: object): Promise<void> {
    await this.#close([this.get(sessionId, owner)])
  }

  /** Ends every session of a client that is gone. */
  async closeOwnedBy(owner: object): Promise<void> {
    const owned = [...this.#entries.values()].filter((entry) => entry.owner === owner)
    await this.#close(owned.map((entry) => entry.session))
  }

  async closeOf(instanceId: string): Promise<void> {
    await this.#close(this.#of(instanceId))
  }

  async closeAll(): Promise<void> {
    await this.#close([...this.#entries.values()].map((entry) => entry.session))
  }

  /** The engine of an instance has ended, and its sessions have lost their state. */
  noteEngineReset(instanceId: string): void {
    for (const session of this.#of(instanceId)) session.noteEngineReset()
  }

  dispose(): void {
    this.#didChange.dispose()
    this.#didStartStatement.dispose()
    this.#didFinishStatement.dispose()
  }

  async #close(sessions: readonly Session[]): Promise<void> {
    for (const session of sessions) this.#entries.delete(session.id)
    await Promise.all(sessions.map((session) => session.close()))
  }

  #of(instanceId: string): Session[] {
    return [...this.#entries.values()]
      .map((entry) => entry.session)
      .filter((session) => session.instanceId === instanceId)
  }
}
