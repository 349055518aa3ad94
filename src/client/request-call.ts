/**
 * One request from its call to its end: finds a connection, collects the rows, grants credit, minds the signal and the
 * time, and ends once. Knows no retry, and nothing of what rows are.
 */

import type { Clock } from '../base/clock.ts'
import type { Disposable } from '../base/disposable.ts'
import { creditMax } from '../protocol/protocol-limits.ts'
import type { AnswerListener, Connection, OutgoingRequest } from './connection.ts'
import type { Customer } from './connection-pool.ts'
import type { ReceivedFrame } from './envelope-codec.ts'
import { answeredError, WardianError } from './wardian-error.ts'

/** Gives a customer a connection: a pool, or a session, which has one. */
export interface ConnectionProvider {
  serve(customer: Customer): void
  /** Called once for each use of a connection, when the request has ended. */
  leave?(): void
}

export interface RequestCall {
  /** Made when the connection is known: bytes travel differently in each subprotocol. */
  outgoing(connection: Connection): OutgoingRequest
  /** Rows have come; answers how many more frames may be sent. */
  onRows?(frame: ReceivedFrame, credit: CreditGrant): void
  readonly signal?: AbortSignal | undefined
  /** By the monotonic clock; null: never. */
  readonly deadlineMs: number | null
}

/** Allows the endpoint to send more frames of rows. */
export interface CreditGrant {
  grant(frames: number): void
  /** Ends the request with `error`, and asks the endpoint to stop. */
  fail(error: unknown): void
}

/** Frames of rows that may still come after a request was given up: beyond, the endpoint ends it for want of credit. */
const drainedFramesMax = 256

/** The endpoint's own deadline comes first; this one is for an endpoint that does not answer. */
const deadlineGraceMs = 2_000

/** Runs `call`; resolves with the terminal frame, rejects with what it failed with. */
export function runCall(
  provider: ConnectionProvider,
  call: RequestCall,
  clock: Clock,
): Promise<ReceivedFrame> {
  return new Promise((resolve, reject) => {
    new RunningCall(call, clock, { resolve, reject, leave: () => provider.leave?.() }).start(provider)
  })
}

interface Settle {
  leave(): void
  resolve(frame: ReceivedFrame): void
  reject(error: unknown): void
}

class RunningCall implements AnswerListener, CreditGrant {
  readonly #call: RequestCall
  readonly #clock: Clock
  readonly #settle: Settle
  #connection: Connection | null = null
  #requestId = ''
  #isSettled = false
  #drained = 0
  #timer: Disposable | null = null
  #waiting: AbortController | null = null
  readonly #onAbort = (): void => this.fail(this.#call.signal?.reason)

  constructor(call: RequestCall, clock: Clock, settle: Settle) {
    this.#call = call
    this.#clock = clock
    this.#settle = settle
  }

  start(provider: ConnectionProvider): void {
    const { signal, deadlineMs } = this.#call
    if (signal?.aborted) return this.#reject(signal.reason)
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (deadlineMs !== null) this.#startTimer(deadlineMs)
    provider.serve({
      purpose: 'request',
      signal: this.#waiting?.signal ?? signal,
      use: (connection) => this.#send(connection),
      fail: (error) => this.#reject(error),
    })
  }

  onRows(frame: ReceivedFrame): void {
    if (!this.#isSettled) this.#call.onRows?.(frame, this)
    else this.#drain()
  }

  onEnd(frame: ReceivedFrame): void {
    const { error, data } = frame.envelope
    if (frame.envelope.meta.type === 'error') this.#reject(answeredError(error, stepOf(data)))
    else if (this.#finish()) this.#settle.resolve(frame)
  }

  onLost(error: WardianError): void {
    this.#reject(error)
  }

  grant(frames: number): void {
    if (!this.#isSettled) this.#connection?.grant(this.#requestId, frames)
  }

  fail(error: unknown): void {
    if (this.#isSettled) return
    this.#connection?.cancel(this.#requestId)
    this.#waiting?.abort(error)
    this.#reject(error)
    if (this.#call.onRows) this.#drain()
  }

  /** What is under way when a request is given up goes by, so that the endpoint need not wait for credit to end it. */
  #drain(): void {
    if (this.#drained % (creditMax / 2) === 0 && this.#drained < drainedFramesMax) {
      this.#connection?.grant(this.#requestId, creditMax / 2)
    }
    this.#drained += 1
  }

  #send(connection: Connection): void {
    if (this.#isSettled) return this.#settle.leave()
    const { deadlineMs } = this.#call
    this.#connection = connection
    try {
      const outgoing = this.#call.outgoing(connection)
      const leftMs = deadlineMs === null ? undefined : deadlineMs - this.#clock.monotonicMs()
      this.#requestId = connection.request(
        leftMs === undefined ? outgoing : { ...outgoing, deadlineMs: leftMs },
        this,
      )
    } catch (error) {
      this.#reject(error)
    }
  }

  #startTimer(deadlineMs: number): void {
    // Also those who only wait for a connection have a deadline.
    this.#waiting = new AbortController()
    const leftMs = deadlineMs - this.#clock.monotonicMs()
    const expire = (): void => {
      const isSent = this.#connection !== null
      if (isSent && this.#clock.monotonicMs() < deadlineMs + deadlineGraceMs) {
        this.#timer = this.#clock.after(deadlineGraceMs, expire)
        return
      }
      this.fail(
        new WardianError('deadline_exceeded', 'The request took longer than its timeoutMs', {
          sqlstate: '57014',
        }),
      )
    }
    this.#timer = this.#clock.after(Math.max(0, leftMs), expire)
  }

  #reject(error: unknown): void {
    if (this.#finish()) this.#settle.reject(error)
  }

  #finish(): boolean {
    if (this.#isSettled) return false
    this.#isSettled = true
    this.#timer?.dispose()
    this.#call.signal?.removeEventListener('abort', this.#onAbort)
    if (this.#connection) this.#settle.leave()
    return true
  }
}

/** Of an atomic batch that failed (docs/protocol.md, "batch"). */
function stepOf(data: unknown): number | null {
  const step: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'step') : null
  return typeof step === 'number' ? step : null
}
