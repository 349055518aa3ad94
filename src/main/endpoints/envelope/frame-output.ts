/**
 * Frames as a socket's subprotocol has them: text of JSON, or parts with MessagePack and column batches (docs/
 * protocol.md, "The envelope"). Writes what others have made; knows neither requests nor sessions.
 */

import type { AnswerEnvelope, AnswerMeta } from '../../../protocol/answer-frame.ts'
import { makeHeaderPart, makePart, type PartCodec } from '../../../protocol/message-parts.ts'
import type { Piece } from './data-encoder.ts'
import type { Outbox } from './outbox.ts'
import type { RowChunk } from './row-encoder.ts'
import type { StatementDescription } from './session-statement.ts'

/** A frame with rows: `rows`, or the terminal frame of a result that fits one. */
export interface ResultFrame {
  readonly meta: AnswerMeta
  /** Whose columns are to be told; null in later frames of a result, and where there are none. */
  readonly description: StatementDescription | null
  /** null: none, and no list of them. */
  readonly rows: RowChunk | null
  /** The rest of `data`. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** The terminal frame of an answer whose data is encoded as the socket has it. */
export interface EncodedFrame {
  readonly meta: AnswerMeta
  readonly data: readonly Piece[]
}

/** Where every frame of an answer goes out; what records answers stands in front of it. */
export interface FrameSink {
  result(frame: ResultFrame): void
  encoded(frame: EncodedFrame): void
  envelope(envelope: AnswerEnvelope): void
}

export class JsonOutput implements FrameSink {
  readonly #outbox: Outbox

  constructor(outbox: Outbox) {
    this.#outbox = outbox
  }

  result({ meta, description, rows, fields }: ResultFrame): void {
    const columns = description?.columns ? `"columns":${description.columnsJson},` : ''
    const head = `{"meta":${metaJson(meta)},"data":{${columns}`
    const rest = `${JSON.stringify(fields).slice(1)}}`
    if (rows === null) this.#outbox.put(head + rest)
    else if (typeof rows === 'string') this.#outbox.put(`${head}"rows":${rows},${rest}`)
    else this.#outbox.put(`${head}"rows":`, rows, `,${rest}`)
  }

  encoded({ meta, data }: EncodedFrame): void {
    this.#outbox.put(`{"meta":${metaJson(meta)},"data":`, ...data, '}')
  }

  envelope(envelope: AnswerEnvelope): void {
    this.#outbox.put(JSON.stringify(envelope))
  }
}

export class MsgpackOutput implements FrameSink {
  readonly #outbox: Outbox
  readonly #codec: PartCodec

  constructor(outbox: Outbox, codec: PartCodec) {
    this.#outbox = outbox
    this.#codec = codec
  }

  result({ meta, description, rows, fields }: ResultFrame): void {
    const columns = description?.columns ?? null
    const data = columns ? { columns, ...fields } : fields
    const payload = rows === null || typeof rows === 'string' || rows.length === 0 ? null : rows
    this.#outbox.put(makePart(this.#codec.encode({ meta, data }), payload))
  }

  encoded({ meta, data }: EncodedFrame): void {
    // Ends with `data: nil`, in place of which it comes.
    const start = this.#codec.encode({ meta, data: null }).slice(0, -1)
    const bytes = data.filter((piece) => typeof piece !== 'string')
    this.#outbox.put(makeHeaderPart([start, ...bytes]))
  }

  envelope(envelope: AnswerEnvelope): void {
    this.#outbox.put(makePart(this.#codec.encode(envelope), null))
  }
}

/** The frequent ones are built by hand: type and id, of which the id alone may need escapes. */
function metaJson(meta: AnswerMeta): string {
  if (meta.session !== undefined || meta.traceparent !== undefined || meta.replayed)
    return JSON.stringify(meta)
  return `{"type":"${meta.type}","request_id":${JSON.stringify(meta.request_id)}}`
}
