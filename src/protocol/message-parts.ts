/**
 * The binary messages of the subprotocol `wardian.v1.msgpack` (docs/protocol.md, "Connecting"): parts, each a
 * MessagePack envelope and a payload, laid so that typed arrays fit over the payload. Knows no envelope's meaning.
 */

import { Decoder, Encoder } from '@msgpack/msgpack'
import { WorkbenchError } from '../contract/error.ts'
import { messageBytesMax } from './protocol-limits.ts'

/** One part as it was received; the payload is a view, empty where there is none. */
export interface MessagePart {
  readonly envelope: unknown
  readonly payload: Uint8Array
}

const lengthsBytes = 8
const alignment = 8
/** Nobody nests deeper than the conditions of a batch; the encoder's own bound, too. */
const depthMax = 64

/** Bounds of one header: nothing in it can be more than the message that it came in. */
const hostileBounds = {
  maxStrLength: messageBytesMax,
  maxBinLength: messageBytesMax,
  maxArrayLength: messageBytesMax,
  maxMapLength: 1_024,
  maxExtLength: 0,
}

/** Reads and writes headers; one for each socket, since it has memory of its own. */
export class PartCodec {
  readonly #encoder = new Encoder({ maxDepth: depthMax })
  readonly #decoder = new Decoder(hostileBounds)

  /** The header's bytes; a view that is valid until the next call. */
  encode(envelope: unknown): Uint8Array {
    return this.#encoder.encodeSharedRef(envelope)
  }

  /**
   * All parts of a message; throws `invalid-message` for what is none. `readHeader` may know some headers already, and
   * has `decode` for the others.
   */
  read(
    message: Uint8Array,
    readHeader: (header: Uint8Array) => unknown = (header) => this.decode(header),
  ): MessagePart[] {
    const parts: MessagePart[] = []
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
    for (let at = 0; at < message.length;) {
      if (message.length - at < lengthsBytes) throw broken('ends within the lengths of a part')
      const headerBytes = view.getUint32(at, true)
      const payloadBytes = view.getUint32(at + 4, true)
      const headerAt = at + lengthsBytes
      const payloadAt = aligned(headerAt + headerBytes)
      if (aligned(payloadAt + payloadBytes) > message.length) throw broken('ends within a part')
      const header = message.subarray(headerAt, headerAt + headerBytes)
      const payload = message.subarray(payloadAt, payloadAt + payloadBytes)
      parts.push({ envelope: readHeader(header), payload })
      at = aligned(payloadAt + payloadBytes)
    }
    if (parts.length === 0) throw broken('has no part')
    return parts
  }

  /** Throws `invalid-message` for what is no MessagePack of modest size. */
  decode(header: Uint8Array): unknown {
    if (!isModest(header)) throw broken('has a header that is nested too deep, or cut off')
    try {
      return this.#decoder.decode(header)
    } catch (error) {
      throw broken('has a header that is no MessagePack', error)
    }
  }
}

/** Bytes of a part. */
export function partBytes(headerBytes: number, payloadBytes: number): number {
  return aligned(aligned(lengthsBytes + headerBytes) + payloadBytes)
}

/** One part in memory of its own. */
export function makePart(header: Uint8Array, payload: Uint8Array | null): Uint8Array {
  const payloadBytes = payload?.length ?? 0
  const part = new Uint8Array(partBytes(header.length, payloadBytes))
  const view = new DataView(part.buffer)
  view.setUint32(0, header.length, true)
  view.setUint32(4, payloadBytes, true)
  part.set(header, lengthsBytes)
  if (payload) part.set(payload, aligned(lengthsBytes + header.length))
  return part
}

/** One part without payload, of a header that comes in pieces. */
export function makeHeaderPart(pieces: readonly Uint8Array[]): Uint8Array {
  const headerBytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const part = new Uint8Array(partBytes(headerBytes, 0))
  new DataView(part.buffer).setUint32(0, headerBytes, true)
  let at = lengthsBytes
  for (const piece of pieces) {
    part.set(piece, at)
    at += piece.length
  }
  return part
}

function aligned(at: number): number {
  return Math.ceil(at / alignment) * alignment
}

/**
 * Whether arrays and maps are nested at most `depthMax` deep, and announce no more values than there are bytes: room
 * is made for what is announced, so that a megabyte of heads would cost hundreds. Looks at heads alone; what is
 * broken otherwise is for the decoder.
 */
function isModest(bytes: Uint8Array): boolean {
  const left: number[] = []
  let announced = 0
  let at = 0
  while (at < bytes.length) {
    const [size, children] = headOf(bytes, at)
    at += size
    announced += children
    if (announced > bytes.length) return false
    if (children > 0) {
      if (left.length >= depthMax) return false
      left.push(children)
      continue
    }
    while (left.length > 0) {
      const count = (left.pop() ?? 0) - 1
      if (count > 0) {
        left.push(count)
        break
      }
    }
  }
  return true
}

/** Bytes of a value without what it contains, and how many values that is (MessagePack specification, "Formats"). */
function headOf(bytes: Uint8Array, at: number): readonly [size: number, children: number] {
  const type = bytes[at] ?? 0
  if (type < 0x80 || type >= 0xe0) return [1, 0]
  if (type < 0x90) return [1, 2 * (type & 0x0f)]
  if (type < 0xa0) return [1, type & 0x0f]
  if (type < 0xc0) return [1 + (type & 0x1f), 0]
  const fixed = fixedBytes[type - 0xc0]
  if (fixed !== undefined) return [fixed, 0]
  const [lengthBytes, headBytes, kind] = lengthForms.get(type) ?? [0, 1, 'bytes']
  let length = 0
  for (let index = 1; index <= lengthBytes; index += 1) length = length * 256 + (bytes[at + index] ?? 0)
  if (kind === 'bytes') return [headBytes + length, 0]
  return [headBytes, kind === 'map' ? 2 * length : length]
}

/** From 0xc0 on; undefined where a length follows. */
const fixedBytes: readonly (number | undefined)[] = [
  ...[1, 1, 1, 1],
  ...[undefined, undefined, undefined, undefined, undefined, undefined],
  ...[5, 9, 2, 3, 5, 9, 2, 3, 5, 9],
  ...[3, 4, 6, 10, 18],
]

const lengthForms: ReadonlyMap<number, readonly [lengthBytes: number, headBytes: number, kind: string]> =
  new Map([
    [0xc4, [1, 2, 'bytes']],
    [0xc5, [2, 3, 'bytes']],
    [0xc6, [4, 5, 'bytes']],
    [0xc7, [1, 3, 'bytes']],
    [0xc8, [2, 4, 'bytes']],
    [0xc9, [4, 6, 'bytes']],
    [0xd9, [1, 2, 'bytes']],
    [0xda, [2, 3, 'bytes']],
    [0xdb, [4, 5, 'bytes']],
    [0xdc, [2, 3, 'array']],
    [0xdd, [4, 5, 'array']],
    [0xde, [2, 3, 'map']],
    [0xdf, [4, 5, 'map']],
  ])

function broken(what: string, cause?: unknown): WorkbenchError {
  return new WorkbenchError('invalid-message', `The message ${what}`, { cause })
}
