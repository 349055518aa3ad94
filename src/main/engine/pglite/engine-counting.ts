/**
 * The host's end of what an engine counts: asks for it a second after there is something, and tells it. Knows no
 * number.
 */

import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import { Emitter } from '../../../base/event.ts'
import type { StatementDeltas } from '../../statistics/statement-deltas.ts'
import type { RecordingOptions } from '../../statistics/statement-recorder.ts'
import type { EngineStatistics } from '../engine.ts'
import type { HostMessage } from './engine-message.ts'

const everyMs = 1_000
/** An engine that runs something long answers when that has ended. */
const patienceMs = 250

export class EngineCounting implements EngineStatistics {
  readonly #clock: Clock
  readonly #send: (message: HostMessage) => void
  readonly #didCount = new Emitter<StatementDeltas>()
  readonly onDidCount = this.#didCount.event
  readonly #ended = Promise.withResolvers<void>()
  readonly ended = this.#ended.promise
  #timer: Disposable | null = null
  #asked: PromiseWithResolvers<void> | null = null
  #hasAny = false
  #isEnded = false

  constructor(clock: Clock, send: (message: HostMessage) => void) {
    this.#clock = clock
    this.#send = (message) => send(message)
  }

  configure(options: RecordingOptions): void {
    if (!this.#isEnded) this.#send({ kind: 'record', options })
  }

  async collect(): Promise<void> {
    if (!this.#hasAny || this.#isEnded) return
    this.#ask()
    const patience = Promise.withResolvers<void>()
    const bound = this.#clock.after(patienceMs, () => patience.resolve())
    await Promise.race([this.#asked?.promise, patience.promise])
    bound.dispose()
  }

  /** The engine has something. */
  noteAny(): void {
    this.#hasAny = true
    this.#timer ??= this.#clock.after(everyMs, () => this.#ask())
  }

  take(deltas: StatementDeltas): void {
    this.#hasAny = false
    this.#asked?.resolve()
    this.#asked = null
    if (deltas.deltas.length > 0) this.#didCount.fire(deltas)
  }

  /** Nothing more will be told. */
  end(): void {
    this.#isEnded = true
    this.#timer?.dispose()
    this.#asked?.resolve()
    this.#ended.resolve()
    this.#didCount.dispose()
  }

  #ask(): void {
    this.#timer?.dispose()
    this.#timer = null
    if (this.#asked || this.#isEnded) return
    this.#asked = Promise.withResolvers()
    this.#send({ kind: 'give-counted' })
  }
}
