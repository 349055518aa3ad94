/**
 * Turns statements into requests and frames into results, on one way to the endpoint: the client's pool, or a session's
 * connection. Sends again what may be sent again. Knows no socket.
 */

import type { Clock } from '../base/clock.ts'
import { creditMax } from '../protocol/protocol-limits.ts'
import { backoffMs } from './backoff.ts'
import type { Settings } from './connect-options.ts'
import type { Connection, OutgoingRequest } from './connection.ts'
import type { ReceivedFrame } from './envelope-codec.ts'
import type { QueryOptions } from './query-options.ts'
import { runCall, type ConnectionProvider, type CreditGrant, type RequestCall } from './request-call.ts'
import { wait } from './wait.ts'
import { WardianError } from './wardian-error.ts'

/** What one client's requests have in common. */
export interface RequesterParts {
  readonly provider: ConnectionProvider
  readonly clock: Clock
  readonly settings: Settings
  /** null: without a session, so that what failed without effect may be sent again by itself. */
  readonly session: string | null
}

/** Makes a request's data for a connection. */
export type MakeData = (connection: Connection) => unknown

/** What is asked for. */
export interface Request {
  readonly type: string
  readonly data: MakeData
  readonly options: QueryOptions
  readonly credit?: number
  /** Frames of rows; after the first of them nothing is sent again. */
  onRows?(frame: ReceivedFrame, credit: CreditGrant): void
  /** Before each attempt: rows of one that was lost are forgotten. */
  onAttempt?(): void
}

/** Half of it is granted anew whenever half is used up, so that grants are rare and the stream does not stop. */
export const generousCredit = creditMax

export class Requester {
  readonly #parts: RequesterParts

  constructor(parts: RequesterParts) {
    this.#parts = parts
  }

  get session(): string | null {
    return this.#parts.session
  }

  /** Resolves with the terminal frame. */
  async send(request: Request): Promise<ReceivedFrame> {
    const { clock, settings } = this.#parts
    const timeoutMs = request.options.timeoutMs ?? settings.timeoutMs
    const deadlineMs = timeoutMs === null ? null : clock.monotonicMs() + timeoutMs
    const attempts = new Attempts(this.#parts.session === null, request.options)
    for (let attempt = 1; ; attempt += 1) {
      request.onAttempt?.()
      try {
        return await runCall(this.#parts.provider, this.#callOf(request, deadlineMs, attempts), clock)
      } catch (error) {
        if (attempt > settings.retriesMax || !attempts.mayFollow(error)) throw error
        const delayMs = backoffMs(attempt, settings.backoff, settings.random)
        if (deadlineMs !== null && clock.monotonicMs() + delayMs >= deadlineMs) throw error
        await wait(clock, delayMs, request.options.signal)
      }
    }
  }

  /** The data of the terminal frame, of requests whose answer has no rows. */
  async ask(type: string, data: unknown, options: QueryOptions = {}): Promise<unknown> {
    const { envelope } = await this.send({ type, data: () => data, options })
    return envelope.data
  }

  #callOf(request: Request, deadlineMs: number | null, attempts: Attempts): RequestCall {
    const { session } = this.#parts
    const { tenant, traceparent, idempotencyKey, signal } = request.options
    return {
      signal,
      deadlineMs,
      outgoing(connection): OutgoingRequest {
        attempts.startOn(connection)
        const common = { session: session ?? undefined, tenant, traceparent, idempotencyKey }
        return { type: request.type, ...common, credit: request.credit, data: request.data(connection) }
      },
      onRows(frame, credit) {
        attempts.hasRows = true
        request.onRows?.(frame, credit)
      },
    }
  }
}

/** Whether a request may be sent again, by what is known of its last attempt. */
class Attempts {
  readonly #isFree: boolean
  readonly #options: QueryOptions
  #epoch: string | undefined
  #isReadOnly = false
  #isOver = false
  #lost: WardianError | null = null
  hasRows = false

  /** `isFree`: what is sent again does not belong to a session, whose state would be missing. */
  constructor(isFree: boolean, options: QueryOptions) {
    this.#isFree = isFree
    this.#options = options
  }

  /** Throws where another attempt might do a second time what a lost one has done. */
  startOn({ hello }: Connection): void {
    // Idempotency keys live as long as the host does (docs/protocol.md, "Once and only once").
    if (this.#lost && !this.#isHarmless && hello.epoch !== this.#epoch) {
      this.#isOver = true
      throw this.#lost
    }
    this.#epoch = hello.epoch
    this.#isReadOnly = hello.access === 'read-only'
  }

  mayFollow(error: unknown): boolean {
    if (!this.#isFree || this.#isOver || this.hasRows || !(error instanceof WardianError)) return false
    if (error.code === 'unknown_outcome') {
      this.#lost = error
      return this.#isHarmless || this.#options.idempotencyKey !== undefined
    }
    return error.isRetryable && error.code !== 'queue_full'
  }

  get #isHarmless(): boolean {
    return this.#options.isRepeatable === true || this.#isReadOnly
  }
}
