/**
 * All queries that are followed of one instance, and when they are run again: soon after something was written that
 * they may depend on, whoever wrote it, and never so often that others hardly get the backend. Knows no client.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { Event } from '../../base/event.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { RelationVersions, type WatchedEngine } from '../cache/relation-versions.ts'
import type { Engine } from '../engine/engine.ts'
import type { TurnQueue } from '../session/turn-queue.ts'
import { FollowedQuery, type FollowedQueryOptions } from './followed-query.ts'
import { LiveDependencies } from './live-dependencies.ts'
import type { LiveTurns } from './live-turns.ts'

export interface LiveQueriesOptions {
  readonly turns: TurnQueue
  readonly liveTurns: LiveTurns
  readonly clock: Clock
  /** Whether the engine runs: following queries does not start it again. */
  isRunning(): boolean
  /** Whether this engine runs and is not being stopped. */
  isCurrent(engine: Engine): boolean
  /** `isRunning` may have changed. */
  readonly onDidChange: Event<unknown>
}

/** Queries of one instance: 64 of each of 16 sockets. Each is run after a write that it depends on. */
const queriesMax = 1_024
/** Of all last results together. */
const keptBytesMax = 128 << 20
/** Between two rounds. People see no difference, and a hundred writes are one round. */
const intervalMs = 50
/** After a round that has failed as a whole. */
const failureIntervalMs = 1_000
/** Everybody waits while a query runs; one that takes longer ends. */
const runBoundMs = 10_000

/** What is known of the engine that runs. */
interface Known {
  readonly engine: WatchedEngine
  readonly versions: RelationVersions
  readonly dependencies: LiveDependencies
}

export class LiveQueries implements Disposable {
  readonly #options: LiveQueriesOptions
  readonly #queries = new Set<FollowedQuery>()
  readonly #over = new AbortController()
  readonly #watching: readonly Disposable[]
  #known: Known | null = null
  #isWorking = false
  /** Until then nothing but new queries is run. */
  #pause: Disposable | null = null

  constructor(options: LiveQueriesOptions) {
    this.#options = options
    const consider = (): void => this.#consider()
    this.#watching = [options.turns.onDidChange(consider), options.onDidChange(consider)]
  }

  /** Throws `limit-exceeded`. */
  follow(options: Omit<FollowedQueryOptions, 'onWish' | 'onEnded' | 'isCurrent'>): FollowedQuery {
    if (this.#queries.size >= queriesMax) {
      throw new WorkbenchError(
        'limit-exceeded',
        `${queriesMax} queries of this instance are followed already`,
      )
    }
    const query = new FollowedQuery({
      ...options,
      onWish: () => this.#consider(),
      onEnded: (ended) => this.#queries.delete(ended),
      isCurrent: (engine) => this.#options.isCurrent(engine),
    })
    this.#queries.add(query)
    this.#consider()
    return query
  }

  /** The engine has ended: with the next one everything may be different. */
  noteLostEngine(): void {
    this.#known = null
    for (const query of this.#queries) query.note(null)
  }

  dispose(): void {
    for (const watching of this.#watching) watching.dispose()
    this.#pause?.dispose()
    this.#over.abort()
    const closed = new WorkbenchError('closed', 'The instance was closed')
    for (const query of [...this.#queries]) query.end(closed)
  }

  #consider(): void {
    if (this.#isWorking || this.#over.signal.aborted) return
    const isAnyNew = [...this.#queries].some((query) => query.isNew && query.isDue)
    if (!isAnyNew && this.#pause) return
    if (isAnyNew || this.#mayHaveChanged) void this.#work()
    else this.#watchTurn()
  }

  get #mayHaveChanged(): boolean {
    if (!this.#options.isRunning()) return false
    const isCurrent = this.#known?.versions.isCurrent ?? false
    return [...this.#queries].some((query) => !query.isHeld && (query.isDue || !isCurrent))
  }

  /** Clients of the wire may have the turn for long, and write meanwhile. */
  #watchTurn(): void {
    const { turns } = this.#options
    if (this.#queries.size > 0 && turns.holder !== null && !turns.isHeldIdle) this.#rest(intervalMs)
  }

  #rest(durationMs: number): void {
    this.#pause?.dispose()
    this.#pause = this.#options.clock.after(durationMs, () => {
      this.#pause = null
      this.#consider()
    })
  }

  async #work(): Promise<void> {
    const { clock } = this.#options
    this.#isWorking = true
    const startedMs = clock.monotonicMs()
    let restMs = intervalMs
    try {
      await this.#round()
      // At least half of the time is left for others.
      restMs = Math.max(intervalMs, clock.monotonicMs() - startedMs)
    } catch (error) {
      restMs = failureIntervalMs
      this.#known = null
      for (const query of [...this.#queries]) {
        query.note(null)
        if (query.isNew) query.end(error)
      }
    } finally {
      this.#isWorking = false
      if (!this.#over.signal.aborted) this.#rest(restMs)
    }
  }

  /** Each query in a turn of its own, so that others come between. */
  async #round(): Promise<void> {
    const { liveTurns } = this.#options
    const { signal } = this.#over
    await liveTurns.run(signal, async (engine) => {
      await this.#look(this.#knowledgeOf(engine))
      await this.#runNext(engine)
    })
    while (this.#next && !signal.aborted) await liveTurns.run(signal, (engine) => this.#runNext(engine))
  }

  get #next(): FollowedQuery | null {
    for (const query of this.#queries) if (query.isDue) return query
    return null
  }

  #knowledgeOf(engine: Engine): Known {
    if (this.#known?.engine === engine) return this.#known
    if (!isWatched(engine))
      throw new WorkbenchError('unsupported', 'What is written there cannot be followed')
    for (const query of this.#queries) query.note(null)
    this.#known = {
      ...{ engine, versions: new RelationVersions(engine), dependencies: new LiveDependencies(engine) },
    }
    return this.#known
  }

  async #runNext(engine: Engine): Promise<void> {
    const query = this.#next
    if (!query) return
    const known = this.#knowledgeOf(engine)
    const bound = this.#options.clock.after(runBoundMs, () => {
      query.end(new WorkbenchError('limit-exceeded', `The query took longer than ${runBoundMs / 1000} s`))
    })
    try {
      await query.run(engine, known.dependencies)
    } finally {
      bound.dispose()
    }
    this.#checkKept(query)
    if (!known.versions.knows(query.relations)) await this.#look(known)
  }

  /** Who depends on what has been written is due. Watches from now on what the queries depend on now. */
  async #look({ versions, dependencies }: Known): Promise<void> {
    const wasCurrent = versions.isCurrent
    const relations = new Set([...this.#queries].flatMap((query) => [...query.relations]))
    const changed = await versions.look(relations)
    if (wasCurrent) return
    if (changed.kind === 'schema' || changed.kind === 'unsure') dependencies.forget()
    const which = changed.kind === 'relations' ? changed.relations : changed.kind === 'nothing' ? none : null
    for (const query of this.#queries) query.note(which)
  }

  #checkKept(query: FollowedQuery): void {
    const bytes = [...this.#queries].reduce((sum, { size }) => sum + size, 0)
    if (bytes <= keptBytesMax) return
    query.end(
      new WorkbenchError('limit-exceeded', `Results of ${keptBytesMax >> 20} MiB are followed already`),
    )
  }
}

const none: ReadonlySet<number> = new Set()

function isWatched(engine: Engine): engine is WatchedEngine {
  return engine.writes !== undefined
}
