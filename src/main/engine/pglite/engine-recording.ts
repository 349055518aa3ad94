/**
 * What the clients of one engine's wire run, counted in the engine's thread: the recorder, and who calls by session.
 * Tells the host once that there is something, and hands it over when it is asked. Knows no conversation.
 */

import type { StatementCallerName, StatementDeltas } from '../../statistics/statement-deltas.ts'
import { StatementRecorder, type RecordingOptions } from '../../statistics/statement-recorder.ts'
import type { SessionBeginning } from './sessions/backend-sessions.ts'

export interface EngineRecordingOptions {
  /** There is something, for the first time since it was handed over. */
  onFirst(): void
  onTaken(deltas: StatementDeltas): void
}

const unknownCaller: StatementCallerName = { application: '', endpoint: 'wire', user: '' }
/** Names that sessions have given themselves; whoever makes up more is told apart no longer. */
const renamedMax = 1_000

export class EngineRecording {
  /** Off until the host says otherwise. */
  readonly recorder = new StatementRecorder({ isOn: false, keepsExamples: false, slowMs: null })
  readonly #options: EngineRecordingOptions
  readonly #callers = new Map<number, StatementCallerName>()
  /** One object for each, because counts are told apart by it. */
  readonly #renamed = new Map<string, StatementCallerName>()
  #hasTold = false

  constructor(options: EngineRecordingOptions) {
    this.#options = options
  }

  configure(options: RecordingOptions): void {
    this.recorder.configure(options)
  }

  begin({ session, role, settings }: SessionBeginning): void {
    const [, application = ''] =
      settings.findLast(([name]) => name.toLowerCase() === 'application_name') ?? []
    this.#callers.set(session, { application, endpoint: 'wire', user: role })
  }

  end(session: number): void {
    this.#callers.delete(session)
  }

  callerOf(session: number): StatementCallerName {
    return this.#callers.get(session) ?? unknownCaller
  }

  /** The session calls its application something else from now on. */
  rename(session: number, application: string): StatementCallerName {
    const { user } = this.callerOf(session)
    const key = `${user}\0${application}`
    const known = this.#renamed.get(key)
    const caller: StatementCallerName = known ?? { application, endpoint: 'wire', user }
    if (!known && this.#renamed.size >= renamedMax) return this.callerOf(session)
    this.#renamed.set(key, caller)
    this.#callers.set(session, caller)
    return caller
  }

  /** Something has been recorded. */
  note(): void {
    if (this.#hasTold) return
    this.#hasTold = true
    this.#options.onFirst()
  }

  /** Hands over what there is. */
  give(): void {
    this.#hasTold = false
    const deltas = this.recorder.take()
    this.#options.onTaken(deltas ?? nothingCounted)
  }
}

const nothingCounted: StatementDeltas = { shapes: [], deltas: [], slow: [] }
