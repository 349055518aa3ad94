/**
 * What the clients of one engine's wire run, counted in the engine's thread: the recorder, and who calls by session.
 * Tells the host once that there is something, and hands it over when it is asked. Knows no conversation.
 */

import type { StatementCallerName, StatementDeltas } from '../../statistics/statement-deltas.ts'
import { StatementRecorder, type RecordingOptions } from '../../statistics/statement-recorder.ts'
import { SentCall } from './sent-call.ts'
import type { SessionBeginning } from './sessions/backend-sessions.ts'

export interface EngineRecordingOptions {
  /** There is something, for the first time since it was handed over. */
  onFirst(): void
  onTaken(deltas: StatementDeltas): void
}

const unknownCaller: StatementCallerName = { application: '', endpoint: 'wire', user: '' }
/**
 * Calls that are counted together, when they have come together. What counting looks at is in no cache of the processor
 * after Postgres has run, so that counting each by itself takes several times as long.
 */
const gatheredMax = 32
/** Names that sessions have given themselves; whoever makes up more is told apart no longer. */
const renamedMax = 1_000

export class EngineRecording {
  /** Off until the host says otherwise. */
  readonly recorder = new StatementRecorder({ isOn: false, keepsExamples: false, slowMs: null })
  readonly #options: EngineRecordingOptions
  readonly #callers = new Map<number, StatementCallerName>()
  /** One object for each, because counts are told apart by it. */
  readonly #renamed = new Map<string, StatementCallerName>()
  /** Those that have ended and are not counted yet come first; the others are there to be used. */
  readonly #gathered = Array.from({ length: gatheredMax }, () => new SentCall())
  #gatheredCount = 0
  #hasTold = false

  constructor(options: EngineRecordingOptions) {
    this.#options = options
  }

  configure(options: RecordingOptions): void {
    this.#count()
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

  /** Takes a call that has ended, and gives another one for it. */
  gather(call: SentCall): SentCall {
    const at = this.#gatheredCount
    const other = this.#gathered[at] ?? new SentCall()
    this.#gathered[at] = call
    this.#gatheredCount = at + 1
    if (at + 1 === gatheredMax) this.#count()
    else if (!this.#hasTold) this.#tell()
    return other
  }

  /** What is gathered would keep too much of what clients have sent. */
  release(): void {
    this.#count()
  }

  /** Hands over what there is. */
  give(): void {
    this.#count()
    this.#hasTold = false
    const deltas = this.recorder.take()
    this.#options.onTaken(deltas ?? nothingCounted)
  }

  #tell(): void {
    this.#hasTold = true
    this.#options.onFirst()
  }

  #count(): void {
    const { recorder } = this
    for (let index = 0; index < this.#gatheredCount; index++) {
      const call = this.#gathered[index]
      if (!call?.statement) continue
      recorder.record(call.statement.shapeIn(recorder), call.caller ?? unknownCaller, call)
      call.forget()
    }
    this.#gatheredCount = 0
  }
}

const nothingCounted: StatementDeltas = { shapes: [], deltas: [], slow: [] }
