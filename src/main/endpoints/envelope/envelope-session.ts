/**
 * A session of the envelope protocol over one session of the backend: runs jobs in the order in which they came,
 * sends several at once where that makes no difference but to speed, and stops taking answers while nobody takes them.
 * Knows no frame.
 */

import type { Clock } from '../../../base/clock.ts'
import { onDispose, type Disposable } from '../../../base/disposable.ts'
import { Emitter, type Event } from '../../../base/event.ts'
import type { EnvelopeError } from '../../../protocol/envelope-error.ts'
import { rowBytesMax } from '../../../protocol/protocol-limits.ts'
import { backendTypes, readNotification } from '../../engine/protocol/backend-message.ts'

import type { WireSession } from '../postgres/wire-backend.ts'
import { BackendReader } from './backend-reader.ts'
import { endedError, toEnvelopeError, type CancelReason } from './envelope-failure.ts'
import { FrontendWriter } from './frontend-writer.ts'
import type { SessionJob, TransactionStatus } from './session-job.ts'
import { SessionStatements } from './session-statement.ts'

/** Jobs whose bytes are in the session: enough that the backend never waits for the next one, few to take back. */
const flightMax = 64
/** When no more than these are left, others are sent: a few at a time would wake it as often. */
const flightRefill = 32
const flightBytesMax = 128 << 10
/** What the backend has put out and nobody has taken yet; then it waits, and so does everybody else on it. */
const storedBytesMax = 4 << 20
/** Other messages than rows are never longer. */
const messageBytesMax = rowBytesMax + 1_024
/** How long what others wait behind has to be silent to be taken for what runs. */
const silentMs = 50
/** Where the first of them is not what is to end. */
const silentBehindMs = 200

/** A NotificationResponse. */
export type SessionNotification = ReturnType<typeof readNotification>

export interface EnvelopeSessionOptions {
  readonly tenant: string
  /** The client has given it a name; without, no transaction outlives its request. */
  readonly isNamed: boolean
  readonly isReadOnly: boolean
  readonly clock: Clock
  /** The client takes no more rows for now. */
  isCongested(): boolean
  open(): Promise<WireSession>
  /** Called once; `error` unless it was disposed. */
  onEnd(error: EnvelopeError | null): void
  /** Nothing is left of it. */
  onClosed(): void
  /** Whether something runs, and in which transaction. */
  onState(isActive: boolean, status: TransactionStatus): void
}

export class EnvelopeSession implements Disposable {
  readonly statements = new SessionStatements()
  /** Open cursors by the client's names; the values are Postgres's. */
  readonly cursors = new Map<string, string>()
  /** Of LISTEN. */
  readonly onDidNotify: Event<SessionNotification>
  readonly options: EnvelopeSessionOptions
  readonly #notified = new Emitter<SessionNotification>()
  readonly #reader = new BackendReader(messageBytesMax)
  readonly #writer = new FrontendWriter()
  readonly #count: Disposable
  readonly #queue: SessionJob[] = []
  /** To be sent once more, before those that wait. */
  readonly #again: SessionJob[] = []
  readonly #flight: SessionJob[] = []
  /** Of the job that is first, for those that are ended behind others. */
  #silence: Disposable | null = null
  #wire: WireSession | null = null
  #number = 0
  #isAlone = false
  #mayStrikeOthers = false
  #isFull = false
  #isHeld = false
  #isEnded = false
  #isScheduled = false
  #status: TransactionStatus = 'idle'

  constructor(options: EnvelopeSessionOptions) {
    this.options = options
    this.onDidNotify = this.#notified.event
    this.#count = onDispose('envelope-session', () => this.#close())
    void this.#open()
  }

  /** As of the last answer. */
  get status(): TransactionStatus {
    return this.#status
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** For names in Postgres, none of which is used twice. */
  nextNumber(): number {
    this.#number += 1
    return this.#number
  }

  /** A cancel may have ended something else than it was meant for. */
  get mayHaveStruckOthers(): boolean {
    return this.#mayStrikeOthers
  }

  /** Has nothing to do. */
  get isIdle(): boolean {
    return this.#queue.length + this.#again.length + this.#flight.length === 0
  }

  enqueue(job: SessionJob): void {
    this.#queue.push(job)
    this.#scheduleAdvance()
  }

  /** Ends a job; one that waits at once, one that runs when the backend has ended it. */
  cancel(job: SessionJob, reason: CancelReason): void {
    for (const list of [this.#queue, this.#again]) {
      const index = list.indexOf(job)
      if (index < 0) continue
      list.splice(index, 1)
      job.fail(endedError(reason))
      this.#scheduleAdvance()
      return
    }
    if (!this.#flight.includes(job)) return
    job.cancel(reason)
    this.#cancelRunning()
    this.process()
  }

  /** The statement that runs is to end; its job stays. */
  cancelStatement(): void {
    this.#wire?.cancel()
  }

  /** For the job that is run alone: sends what it writes. */
  send(write: (writer: FrontendWriter) => void): void {
    if (this.#isEnded) return
    write(this.#writer)
    this.#flush()
  }

  /** For the job that is run alone: it is done. */
  finish(job: SessionJob): void {
    if (this.#flight[0] === job) this.#leaveFlight()
    this.#scheduleAdvance()
  }

  /** Goes on with answers that could not be taken. */
  process(): void {
    if (this.#isEnded) return
    try {
      while (!this.#isEnded && !this.options.isCongested() && this.#reader.peek()) {
        if (!this.#take()) break
        this.#reader.consume()
      }
    } catch (error) {
      this.#end(toEnvelopeError(error))
      return
    }
    this.#holdIfFull()
    this.#advance()
  }

  dispose(): void {
    this.#count.dispose()
  }

  async #open(): Promise<void> {
    try {
      const wire = await this.options.open()
      if (this.#isEnded) {
        wire.dispose()
        this.options.onClosed()
        return
      }
      this.#wire = wire
      wire.start({
        onOutput: (bytes) => this.#onOutput(bytes),
        onRoom: () => {
          this.#isFull = false
          this.#advance()
        },
        onEnd: (error) => this.#end(toEnvelopeError(error ?? new Error('The session ended by itself'))),
      })
      this.#advance()
    } catch (error) {
      this.#end(toEnvelopeError(error))
    }
  }

  /** Looked at when the turn is over: what the backend runs next goes to it before. */
  #onOutput(bytes: Uint8Array): void {
    this.#reader.push(bytes)
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.process()
    })
  }

  /** Together with what else comes in this turn. */
  #scheduleAdvance(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.process()
    })
  }

  /** Takes the message that was found; false: not now. */
  #take(): boolean {
    const reader = this.#reader
    const { type } = reader
    if (type === backendTypes.notificationResponse) {
      this.#notified.fire(readNotification(reader.bytes.subarray(reader.bodyAt, reader.end)))
      return true
    }
    const job = this.#flight[0]
    if (type === backendTypes.readyForQuery) {
      this.#onReady(reader.bytes[reader.bodyAt] ?? 0)
      return true
    }
    return type === backendTypes.parameterStatus || !job || job.take(reader)
  }

