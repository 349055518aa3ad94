/**
 * Tries scripts on copies of instances, and applies what was tried: with the settings of the session that asks,
 * and only as long as nobody has written to the instance since. Keeps nothing between the two. Knows no client.
 */

import { WorkbenchError } from '../../contract/error.ts'
import type { TryApplied, TryMode, TryProgress, TryReport } from '../../contract/try-report.ts'
import type { Session } from '../session/session.ts'
import { SessionQueries } from '../session/session-query.ts'
import type { SqlText } from '../session/sql-text.ts'
import { planExtension } from '../try/recorded-plan.ts'
import { recordScript, type RecordedScript } from '../try/script-recorder.ts'
import { tryScript } from '../try/script-trial.ts'
import { readSettings } from '../try/session-settings.ts'
import { TriedScript } from '../try/tried-script.ts'
import type { HostParts } from './host-parts.ts'
import { makeTrialCopies, positionQuery } from './trial-copies.ts'

export interface TrialRequest {
  readonly instanceId: string
  /** Of whoever asks; null for a new one. */
  readonly session: Session | null
  readonly text: SqlText
}

export interface TrialWatcher {
  readonly signal: AbortSignal
  onProgress(progress: TryProgress): void
}

/** Position of a copy that was made beside an open transaction: what that one commits later is not seen by it. */
const uncommitted = 'uncommitted'

/** What a session is called that was opened for applying alone. */
const applyTitle = 'Applying a tried script'

export class ScriptTrials {
  readonly #parts: HostParts

  constructor(parts: HostParts) {
    this.#parts = parts
  }

  /** Throws what hinders the trial itself; what is wrong with the script is in the report. */
  async run(request: TrialRequest & { readonly mode: TryMode }, watcher: TrialWatcher): Promise<TryReport> {
    const { clock, parser } = this.#parts
    const { mode, session } = request
    const { onProgress, signal } = watcher
    const instance = this.#parts.instances.get(request.instanceId)
    const script = await TriedScript.read(request.text, parser, signal)
    const isFailed = session?.state.transaction === 'failed'
    const settings = session && !isFailed ? await readSettings(session, signal) : null
    const startedMs = clock.monotonicMs()
    onProgress({ kind: 'step', step: 'copying', index: 0, count: 0 })
    const copies = await makeTrialCopies(this.#copyOptions, {
      ...{ instance, session, signal, extensions: [planExtension] },
      onWait: (holder) =>
        onProgress({ kind: 'waiting', holder, holderInTransaction: instance.turns.isHeldIdle }),
    })
    const copyMs = clock.monotonicMs() - startedMs
    try {
      const openCopy = (): ReturnType<typeof copies.open> => copies.open()
      const report = await tryScript({ script, mode, settings, clock, signal, openCopy, onProgress })
      if (copies.position !== null) return { ...report, position: copies.position, copyMs }
      const remark =
        'Your console has a transaction open: the script was tried on what is committed, without it.'
      return { ...report, position: uncommitted, remarks: [remark, ...report.remarks], copyMs }
    } finally {
      await copies.end()
    }
  }

  /** Throws `conflict`, and what hinders it before anything was run; the script's errors are in the answer. */
  async apply(request: ApplyRequest, watcher: TrialWatcher): Promise<TryApplied> {
    const { parser, sessions, instances } = this.#parts
    const { signal } = watcher
    const script = await TriedScript.read(request.text, parser, signal)
    if (script.sha256 !== request.sha256) {
      throw new WorkbenchError('conflict', 'The script is not the one that was tried; try it again')
    }
    const instance = instances.get(request.instanceId)
    if (request.session) return this.#applyIn(request.session, script, { request, watcher })
    const owner = {}
    const session = sessions.open(instance, applyTitle, owner)
    try {
      return await this.#applyIn(session, script, { request, watcher })
    } finally {
      await sessions.close(session.id, owner)
    }
  }

  async #applyIn(
    session: Session,
    script: TriedScript,
    { request, watcher }: { readonly request: ApplyRequest; readonly watcher: TrialWatcher },
  ): Promise<TryApplied> {
    const { signal, onProgress } = watcher
    if (session.state.transaction !== 'idle') {
      throw new WorkbenchError(
        'conflict',
        'This console has a transaction open: end it first, then try again',
      )
    }
    if (request.inOneTransaction && !script.fitsOneTransaction) {
      throw new WorkbenchError('unsupported', 'Statements of this script cannot run within one transaction')
    }
    if (!request.despiteWrites) await this.#checkPosition(session, request.position, signal)
    const protection = await this.#protect(request.instanceId, watcher)
    const onAbort = (): void => session.cancel()
    signal.addEventListener('abort', onAbort)
    const reservation = session.beginRun()
    if (protection.snapshotId !== null) session.skipWatch()
    try {
      const mode = request.inOneTransaction ? 'transaction' : 'script'
      const onStatement = (index: number, count: number): void =>
        onProgress({ kind: 'step', step: 'applying', index, count })
      const recorded = await recordScript({ session, script, mode, clock: this.#parts.clock, onStatement })
      return toApplied(recorded, { wasOneTransaction: request.inOneTransaction, ...protection })
    } finally {
      signal.removeEventListener('abort', onAbort)
      reservation.dispose()
    }
  }

  /** Takes a snapshot to go back to, as far as the instance's policy wants one before what a script does. */
  async #protect(instanceId: string, { signal, onProgress }: TrialWatcher): Promise<Protection> {
    const { instances, snapshots } = this.#parts
    const instance = instances.get(instanceId)
    if (instance.directory === null) return { snapshotId: null, remark: null }
    const { before, automaticBytesMax } = await snapshots.policyOf(instanceId)
    if (before === 'nothing') return { snapshotId: null, remark: null }
    if ((instance.describe().sizeBytes ?? 0) > automaticBytesMax) {
      return {
        snapshotId: null,
        remark: 'No snapshot was taken before it: the database is larger than its limit',
      }
    }
    onProgress({ kind: 'step', step: 'protecting', index: 0, count: 0 })
    const wish = { label: null, reason: { kind: 'work', what: 'applying a tried script' } } as const
    const onWait = (holder: string): void =>
      onProgress({ kind: 'waiting', holder, holderInTransaction: instance.turns.isHeldIdle })
    const { id } = await snapshots.take(instanceId, wish, { signal, onWait })
    return { snapshotId: id, remark: null }
  }

  async #checkPosition(session: Session, position: string, signal: AbortSignal): Promise<void> {
    const [row] = await new SessionQueries(session).rows(positionQuery, [], signal)
    if (row?.[0] === position) return
    throw new WorkbenchError(
      'conflict',
      'The database has been written to since the script was tried; try it again, or apply it all the same',
    )
  }

  get #copyOptions(): Parameters<typeof makeTrialCopies>[0] {
    const { clock, copies, description, factory, files, wireServers } = this.#parts
    const { dataDirectory } = description
    return { clock, copies, dataDirectory, factory, files, memory: wireServers.forkMemory }
  }
}

export interface ApplyRequest extends TrialRequest {
  readonly sha256: string
  readonly position: string
  readonly inOneTransaction: boolean
  readonly despiteWrites: boolean
}

type Protection = Pick<TryApplied, 'snapshotId' | 'remark'>

function toApplied(
  { failure, statementsRun, durationMs }: RecordedScript,
  rest: Protection & Pick<TryApplied, 'wasOneTransaction'>,
): TryApplied {
  return { statementsRun, durationMs, failure, ...rest }
}
