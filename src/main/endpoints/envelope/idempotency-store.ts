/**
 * Requests with a key, each of which is run once: the first one is recorded, and others with the same key wait for it,
 * or are answered as it was (docs/protocol.md, "Once and only once"). Knows no SQL.
 */

import { createHash } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import { envelopeError, type EnvelopeError } from '../../../protocol/envelope-error.ts'
import type { Encoding } from '../../../protocol/protocol-limits.ts'
import { EnvelopeFailure } from './envelope-failure.ts'
import type { FrameSink } from './frame-output.ts'
import type { LiveRequest } from './live-request.ts'
import { RecordedAnswer } from './recorded-answer.ts'

/** As docs/protocol.md says. */
const keptMs = 600_000
/** Keys of ten minutes; sixteen a second. */
const keysMax = 10_000
/** Of all answers together. */
const keptBytesMax = 32 << 20

/** Who sends a request. */
export interface KeyOwner {
  readonly tokenId: string
  readonly tenant: string
  readonly encoding: Encoding
}

interface Entry {
  readonly contents: string
  readonly answer: RecordedAnswer
  readonly sinceMs: number
  readonly waiting: { readonly request: LiveRequest; readonly encoding: Encoding }[]
  isDone: boolean
}

export class IdempotencyStore {
  readonly #clock: Clock
  /** In the order in which they came. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Whether the caller is to run a request with a key: then its answer is recorded on its way. Else it is answered by
   * what another one was, or will be. Throws EnvelopeFailure.
   */
  admit(request: LiveRequest, owner: KeyOwner): boolean {
    this.#forgetOld()
    const place = JSON.stringify([owner.tokenId, owner.tenant, request.meta.idempotency_key])
    const contents = digestOf(request)
    const known = this.#entries.get(place)
    if (known && known.contents !== contents) {
      throw new EnvelopeFailure('idempotency_conflict', 'The key was used for a request with other content')
    }
    if (known) {
      if (known.isDone) known.answer.replay(request, owner.encoding)
      else known.waiting.push({ request, encoding: owner.encoding })
      return false
    }
    if (this.#entries.size >= keysMax || this.#bytes > keptBytesMax) {
      throw new EnvelopeFailure('too_many_requests', 'Too many keys are kept already; try again in a minute')
    }
    this.#record(request, { place, contents, encoding: owner.encoding })
    return true
  }

  #record(
    request: LiveRequest,
    {
      place,
      contents,
      encoding,
    }: { readonly place: string; readonly contents: string; readonly encoding: Encoding },
  ): void {
    const answer = new RecordedAnswer(encoding)
    const entry: Entry = { contents, answer, sinceMs: this.#clock.monotonicMs(), waiting: [], isDone: false }
    this.#entries.set(place, entry)
    request.isKept = true
    const { sink } = request
    request.sink = recording(sink, answer)
    request.whenEnded((error) => {
      if (!answer.isWhole) answer.end(unknownOutcome())
      entry.isDone = true
      this.#bytes += answer.bytes
      for (const waiting of entry.waiting.splice(0)) answer.replay(waiting.request, waiting.encoding)
      // It has had no effect, so the next one may.
      if (error && isWithoutEffect(error)) this.#forget(place, entry)
    })
  }

  #forgetOld(): void {
    const before = this.#clock.monotonicMs() - keptMs
    for (const [place, entry] of this.#entries) {
      if (entry.sinceMs > before) return
      if (entry.isDone) this.#forget(place, entry)
    }
  }

  #forget(place: string, { answer }: Entry): void {
    this.#entries.delete(place)
    this.#bytes -= answer.bytes
  }
}

function recording(sink: FrameSink, answer: RecordedAnswer): FrameSink {
  return {
    result(frame) {
      answer.result(frame)
      sink.result(frame)
    },
    encoded(frame) {
      answer.encoded(frame)
      sink.encoded(frame)
    },
    envelope(envelope) {
      answer.envelope(envelope)
      sink.envelope(envelope)
    },
  }
}

/** What was not begun, or was undone by Postgres when it was ended. */
function isWithoutEffect({ code, retryable }: EnvelopeError): boolean {
  return retryable || code === 'cancelled' || code === 'deadline_exceeded'
}

function unknownOutcome(): EnvelopeError {
  return envelopeError(
    'session_lost',
    'The request was under way when its socket was lost, and whether it took effect is not known',
    { retryable: false },
  )
}

/** Of what is asked for. */
function digestOf({ meta, data }: LiveRequest): string {
  const text = JSON.stringify([meta.type, data ?? null], (_, value: unknown) =>
    value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('base64') } : value,
  )
  return createHash('sha256').update(text).digest('base64')
}
