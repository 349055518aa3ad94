/**
 * What can be told of the inside of each instance: asked in a session of its own, at most once in a moment for all who
 * look, and never of an instance that does not run. Knows no SQL.
 */

import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import {
  insightFindingsMax,
  type Finding,
  type HealthInsight,
  type IndexesInsight,
  type PlanInsight,
  type TablesInsight,
  type WaitsInsight,
} from '../../contract/insight.ts'
import type { StreamChunk } from '../../rpc/handlers.ts'
import type { SessionHome, SessionRegistry } from '../session/session-registry.ts'
import { backendWaits, type BackendUse } from './backend-waits.ts'
import { bloatSource } from './bloat.ts'
import { readFacts, readHealth, readNow, type DatabaseFacts } from './database-facts.ts'
import { foreignKeyFindings, readForeignKeys, supportingIndexes } from './foreign-key-findings.ts'
import { indexFindings } from './index-findings.ts'
import { readIndexes } from './index-insight.ts'
import { InsightSession, type Ask } from './insight-session.ts'
import { KeptAnswers } from './kept-answers.ts'
import { planFindings } from './plan-findings.ts'
import { serverWaits } from './server-waits.ts'
import { readPlan, type PlanWish } from './statement-plan.ts'
import { tableFindings } from './table-findings.ts'
import { readTables } from './table-insight.ts'

/** Where an instance is, and whether it can be asked. */
export interface InsightPlace {
  readonly home: SessionHome
  readonly name: string
  readonly isRunning: boolean
  /** Who uses its backend, where its engine runs in this program; null for a server elsewhere. */
  use(): BackendUse | null
}

export interface InsightsOptions {
  readonly sessions: SessionRegistry
  readonly clock: Clock
  /** Throws `not-found`. */
  place(instanceId: string): InsightPlace
  /** What each text would do, as the parser tells it. */
  danger(
    texts: readonly string[],
  ): Promise<readonly { readonly level: string; readonly statementCount: number }[]>
}

interface Question {
  readonly instanceId: string
  /** Names the answer that is kept. */
  readonly what: string
  readonly signal: AbortSignal
}

/** What others are told when they wait for it. */
const sessionTitle = 'Insight'

/** People see a change at once; with nobody looking, nothing is looked at. */
const waitsIntervalMs = 300
/** A server elsewhere is asked each time. */
const serverWaitsIntervalMs = 2_000
/** What is run for its plan may take so long, while others wait. */
const analyzeTimeoutMs = 10_000

export class Insights {
  readonly #options: InsightsOptions
  readonly #sessions = new Map<string, InsightSession>()
  readonly #kept: KeptAnswers

  constructor(options: InsightsOptions) {
    this.#options = options
    this.#kept = new KeptAnswers(options.clock)
  }

