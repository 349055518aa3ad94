/**
 * One request from when it was read to its terminal frame, of which it sees to there being exactly one: its deadline,
 * its credit, and how it is ended before its time. Knows no SQL and no session.
 */

import { assert } from '../../../base/assert.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import type { AnswerMeta } from '../../../protocol/answer-frame.ts'
import type { EnvelopeError } from '../../../protocol/envelope-error.ts'
import { creditDefault, creditMax, creditWaitMaxMs } from '../../../protocol/protocol-limits.ts'
import type { RequestMeta } from '../../../protocol/request-frame.ts'
import type { Piece } from './data-encoder.ts'
import { endedError, type CancelReason } from './envelope-failure.ts'
import type { FrameSink, ResultFrame } from './frame-output.ts'

/** A frame with rows, without what is the request's own. */
export type ResultAnswer = Omit<ResultFrame, 'meta'>

export interface LiveRequestOptions {
  readonly meta: RequestMeta
  /** Unchecked. */
  readonly data: unknown
  readonly sink: FrameSink
  readonly clock: Clock
  /** Called once, after the terminal frame; `error` is what was answered instead of an answer. */
  onEnd(request: LiveRequest, error: EnvelopeError | null): void
}

export class LiveRequest {
  readonly meta: RequestMeta
  readonly data: unknown
  /** Where its frames go; whoever records them puts something in front before it is run. */
  sink: FrameSink
  /** What whoever runs it does to end it; without, it is simply ended. */
  onCancel: ((reason: CancelReason) => void) | null = null
  /** There is credit again. */
  onCredit: (() => void) | null = null
  readonly #options: LiveRequestOptions
  readonly #answerMeta: Omit<AnswerMeta, 'type'>
  readonly #deadline: Disposable | null
  readonly #listeners: ((error: EnvelopeError | null) => void)[] = []
  #credit: number
  #waiting: Disposable | null = null
  #isEnded = false
  /**
   * Goes on when its socket is lost: its outcome is kept for whoever asks again. Set by whoever keeps it, before it is
   * run; its frames still pass the sink.
   */
  isKept = false

  constructor(options: LiveRequestOptions) {
    const { meta, data, sink, clock } = options
    this.#options = options
    this.meta = meta
    this.data = data
    this.sink = sink
    this.#credit = meta.credit ?? creditDefault
    this.#answerMeta = {
      request_id: meta.request_id,
      ...(meta.session === undefined ? {} : { session: meta.session }),
      ...(meta.traceparent === undefined ? {} : { traceparent: meta.traceparent }),
    }
    const { deadline_ms: deadlineMs } = meta
    this.#deadline =
      deadlineMs === undefined ? null : clock.after(deadlineMs, () => this.cancel('deadline_exceeded'))
  }

  /** Its terminal frame is out, or nobody is there to be told. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  get hasCredit(): boolean {
    return this.#credit > 0
  }

  /** The client takes more `rows` frames. */
  grant(frames: number): void {
    this.#credit = Math.min(this.#credit + frames, creditMax)
    this.#waiting?.dispose()
    this.#waiting = null
    this.onCredit?.()
  }

  /** Rows stand still for want of credit; not for long. */
  awaitCredit(): void {
    if (this.#isEnded) return
    this.#waiting ??= this.#options.clock.after(creditWaitMaxMs, () => this.cancel('slow_consumer'))
  }

  /** A `rows` frame; there must be credit. */
  rows(frame: ResultAnswer): void {
    assert(this.#credit > 0 && !this.#isEnded, 'rows are sent while there is credit')
    this.#credit -= 1
    this.sink.result({ meta: { type: 'rows', ...this.#answerMeta }, ...frame })
  }

  /** The terminal frame, with rows. */
  completeResult(frame: ResultAnswer): void {
    if (this.#isEnded) return
    this.sink.result({ meta: { type: 'complete', ...this.#answerMeta }, ...frame })
    this.#end(null)
  }

  /** The terminal frame of what was encoded while it came. */
  completeEncoded(data: readonly Piece[]): void {
    if (this.#isEnded) return
    this.sink.encoded({ meta: { type: 'complete', ...this.#answerMeta }, data })
    this.#end(null)
  }

  /** The terminal frame of any other kind. */
  complete(data: unknown = {}, type = 'complete'): void {
    if (this.#isEnded) return
    this.sink.envelope({ meta: { type, ...this.#answerMeta }, data })
    this.#end(null)
  }

  /** The terminal frame `error`; `data` beside it where it says where. */
  fail(error: EnvelopeError, data?: object): void {
    if (this.#isEnded) return
    const about = data === undefined ? {} : { data }
    this.sink.envelope({ meta: { type: 'error', ...this.#answerMeta }, ...about, error })
    this.#end(error)
  }

  /** Ends it before its time: whoever runs it sees to that, and it is answered when it is so. */
  cancel(reason: CancelReason): void {
    if (this.#isEnded) return
    if (this.onCancel) this.onCancel(reason)
    else this.fail(endedError(reason))
  }

  /** Its socket is lost and it goes on: nobody grants credit any more. */
  detach(): void {
    this.#credit = Infinity
    this.#waiting?.dispose()
    this.onCredit?.()
  }

  /** Nobody is there any more who could be told. */
  abandon(): void {
    if (!this.#isEnded) this.#end(null)
  }

  /** Calls `listener` when it has ended. */
  whenEnded(listener: (error: EnvelopeError | null) => void): void {
    this.#listeners.push(listener)
  }

  #end(error: EnvelopeError | null): void {
    this.#isEnded = true
    this.#deadline?.dispose()
    this.#waiting?.dispose()
    this.onCancel = null
    this.onCredit = null
    this.#options.onEnd(this, error)
    for (const listener of this.#listeners) listener(error)
  }
}
