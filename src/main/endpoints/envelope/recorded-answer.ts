/**
 * The answer of one request, kept to be given again: its terminal frame, and its rows as long as they are few. Knows
 * neither keys nor time.
 */

import type { AnswerEnvelope } from '../../../protocol/answer-frame.ts'
import type { EnvelopeError } from '../../../protocol/envelope-error.ts'
import type { Encoding } from '../../../protocol/protocol-limits.ts'
import type { EncodedFrame, FrameSink, ResultFrame } from './frame-output.ts'
import type { LiveRequest, ResultAnswer } from './live-request.ts'

/** As docs/protocol.md says under "Once and only once". */
const rowBytesMax = 64 << 10
/** Of an answer without rows. */
const overheadBytes = 512

type Terminal =
  | { readonly kind: 'result'; readonly frame: ResultAnswer }
  | { readonly kind: 'complete'; readonly data: object; readonly type: string }
  | { readonly kind: 'error'; readonly error: EnvelopeError; readonly data: object | undefined }

export class RecordedAnswer {
  readonly #encoding: Encoding
  #rows: ResultAnswer[] = []
  #bytes = 0
  #terminal: Terminal | null = null

  /** As it was sent first. */
  constructor(encoding: Encoding) {
    this.#encoding = encoding
  }

  /** Its end is known. */
  get isWhole(): boolean {
    return this.#terminal !== null
  }

  get bytes(): number {
    return overheadBytes + (this.#isTruncated ? 0 : this.#bytes)
  }

  result({ meta, ...frame }: ResultFrame): void {
    const { rows } = frame
    this.#bytes += rows?.length ?? 0
    // What lies in others' memory may be written over.
    const kept = rows instanceof Uint8Array ? rows.slice(0, rowBytesMax) : rows
    if (meta.type !== 'rows') this.#terminal = { kind: 'result', frame: { ...frame, rows: kept } }
    else if (!this.#isTruncated) this.#rows.push({ ...frame, rows: kept })
    if (this.#isTruncated) this.#rows = []
  }

  /** Data is encoded beforehand where there is more of it than is kept. */
  encoded({ meta, data }: EncodedFrame): void {
    for (const { length } of data) this.#bytes += length
    this.#terminal = { kind: 'complete', type: meta.type, data: {} }
  }

  envelope({ meta, data, error }: AnswerEnvelope): void {
    const about = typeof data === 'object' && data !== null ? data : undefined
    this.#bytes += JSON.stringify(data ?? null).length
    this.#terminal = error
      ? { kind: 'error', error, data: about }
      : { kind: 'complete', type: meta.type, data: about ?? {} }
  }

  end(error: EnvelopeError): void {
    this.#terminal = { kind: 'error', error, data: undefined }
  }

  /** Answers another request with it, within that one's credit. */
  replay(request: LiveRequest, encoding: Encoding): void {
    request.sink = marking(request.sink)
    const rows = this.#hasRowsFor(encoding) ? [...this.#rows] : []
    const play = (): void => {
      if (request.isEnded) return
      while (rows.length > 0 && request.hasCredit) {
        const frame = rows.shift()
        if (frame) request.rows(frame)
      }
      if (rows.length === 0) this.#finish(request, encoding)
      else request.awaitCredit()
    }
    request.onCredit = play
    play()
  }

  get #isTruncated(): boolean {
    return this.#bytes > rowBytesMax
  }

  #hasRowsFor(encoding: Encoding): boolean {
    return !this.#isTruncated && encoding === this.#encoding
  }

  #finish(request: LiveRequest, encoding: Encoding): void {
    const terminal = this.#terminal
    if (terminal?.kind === 'error') request.fail(terminal.error, terminal.data)
    else if (terminal?.kind === 'complete') this.#complete(request, terminal)
    else if (terminal) this.#completeResult(request, terminal.frame, encoding)
  }

  /** Results of a batch are rows, too. */
  #complete(request: LiveRequest, { data, type }: Extract<Terminal, { kind: 'complete' }>): void {
    if (this.#isTruncated) request.complete({ truncated: true }, type)
    else request.complete(data, type)
  }

  #completeResult(request: LiveRequest, frame: ResultAnswer, encoding: Encoding): void {
    const hadRows = frame.rows !== null || this.#bytes > 0
    if (this.#hasRowsFor(encoding) || !hadRows) request.completeResult(frame)
    else {
      const fields = { ...frame.fields, truncated: true }
      request.completeResult({ description: null, rows: null, fields })
    }
  }
}

/** Says that it is given again. */
function marking(sink: FrameSink): FrameSink {
  return {
    result: (frame) => sink.result({ ...frame, meta: { ...frame.meta, replayed: true } }),
    encoded: (frame) => sink.encoded({ ...frame, meta: { ...frame.meta, replayed: true } }),
    envelope: (envelope) => sink.envelope({ ...envelope, meta: { ...envelope.meta, replayed: true } }),
  }
}
