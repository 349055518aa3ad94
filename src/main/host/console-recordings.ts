/**
 * What clients of the workbench run, counted: connects sessions with the statistics. What the host asks for itself
 * is not counted. Knows no number.
 */

import type { Clock } from '../../base/clock.ts'
import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import type { StatementOutcome } from '../../contract/statement.ts'
import type { SessionRegistry } from '../session/session-registry.ts'
import { HostRecording, type BegunCall } from '../statistics/host-recording.ts'
import type { StatementStatistics } from '../statistics/statement-statistics.ts'
import { AttachedClient } from './attached-client.ts'

const caller = { application: 'Wardian', endpoint: 'console', user: 'postgres' } as const

/** Of what has failed without an SQLSTATE: system_error (PostgreSQL 18 documentation, appendix A). */
const systemError = '58000'
const queryCanceled = '57014'

export class ConsoleRecordings implements Disposable {
  readonly #statistics: StatementStatistics
  readonly #clock: Clock
  readonly #recordings = new Map<
    string,
    { readonly recording: HostRecording; readonly attached: Disposable }
  >()
  readonly #begun = new Map<string, BegunCall>()
  readonly #wires = new DisposableStore()

  constructor(sessions: SessionRegistry, statistics: StatementStatistics, clock: Clock) {
    this.#statistics = statistics
    this.#clock = clock
    this.#wires.add(
      sessions.onDidStartStatement(({ key, sql, session, owner, waitMs }) => {
        if (!(owner instanceof AttachedClient) || !statistics.settings.isOn) return
        const begun = this.#of(session.instanceId).begin(sql, caller)
        if (begun) this.#begun.set(key, { end: (call) => begun.end({ ...call, waitMs }) })
      }),
    )
    this.#wires.add(
      sessions.onDidFinishStatement(({ key, outcome }) => {
        const begun = this.#begun.get(key)
        this.#begun.delete(key)
        begun?.end({ ...numbersOf(outcome), waitMs: 0 })
      }),
    )
  }

  /** The instance is gone for good. */
  forget(instanceId: string): void {
    const found = this.#recordings.get(instanceId)
    this.#recordings.delete(instanceId)
    found?.attached.dispose()
    found?.recording.dispose()
  }

  dispose(): void {
    this.#wires.dispose()
    for (const instanceId of [...this.#recordings.keys()]) this.forget(instanceId)
  }

  #of(instanceId: string): HostRecording {
    const known = this.#recordings.get(instanceId)
    if (known) return known.recording
    const recording = new HostRecording(instanceId, this.#clock, this.#statistics.recording)
    this.#recordings.set(instanceId, { recording, attached: this.#statistics.attach(recording) })
    return recording
  }
}

function numbersOf(outcome: StatementOutcome): {
  readonly ms: number
  readonly rows: number
  readonly bytes: number
  readonly sqlState: string | null
  readonly isHit: boolean
} {
  const { durationMs: ms, rowCount: rows, resultBytes: bytes, error, status } = outcome
  const state = error?.sql?.code ?? (status === 'cancelled' ? queryCanceled : systemError)
  return { ms, rows, bytes, sqlState: error ? state : null, isHit: outcome.cached !== undefined }
}
