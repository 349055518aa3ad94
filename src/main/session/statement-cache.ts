/**
 * Who may answer a statement in its session's turn without running it, and keep what it answered. Shapes only: what is
 * kept, and for how long it is true, is the cache's to say.
 */

import type { CacheUse } from '../../contract/cache.ts'
import type { StatementOutcome } from '../../contract/statement.ts'
import type { EngineStatement, SessionOpener, StatementSession } from '../engine/engine.ts'
import type { ResultEvent } from './statement-execution.ts'

/** A statement that has its turn, and where it would run. */
export interface CacheTurn {
  readonly opener: SessionOpener
  readonly backend: StatementSession
  /** The session has no transaction open. */
  readonly isBetween: boolean
  readonly use: CacheUse
}

/** What was kept of a statement: its events but for the last, and how it ended. */
export interface KeptAnswer {
  readonly events: readonly ResultEvent[]
  readonly outcome: StatementOutcome
}

/** One statement that may be answered, or whose answer may be kept. Everything happens within its turn. */
export interface CachedStatement {
  /** What is to be run where nothing was kept. */
  readonly statement: EngineStatement
  /** null where it is to be run. May ask the engine; never rejects. */
  find(): Promise<KeptAnswer | null>
  /** What has come of it, before anybody else gets it. */
  note(event: ResultEvent): void
  /** It has ended. May ask the engine; never rejects. */
  settle(outcome: StatementOutcome): Promise<void>
}

/** What one session has of its instance's cache. */
export interface SessionCache {
  /** Told of every statement that is about to run; null for one that is none of the cache's. */
  begin(statement: EngineStatement, turn: CacheTurn): CachedStatement | null
}

export interface SessionCaches {
  /** For a new session; null where nothing is kept. */
  open(instanceId: string): SessionCache | null
}
