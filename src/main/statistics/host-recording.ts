/**
 * Counts the statements that the host itself runs on an instance: those of consoles and commands, also on servers
 * elsewhere. Hands them over once a second. Knows no session.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import { statementTextLengthMax } from '../../contract/statistics.ts'
import type { CallExample, StatementCallerName, StatementDeltas } from './statement-deltas.ts'
import { StatementRecorder, type RecordedCall, type RecordingOptions } from './statement-recorder.ts'
import type { StatementSource } from './statement-statistics.ts'

const everyMs = 1_000

/** A statement that has begun. */
export interface BegunCall {
  end(call: Omit<RecordedCall, 'example'>): void
}

export class HostRecording implements StatementSource, Disposable {
  readonly instanceId: string
  readonly #clock: Clock
  readonly #recorder: StatementRecorder
  readonly #didCount = new Emitter<StatementDeltas>()
  readonly onDidCount = this.#didCount.event
  readonly #decoder = new TextDecoder()
  #timer: Disposable | null = null

  constructor(instanceId: string, clock: Clock, options: RecordingOptions) {
    this.instanceId = instanceId
    this.#clock = clock
    this.#recorder = new StatementRecorder(options)
  }

  configure(options: RecordingOptions): void {
    this.#recorder.configure(options)
  }

  /** Reads `sql` at once; null while nothing is recorded. */
  begin(sql: Uint8Array, caller: StatementCallerName): BegunCall | null {
    if (!this.#recorder.isOn) return null
    const shape = this.#recorder.shapeOf(sql)
    const beginning = sql.slice(0, statementTextLengthMax)
    return {
      end: (call) => {
        const example = (): CallExample => ({
          text: this.#decoder.decode(beginning),
          ...{ parameters: null, durationMs: call.ms },
        })
        this.#recorder.record(shape, caller, { ...call, example })
        this.#timer ??= this.#clock.after(everyMs, () => void this.collect())
      },
    }
  }

  async collect(): Promise<void> {
    this.#timer?.dispose()
    this.#timer = null
    const deltas = this.#recorder.take()
    if (deltas) this.#didCount.fire(deltas)
  }

  dispose(): void {
    this.#timer?.dispose()
    this.#didCount.dispose()
  }
}
