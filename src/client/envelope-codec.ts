/**
 * Envelopes as messages and back, in either subprotocol, for the client's side. Gathers what is to be sent, so that
 * many small requests go as one message. Knows no request's meaning.
 */

import type { AnswerEnvelope } from '../protocol/answer-frame.ts'
import { PartCodec } from '../protocol/message-parts.ts'
import { messageBytesMax, subprotocols, type Encoding } from '../protocol/protocol-limits.ts'
import type { MakeFrameCodec } from '../../native-wasm/js/frame-codec.ts'
import { NativeFrames } from './native-frames.ts'
import { OutgoingParts } from './outgoing-parts.ts'
import { RepeatedHeaders } from './repeated-headers.ts'
import { invalidArgument, WardianError } from './wardian-error.ts'

/** One frame of the endpoint; `payload` is a view of the message, empty where there is none. */
export interface ReceivedFrame {
  readonly envelope: AnswerEnvelope
  readonly payload: Uint8Array
}

/** One for each socket. */
export interface EnvelopeCodec {
  readonly subprotocol: string
  /** Bytes travel as bytes, and rows as column batches. */
  readonly isBinary: boolean
  /** Bytes that wait to be taken, about. */
  readonly waitingBytes: number
  /** Throws `invalid_argument` for an envelope that is too large for a message. */
  add(envelope: unknown): void
  /** Everything that was added, as messages in order. */
  take(): (string | ArrayBuffer)[]
  /** Throws `broken_answer` for what is no message of the protocol. */
  read(message: unknown): ReceivedFrame[]
}

const noPayload = new Uint8Array(0)

/** Larger messages keep the other side from beginning. */
const gatheredBytesMax = 128 << 10

/** A UTF-16 unit is at most three bytes of UTF-8. */
const bytesPerUnitMax = 3

/** Where `makeFrameCodec` answers null, JavaScript does everything. */
export function createCodec(encoding: Encoding, makeFrameCodec: MakeFrameCodec): EnvelopeCodec {
  return encoding === 'json' ? new JsonCodec() : new PartsCodec(makeFrameCodec())
}

class JsonCodec implements EnvelopeCodec {
  readonly subprotocol = subprotocols.json
  readonly isBinary = false
  readonly #encoder = new TextEncoder()
  #texts: string[] = []
  waitingBytes = 0

  add(envelope: unknown): void {
    const text = JSON.stringify(envelope)
    // Most are so small that counting their bytes is not needed.
    const bytes = text.length * bytesPerUnitMax
    if (bytes > messageBytesMax && this.#encoder.encode(text).length > messageBytesMax) throw tooLarge()
    this.#texts.push(text)
    this.waitingBytes += bytes
  }

  take(): string[] {
    const messages: string[] = []
    let gathered: string[] = []
    let units = 0
    const close = (): void => {
      if (gathered.length > 0)
        messages.push(gathered.length === 1 ? gathered.join('') : `[${gathered.join(',')}]`)
      gathered = []
      units = 0
    }
    for (const text of this.#texts) {
      if (units + text.length > gatheredBytesMax) close()
      gathered.push(text)
      units += text.length
    }
    close()
    this.#texts = []
    this.waitingBytes = 0
    return messages
  }

  read(message: unknown): ReceivedFrame[] {
    if (typeof message !== 'string') throw broken('is no text')
    const content = parseJson(message)
    const envelopes: unknown[] = Array.isArray(content) ? content : [content]
    return envelopes.map((envelope) => ({ envelope: asEnvelope(envelope), payload: noPayload }))
  }
}

class PartsCodec implements EnvelopeCodec {
  readonly subprotocol = subprotocols.msgpack
  readonly isBinary = true
  readonly #codec = new PartCodec()
  readonly #headers = new RepeatedHeaders()
  readonly #decode = (header: Uint8Array): unknown => this.#codec.decode(header)
  readonly #parts = new OutgoingParts(gatheredBytesMax)
  readonly #native: NativeFrames | null

  constructor(frames: ReturnType<MakeFrameCodec>) {
    this.#native = frames && new NativeFrames(frames, this.#decode)
  }

  get waitingBytes(): number {
    return this.#parts.bytes
  }

  add(envelope: unknown): void {
    const header = this.#native?.encode(envelope) ?? this.#codec.encode(envelope)
    if (header.length + 16 > messageBytesMax) throw tooLarge()
    this.#parts.add(header)
  }

  take(): ArrayBuffer[] {
    return this.#parts.take()
  }

  read(message: unknown): ReceivedFrame[] {
    if (!(message instanceof ArrayBuffer)) throw broken('is not binary')
    return this.#read(new Uint8Array(message)).map(({ envelope, payload }) => ({
      envelope: asEnvelope(envelope),
      payload,
    }))
  }

  #read(message: Uint8Array): ReturnType<PartCodec['read']> {
    try {
      const parts = this.#native?.read(message)
      if (parts) return parts
      return this.#codec.read(message, (header) => this.#headers.read(header, this.#decode))
    } catch (cause) {
      throw broken('cannot be taken apart', cause)
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw broken('is no JSON', cause)
  }
}

/** What else is in it is looked at where it is used: the endpoint is trusted to keep to the protocol. */
function asEnvelope(value: unknown): AnswerEnvelope {
  const meta: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'meta') : null
  const type: unknown = typeof meta === 'object' && meta !== null ? Reflect.get(meta, 'type') : null
  if (typeof type !== 'string') throw broken('has no envelope in it')
  return value as AnswerEnvelope
}

function tooLarge(): WardianError {
  return invalidArgument(
    `A statement with its parameters is more than ${messageBytesMax >> 20} MiB; send the data in several`,
  )
}

function broken(what: string, cause?: unknown): WardianError {
  return new WardianError('broken_answer', `A message of the endpoint ${what}`, { cause })
}
