/**
 * The frames of binary messages with the help of WebAssembly: what its codec has recognised becomes an envelope again.
 * Knows no frame's meaning; what the codec leaves to others is not read here.
 */

import * as layout from '../../native-wasm/js/layout.ts'
import type { FrameCodec } from '../../native-wasm/js/frame-codec.ts'
import type { MessagePart } from '../protocol/message-parts.ts'
import { placeOfId } from './repeated-headers.ts'

interface KnownEnvelope {
  readonly meta: object
  readonly envelope: object
}

const { framePartWords, frameUnknown } = layout

export class NativeFrames {
  readonly #codec: FrameCodec
  readonly #decode: (header: Uint8Array) => unknown
  readonly #known: (KnownEnvelope | undefined)[] = []

  /** `decode` is asked for headers that are not known. One codec has one of these: it knows headers by its indexes. */
  constructor(codec: FrameCodec, decode: (header: Uint8Array) => unknown) {
    this.#codec = codec
    this.#decode = decode
  }

  /** As of `FrameCodec.encode`. */
  encode(envelope: unknown): Uint8Array | null {
    return this.#codec.encode(envelope)
  }

  /** The parts of a message; null where it is for others to read. What is shared may not be changed. */
  read(message: Uint8Array): MessagePart[] | null {
    const found = this.#codec.split(message)
    if (!found) return null
    const { count, words } = found
    const envelopes: unknown[] = []
    for (let part = 0; part < count; part += 1) envelopes.push(this.#recognised(part, words))
    // Only now: what is learned takes the place of what was recognised.
    for (let part = 0; part < count; part += 1) envelopes[part] ??= this.#learn(message, part, words)
    return envelopes.map((envelope, part) => {
      const payloadAt = words[part * framePartWords + 4] ?? 0
      const payload = message.subarray(payloadAt, payloadAt + (words[part * framePartWords + 5] ?? 0))
      return { envelope, payload }
    })
  }

  #recognised(part: number, words: Uint32Array): unknown {
    const index = words[part * framePartWords] ?? frameUnknown
    const known = index === frameUnknown ? undefined : this.#known[index]
    if (!known) return null
    const { meta, envelope } = known
    return { ...envelope, meta: { ...meta, request_id: String(words[part * framePartWords + 1]) } }
  }

  #learn(message: Uint8Array, part: number, words: Uint32Array): unknown {
    const headerAt = words[part * framePartWords + 2] ?? 0
    const headerBytes = words[part * framePartWords + 3] ?? 0
    const header = message.subarray(headerAt, headerAt + headerBytes)
    const envelope = this.#decode(header)
    const place = placeOfId(header, envelope)
    const index = place && this.#codec.remember(part, place)
    if (place && index !== null) this.#known[index] = place
    return envelope
  }
}
