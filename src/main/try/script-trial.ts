/**
 * Tries a script on copies that are thrown away: describes one, runs the script on it, describes it again, and
 * compares its rows with those of a second copy that nobody has touched. Ends every copy that it opened,
 * whatever happens. Knows no instance.
 */

import type { Clock } from '../../base/clock.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import { tryObjectsMax, type TryMode, type TryProgress, type TryReport } from '../../contract/try-report.ts'
import type { Engine } from '../engine/engine.ts'
import type { Session } from '../session/session.ts'
import { SessionQueries } from '../session/session-query.ts'
import { planExtension, planSettings } from './recorded-plan.ts'
import { rowDifference, touchedTables, type Survey } from './row-difference.ts'
import { schemaDifference, type SchemaObject } from './schema-difference.ts'
import { schemaQuery } from './schema-queries.ts'
import { recordScript, type RecordedScript } from './script-recorder.ts'
import { readSequences, sequenceDifference, type SequenceValues } from './sequence-difference.ts'
import { applySettings, type SessionSettings } from './session-settings.ts'
import { nextTransaction, surveyTables } from './table-survey.ts'
import { TrialEngine } from './trial-engine.ts'
import type { TriedScript } from './tried-script.ts'

/** A script that runs longer is for a fork that stays: nobody waits for this one. */
export const trialMsMax = 15 * 60_000

export interface TrialOptions {
  readonly script: TriedScript
  readonly mode: TryMode
  /** Of the session that asks; null for a new one's. */
  readonly settings: SessionSettings | null
  readonly clock: Clock
  readonly signal: AbortSignal
  /** A copy, the same each time. */
  openCopy(): Promise<Engine>
  onProgress(progress: TryProgress): void
}

/** What of a report the trial itself knows. */
export type TrialReport = Omit<TryReport, 'copyMs' | 'position'>

interface Description {
  readonly tables: Survey
  readonly sequences: SequenceValues
  readonly objects: readonly SchemaObject[]
}

type Differences = Pick<TryReport, 'objects' | 'objectsLeftOut' | 'tables' | 'tablesLeftOut' | 'sequences'>

const nothing: Differences = { objects: [], objectsLeftOut: 0, tables: [], tablesLeftOut: 0, sequences: [] }

/** Throws `cancelled`, `limit-exceeded` after `trialMsMax`, and what opening a copy throws. */
export async function tryScript(options: TrialOptions): Promise<TrialReport> {
  const timeout = new AbortController()
  const timer = options.clock.after(trialMsMax, () => timeout.abort())
  const trial = new ScriptTrial({ ...options, signal: AbortSignal.any([options.signal, timeout.signal]) })
  try {
    return await trial.run()
  } catch (error) {
    if (timeout.signal.aborted) throw tookTooLong()
    if (options.signal.aborted)
      throw new WorkbenchError('cancelled', 'The trial was cancelled', { cause: error })
    throw error
  } finally {
    timer.dispose()
    await trial.end()
  }
}

class ScriptTrial {
  readonly #options: TrialOptions
  readonly #engines: TrialEngine[] = []
  readonly #remarks: string[] = []
  readonly #onAbort = (): void => void this.end()

