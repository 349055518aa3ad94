/**
 * One session's use of its instance's cache: what its statements mean, which only it can change, and one statement on
 * its way through. Whatever goes wrong here is a miss.
 */

import type { Clock } from '../../base/clock.ts'
import type { ColumnDescription, StatementOutcome } from '../../contract/statement.ts'
import type { EngineStatement, SessionOpener } from '../engine/engine.ts'
import type { ResultEvent } from '../session/statement-execution.ts'
import type { CachedStatement, CacheTurn, KeptAnswer, SessionCache } from '../session/statement-cache.ts'
import { readSessionState } from './catalog-questions.ts'
import type { InstanceCache } from './instance-cache.ts'
import type { KeptBatch } from './kept-result.ts'
import type { WatchedEngine } from './relation-versions.ts'
import { readStatementTree } from './statement-tree.ts'
import { mayBeQuery, maySayTime } from './statement-words.ts'

/** A longer text is seldom sent twice, and takes longer to compare. */
const textBytesMax = 64 << 10

const utf8 = new TextDecoder()

/** What is known of a session's settings, role and schemas, until it runs something that may change them. */
interface KnownState {
  readonly text: string
  readonly session: object
  readonly schemaVersion: number
}

export class SessionResultCache implements SessionCache {
  readonly #cache: InstanceCache
  readonly #clock: Clock
  #state: KnownState | null = null
  /** The session has been told not to use it. */
  isOff = false

  constructor(cache: InstanceCache, clock: Clock) {
    this.#cache = cache
    this.#clock = clock
  }

  begin(statement: EngineStatement, turn: CacheTurn): CachedStatement | null {
    const state = this.#state
    // Whatever is not proven to be harmless may change it.
    this.#state = null
    const { opener, isBetween, use } = turn
    if (!this.#cache.options.isOn || this.isOff || use === 'off' || !isBetween) return null
    if (!isWatched(opener) || statement.sql.length > textBytesMax) return null
    const text = utf8.decode(statement.sql)
    if (!mayBeQuery(text)) return null
    this.#cache.useEngine(opener)
    return new StatementOnItsWay({
      ...{ cache: this.#cache, clock: this.#clock, statement, turn, engine: opener, text, state },
      onHarmless: (known) => (this.#state = known),
    })
  }
}

interface WayOptions {
  readonly cache: InstanceCache
  readonly clock: Clock
  readonly statement: EngineStatement
  readonly turn: CacheTurn
  readonly engine: WatchedEngine
  readonly text: string
  readonly state: KnownState | null
  /** The session is as it was. */
  onHarmless(state: KnownState | null): void
}

class StatementOnItsWay implements CachedStatement {
  readonly statement: EngineStatement
  readonly #options: WayOptions
  readonly #textKey: string
  readonly #startedMs: number
  #state: KnownState | null
  #nextTransaction = -1
  #tree: string | null = null
  #columns: readonly ColumnDescription[] | null = null
  /** null once it is not to be kept. */
  #batches: KeptBatch[] | null = []
  #bytes = 0

  constructor(options: WayOptions) {
    const { statement, text, state, clock } = options
    this.#options = options
    this.#state = state
    const { parameters, parameterTypes = [] } = statement
    this.#textKey = `${JSON.stringify([parameters, parameterTypes])} ${text}`
    this.#startedMs = clock.monotonicMs()
    this.statement = { ...statement, onTree: (tree) => (this.#tree = tree) }
  }

  async find(): Promise<KeptAnswer | null> {
    try {
      const found = this.#options.turn.use === 'refresh' ? null : await this.#find()
      if (!found) this.#options.cache.noteMiss()
      return found
    } catch {
      // What could not be asked is asked again by the next one; this one is run.
      return null
    } finally {
      this.#nextTransaction = this.#options.engine.writes.nextTransaction
    }
  }

  note(event: ResultEvent): void {
    if (event.kind === 'columns') this.#columns = event.columns
    else if (event.kind === 'notice') this.#batches = null
    else if (event.kind === 'batch' && this.#batches) {
      this.#bytes += event.buffer.byteLength
      if (this.#bytes > this.#options.cache.resultBytesMax) this.#batches = null
      else this.#batches.push({ ...event, buffer: event.buffer.slice(0) })
    }
  }

  async settle(outcome: StatementOutcome): Promise<void> {
    try {
      await this.#settle(outcome)
    } catch {
      // Not kept, and the session's state is asked for again.
      this.#options.onHarmless(null)
    }
  }

  async #find(): Promise<KeptAnswer | null> {
    const { cache, clock, statement, onHarmless } = this.#options
    if (!cache.mayKnow(this.#textKey)) return null
    await cache.validate()
    if (!cache.mayKnow(this.#textKey)) return null
    const state = await this.#knownState()
    const kept = cache.use(this.#keyIn(state))
    if (!kept || kept.resultBytes > statement.resultBytesMax) return null
    const answer = kept.answer(clock.nowMs(), clock.monotonicMs() - this.#startedMs)
    cache.ledger.noteHit(answer.outcome.cached?.savedMs ?? 0)
    onHarmless(state)
    return answer
  }

  async #settle(outcome: StatementOutcome): Promise<void> {
    const { cache, engine, statement, text, turn, onHarmless } = this.#options
    const tree = this.#tree === null ? null : readStatementTree(this.#tree)
    const isUnwritten = engine.writes.nextTransaction === this.#nextTransaction
    if (!tree || !isUnwritten || outcome.status !== 'ok' || outcome.transaction !== 'idle') return
    if (!(await cache.mayCall(tree.functions))) {
      cache.ledger.noteRefused()
      return
    }
    // It has run nothing that could change its session.
    if (this.#isKnown(this.#state)) onHarmless(this.#state)
    const isTimeless = !tree.hasTimeConstant || !maySayTime(text, statement.parameters)
    const { durationMinMs } = cache
    if (!this.#batches || !this.#columns || !isTimeless || outcome.durationMs < durationMinMs) return
    const state = await this.#knownState()
    onHarmless(state)
    const { session, ...result } = {
      ...{ key: this.#keyIn(state), textKey: this.#textKey, text, session: turn.backend },
      ...{ columns: this.#columns, batches: this.#batches, outcome },
    }
    await cache.keep(result, { tree, session })
  }

  #isKnown(state: KnownState | null): boolean {
    const { cache, turn } = this.#options
    return state?.session === turn.backend && state.schemaVersion === cache.schemaVersion
  }

  async #knownState(): Promise<KnownState> {
    const { cache, turn } = this.#options
    if (this.#state && this.#isKnown(this.#state)) return this.#state
    const text = await readSessionState(turn.backend)
    this.#state = { text, session: turn.backend, schemaVersion: cache.schemaVersion }
    return this.#state
  }

  #keyIn({ text }: KnownState): string {
    return `${text}\0${this.#textKey}`
  }
}

/** An engine here; a server elsewhere is written by others, too. */
function isWatched(opener: SessionOpener): opener is WatchedEngine {
  return 'writes' in opener && opener.writes !== undefined
}
