/**
 * One query that is followed: its last result, what that depends on, and whether it is to be run again. Knows neither
 * when it is its turn nor whose session it is.
 */

import { onDispose, type Disposable } from '../../base/disposable.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import type { LiveListener, LiveQueryHandle, LiveQueryText } from '../endpoints/live-reader.ts'
import type { Engine, StatementSession } from '../engine/engine.ts'
import type { LiveDependencies } from './live-dependencies.ts'
import { readLiveResult, type LiveResult } from './read-live-result.ts'
import { rowDifference } from './result-difference.ts'

export interface FollowedQueryOptions {
  readonly text: LiveQueryText
  readonly listener: LiveListener
  /** The session of whoever follows it. */
  session(engine: Engine): Promise<StatementSession>
  /** It is to be run, or is not held any more. */
  onWish(): void
  onEnded(query: FollowedQuery): void
  /** Whether this engine runs and is not being stopped. */
  isCurrent(engine: Engine): boolean
}

export class FollowedQuery implements LiveQueryHandle {
  readonly #options: FollowedQueryOptions
  readonly #tracking: Disposable
  #running: AbortController | null = null
  #result: LiveResult | null = null
  #relations: ReadonlySet<number> | null = null
  #isDue = true
  #isHeld = false
  #isEnded = false

  constructor(options: FollowedQueryOptions) {
    this.#options = options
    this.#tracking = onDispose('live-query', () => options.onEnded(this))
  }

  /** Nobody has been told of a result. */
  get isNew(): boolean {
    return this.#result === null
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  get isDue(): boolean {
    return this.#isDue && !this.#isHeld && !this.#isEnded
  }

  /** Bytes that its last result takes. */
  get size(): number {
    return this.#result?.size ?? 0
  }

  /** What is to be watched for it; none where it depends on everything. */
  get relations(): ReadonlySet<number> {
    return this.#relations ?? new Set()
  }

  /** Rows of these have changed; null: anything may have. */
  note(changed: ReadonlySet<number> | null): void {
    if (changed === null || this.#relations === null || !this.#relations.isDisjointFrom(changed)) {
      this.#isDue = true
    }
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    if (!isHeld) this.#options.onWish()
  }

  /**
   * Runs it, in a turn, and tells what came of it; whatever goes wrong ends it, but for an engine that is stopped
   * meanwhile, and tells so as if somebody had cancelled: it stays due for the next one, and this rejects.
   */
  async run(engine: Engine, dependencies: LiveDependencies): Promise<void> {
    if (!this.isDue) return
    this.#isDue = false
    this.#running = new AbortController()
    const { signal } = this.#running
    try {
      const session = await this.#options.session(engine)
      const result = await readLiveResult(session, this.#options.text, signal)
      this.#relations = await dependencies.of(result.tree)
      if (!this.#isEnded) this.#take(result)
    } catch (error) {
      if (!this.#isEnded && !this.#options.isCurrent(engine)) {
        this.#isDue = true
        throw error
      }
      this.end(error)
    } finally {
      this.#running = null
    }
  }

  /** What runs of it ends. */
  cancel(): void {
    this.#running?.abort()
  }

  /** Tells why, unless it has ended. */
  end(error: unknown): void {
    if (this.#isEnded) return
    this.dispose()
    this.#options.listener.onEnd(ownError(error))
  }

  dispose(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.cancel()
    this.#result = null
    this.#tracking.dispose()
  }

  #take(result: LiveResult): void {
    const before = this.#result
    this.#result = result
    const { listener } = this.#options
    if (before === null) {
      listener.onResult(result.columns, result.rows)
      return
    }
    if (JSON.stringify(before.columns) !== JSON.stringify(result.columns)) {
      throw new WorkbenchError('conflict', 'The columns of the result have changed; follow the query again')
    }
    const difference = rowDifference(before, result)
    if (difference) listener.onDifference(difference)
  }
}

function ownError(error: unknown): WorkbenchError {
  if (error instanceof WorkbenchError) return error
  const { code, message, sql } = toWireError(error)
  return new WorkbenchError(code, message, { sql, cause: error })
}