  constructor(options: TrialOptions) {
    this.#options = options
    options.signal.addEventListener('abort', this.#onAbort)
  }

  async run(): Promise<TrialReport> {
    const { clock, mode, onProgress, script, signal } = this.#options
    const copy = await this.#open()
    onProgress({ kind: 'step', step: 'describing', index: 0, count: 2 })
    const before = await describe(copy, signal)
    const firstTransaction = await nextTransaction(copy, signal)
    const recorded = await this.#runScript(copy)
    const leavesTransactionOpen = copy.session.state.transaction !== 'idle'
    await copy.session.close()
    const startedMs = clock.monotonicMs()
    const differences = await this.#compare(copy, { before, firstTransaction, recorded })
    return {
      ...{ sha256: script.sha256, mode, leavesTransactionOpen },
      wouldSucceed: recorded.failure === null,
      fitsOneTransaction: script.fitsOneTransaction,
      ...{ failure: recorded.failure, statements: recorded.statements },
      ...{ statementsRun: recorded.statementsRun, statementsTotal: script.statements.length },
      ...differences,
      ...{ remarks: this.#remarks, runMs: recorded.durationMs, compareMs: clock.monotonicMs() - startedMs },
    }
  }

  /** Ends all copies. Idempotent. */
  async end(): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#onAbort)
    await Promise.all(this.#engines.map((engine) => engine.discard()))
  }

  async #open(): Promise<TrialEngine> {
    const { clock, openCopy, signal } = this.#options
    const engine = new TrialEngine(await openCopy(), clock)
    this.#engines.push(engine)
    if (signal.aborted) await engine.discard()
    signal.throwIfAborted()
    return engine
  }

  async #runScript({ session }: TrialEngine): Promise<RecordedScript> {
    const { clock, mode, onProgress, script, settings, signal } = this.#options
    if (!(await recordsPlans(session, signal))) this.#remarks.push('Plans could not be recorded.')
    const failed = settings ? await applySettings(session, settings, signal) : []
    if (failed.length > 0) this.#remarks.push(`The copy ran without these settings: ${failed.join(', ')}.`)
    const reservation = session.beginRun()
    try {
      const onStatement = (index: number, count: number): void =>
        onProgress({ kind: 'step', step: 'running', index, count })
      const recorded = await recordScript({ session, script, mode, clock, onStatement })
      signal.throwIfAborted()
      return recorded
    } finally {
      reservation.dispose()
    }
  }

  async #compare(
    copy: TrialEngine,
    trial: { before: Description; firstTransaction: string; recorded: RecordedScript },
  ): Promise<Differences> {
    const { onProgress, script, signal } = this.#options
    if (hasLostEngine(trial.recorded)) {
      this.#remarks.push(
        'The copy’s engine ended with the statement that failed, so nothing could be compared.',
      )
      return nothing
    }
    onProgress({ kind: 'step', step: 'describing', index: 1, count: 2 })
    const after = await describe(copy, signal)
    const trustsCounts = script.statements.every(({ traits }) => !traits.disturbsCounts)
    const changes = touchedTables({
      surveys: { before: trial.before.tables, after: after.tables },
      trustsCounts,
    })
    const onTable = (index: number, count: number): void =>
      onProgress({ kind: 'step', step: 'comparing', index, count })
    // Only what was there before has to be compared with it.
    const untouched = changes.some(({ before }) => before !== null) ? await this.#open() : copy
    const comparison = { before: untouched, after: copy, firstTransaction: trial.firstTransaction, signal }
    const { tables, leftOut } = await rowDifference(comparison, changes, onTable)
    const schema = await schemaDifference(trial.before.objects, after.objects, tryObjectsMax)
    return {
      ...{ objects: schema.objects, objectsLeftOut: schema.leftOut },
      ...{ tables, tablesLeftOut: leftOut },
      sequences: sequenceDifference(trial.before.sequences, after.sequences).slice(0, tryObjectsMax),
    }
  }
}

async function describe(engine: TrialEngine, signal: AbortSignal): Promise<Description> {
  const tables = await surveyTables(engine, signal)
  const sequences = await readSequences(engine, signal)
  const rows = await engine.rows(schemaQuery, [], signal)
  const objects = rows.map(([kind, key, name, definition]) => {
    return { kind: kind ?? '', key: key ?? '', name: name ?? '', definition: definition ?? '' }
  })
  return { tables, sequences, objects }
}

/** False where the engine has not got what tells them. */
async function recordsPlans(session: Session, signal: AbortSignal): Promise<boolean> {
  const queries = new SessionQueries(session)
  try {
    await queries.rows(`load '${planExtension}'`, [], signal)
    for (const setting of planSettings) {
      await queries.rows('select pg_catalog.set_config($1, $2, false)', [...setting], signal)
    }
    return true
  } catch (error) {
    if (signal.aborted || toWireError(error).code !== 'sql-error') throw error
    return false
  }
}

function hasLostEngine({ failure }: RecordedScript): boolean {
  const code = failure?.error.code
  return code === 'engine-crashed' || code === 'engine-unresponsive' || code === 'disk-full'
}

function tookTooLong(): WorkbenchError {
  return new WorkbenchError(
    'limit-exceeded',
    `The trial took longer than ${trialMsMax / 60_000} minutes and was ended; fork the instance and run it there`,
  )
}