  tables(instanceId: string, signal: AbortSignal): Promise<TablesInsight> {
    return this.#ask({ instanceId, what: 'tables', signal }, async (ask, facts, place) => {
      const { tables, total } = await readTables(ask, facts)
      const { databaseBytes } = (await readHealth(ask, facts)).health
      const remarks = tables.some(({ bloatBytes }) => bloatBytes === null)
        ? ['What is not needed of a table is known once ANALYZE has read it, and the role may read it']
        : []
      const findings = sorted(tableFindings(tables, place.use() !== null))
      return { answer: { tables, total, findings, databaseBytes, bloatSource }, remarks }
    })
  }

  indexes(instanceId: string, signal: AbortSignal): Promise<IndexesInsight> {
    return this.#ask({ instanceId, what: 'indexes', signal }, async (ask, facts) => {
      const { indexes, total } = await readIndexes(ask, facts)
      const keys = await readForeignKeys(ask)
      const supporting = supportingIndexes(keys, indexes)
      const isComplete = total === indexes.length
      const about = { indexes, findingsMax: insightFindingsMax }
      const findings = sorted([
        ...indexFindings(indexes, { supporting, countedSinceMs: facts.countedSinceMs }),
        // Of an index that was left out it cannot be told that it is missing.
        ...(isComplete ? await foreignKeyFindings(ask, keys, about) : []),
      ])
      const remarks = isComplete ? [] : ['There are too many indexes to say which foreign keys have none']
      const shown = indexes.filter(({ isPartitioned }) => !isPartitioned)
      return { answer: { indexes: shown, total, findings, bloatSource }, remarks }
    })
  }

  health(instanceId: string, signal: AbortSignal): Promise<HealthInsight> {
    return this.#ask({ instanceId, what: 'health', signal }, async (ask, facts) => {
      const { health, remarks } = await readHealth(ask, facts)
      return { answer: health, remarks }
    })
  }

  /** What holds and waits now, and after each change, until `signal` aborts. */
  async *waits(
    instanceId: string,
    signal: AbortSignal,
  ): AsyncGenerator<StreamChunk<WaitsInsight>, null, void> {
    let told = ''
    while (!signal.aborted) {
      const place = this.#runningPlace(instanceId)
      const isHere = place.use() !== null
      const waits = await this.#waitsNow(place, signal)
      const { atMs, ...seen } = waits
      const text = JSON.stringify(seen)
      if (text !== told) yield { value: { ...seen, atMs } }
      told = text
      await this.#pause(isHere ? waitsIntervalMs : serverWaitsIntervalMs, signal)
    }
    return null
  }

  /** As the contract has it, of a text. */
  async plan(instanceId: string, wish: PlanWish, signal: AbortSignal): Promise<PlanInsight> {
    const { clock, danger } = this.#options
    const place = this.#runningPlace(instanceId)
    if (wish.analyze) await refuseWrites(wish.text, danger)
    const startedMs = clock.monotonicMs()
    const bounds = { signal, usesSearchPath: true, ...(wish.analyze ? { timeoutMs: analyzeTimeoutMs } : {}) }
    return this.#session(place).read(bounds, async (ask) => {
      const facts = await readFacts(ask)
      const plan = await readPlan(ask, wish)
      const findings = sorted(await planFindings(ask, plan.planJson))
      const remarks =
        plan.mode === 'generic' ? ['The plan is one for any parameters; one with values may be another'] : []
      return { ...plan, findings, text: wish.text, read: readNow(clock, startedMs, { facts, remarks }) }
    })
  }

  /** The instance is gone, and its session with it. */
  forget(instanceId: string): void {
    this.#sessions.delete(instanceId)
    this.#kept.forget(`${instanceId} `)
  }

  #ask<A extends object>(
    { instanceId, what, signal }: Question,
    read: (
      ask: Ask,
      facts: DatabaseFacts,
      place: InsightPlace,
    ) => Promise<{ answer: A; remarks: readonly string[] }>,
  ): Promise<A & { read: HealthInsight['read'] }> {
    const { clock } = this.#options
    const place = this.#runningPlace(instanceId)
    return this.#kept.get(`${instanceId} ${what}`, signal, {
      holder: () => place.home.turns?.holder?.title ?? 'Another session',
      read: async () => {
        const session = this.#session(place)
        // Whoever asked first may leave; others wait for the same answer.
        const wish = { signal: new AbortController().signal }
        const startedMs = clock.monotonicMs()
        if (place.use() !== null) await session.flushCounters(wish.signal)
        return session.read(wish, async (ask) => {
          const facts = await readFacts(ask)
          const { answer, remarks } = await read(ask, facts, place)
          return { ...answer, read: readNow(clock, startedMs, { facts, remarks }) }
        })
      },
    })
  }

  async #waitsNow(place: InsightPlace, signal: AbortSignal): Promise<WaitsInsight> {
    const atMs = this.#options.clock.nowMs()
    const use = place.use()
    if (use) return backendWaits(use, atMs)
    return this.#session(place).read({ signal }, (ask) => serverWaits(ask, atMs))
  }

  async #pause(durationMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = this.#options.clock.after(durationMs, resolve)
    const onAbort = (): void => resolve()
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) resolve()
    await promise
    signal.removeEventListener('abort', onAbort)
    timer.dispose()
  }

  #runningPlace(instanceId: string): InsightPlace {
    const place = this.#options.place(instanceId)
    if (place.isRunning) return place
    throw new WorkbenchError('conflict', `${place.name} does not run; start it to look into it`)
  }

  #session({ home }: InsightPlace): InsightSession {
    const known = this.#sessions.get(home.id)
    if (known) return known
    const { sessions, clock } = this.#options
    const session = new InsightSession(sessions.open(home, sessionTitle, this), clock)
    this.#sessions.set(home.id, session)
    return session
  }
}

/** Throws `unsupported` for what is not one statement that the parser takes for reading alone. */
async function refuseWrites(text: string, danger: InsightsOptions['danger']): Promise<void> {
  const [found] = await danger([text])
  if (found?.level === 'read' && found.statementCount === 1) return
  throw new WorkbenchError('unsupported', 'Only a statement that reads and nothing else is run for its plan')
}

const certainties = ['sure', 'likely', 'hint'] as const

/** The most certain first, and of those the largest. */
function sorted(findings: readonly Finding[]): Finding[] {
  const rank = ({ certainty }: Finding): number => certainties.indexOf(certainty)
  return [...findings]
    .sort((a, b) => rank(a) - rank(b) || (b.bytes ?? 0) - (a.bytes ?? 0))
    .slice(0, insightFindingsMax)
}