  #onReady(statusByte: number): void {
    const job = this.#flight[0]
    this.#status = statusOf(statusByte)
    if (!job) return
    const next = job.ready(this.#status, this.#flight.length > 1)
    if (next === 'wait') return
    if (next === 'again' && this.#isAlone) {
      this.send((writer) => job.write(writer))
      return
    }
    // Others have been sent behind it; it comes before those that wait.
    if (next === 'again') this.#again.push(job)
    this.#leaveFlight()
  }

  #leaveFlight(): void {
    this.#flight.shift()
    this.#isAlone = false
    this.#silence?.dispose()
    this.#silence = null
    if (this.#flight.length === 0) this.#mayStrikeOthers = false
    this.#cancelRunning()
    if (this.isIdle) this.options.onState(false, this.#status)
  }

  #advance(): void {
    if (!this.#wire || this.#isEnded || this.#isFull || this.#isAlone) return
    if (this.#flight.length > flightRefill) return
    const wasIdle = this.#flight.length === 0
    while (this.#flight.length < flightMax && this.#writer.byteLength < flightBytesMax) {
      const list = this.#again.length > 0 ? this.#again : this.#queue
      const job = list[0]
      if (!job || !this.#begin(job, list)) break
    }
    if (wasIdle && this.#flight.length > 0) this.options.onState(true, this.#status)
    this.#flush()
  }

  /** False when nothing may be sent behind it, or it may not be sent yet. */
  #begin(job: SessionJob, list: SessionJob[]): boolean {
    let mayHaveCompany = false
    try {
      mayHaveCompany = job.begin()
    } catch (error) {
      // Whether it is so may depend on what has not been answered.
      if (this.#flight.length > 0) return false
      list.shift()
      job.fail(toEnvelopeError(error))
      return true
    }
    if (!mayHaveCompany && this.#flight.length > 0) return false
    list.shift()
    this.#flight.push(job)
    this.#isAlone = !mayHaveCompany
    // The Sync of what follows is theirs, too.
    for (const name of this.statements.takeClosing()) this.#writer.closeStatement(name)
    job.write(this.#writer)
    return mayHaveCompany
  }

  #flush(): void {
    if (this.#writer.isEmpty || !this.#wire) return
    this.#isFull = !this.#wire.write(this.#writer.take())
  }

  /**
   * Of several that were sent together, what runs is only known when there has been silence for a while: their answers
   * come together, unless one of them takes long.
   */
  #cancelRunning(): void {
    const [first] = this.#flight
    if (!first || this.#flight.every(({ cancelReason }) => cancelReason === null)) return
    if (this.#flight.length === 1) {
      this.#wire?.cancel()
      return
    }
    const patienceMs = first.cancelReason === null ? silentBehindMs : silentMs
    this.#silence ??= this.options.clock.after(patienceMs, () => {
      this.#silence = null
      if (this.#flight[0] !== first) return
      this.#mayStrikeOthers = true
      this.#wire?.cancel()
    })
  }

  #holdIfFull(): void {
    const bytesMax = this.#isHeld ? storedBytesMax / 2 : storedBytesMax
    // What is only the beginning of a message waits for the rest of it, and for nobody else.
    const isFull = this.#reader.storedBytes > bytesMax && this.#reader.peek()
    if (isFull === this.#isHeld) return
    this.#isHeld = isFull
    this.#wire?.hold(isFull)
  }

  /** It has come to an end by itself. */
  #end(error: EnvelopeError): void {
    if (this.#isEnded) return
    this.#isEnded = true
    const sent = [...this.#flight, ...this.#again]
    const waiting = [...this.#queue]
    this.dispose()
    // Of what was sent nobody knows how far it came.
    for (const job of sent) job.fail({ ...error, retryable: false })
    for (const job of waiting) job.fail(error)
    this.options.onEnd(sent.length + waiting.length > 0 ? null : error)
  }

  #close(): void {
    this.#isEnded = true
    this.#silence?.dispose()
    this.#wire?.dispose()
    this.#reader.clear()
    this.#notified.dispose()
    this.#queue.length = 0
    this.#again.length = 0
    this.#flight.length = 0
    this.options.onClosed()
  }
}

function statusOf(byte: number): TransactionStatus {
  if (byte === 0x49) return 'idle'
  return byte === 0x54 ? 'open' : 'failed'
}
