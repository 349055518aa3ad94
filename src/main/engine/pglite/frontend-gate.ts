/**
 * Stands in front of a backend that talks to a program: lets through whole messages of the types that a ready
 * backend accepts, with lengths that it accepts, and refuses everything else. Anything else makes Postgres end
 * its process, which inside WebAssembly means the end of the instance for everybody.
 */

import { WorkbenchError } from '../../../contract/error.ts'
import { hostMessageBytesMax } from '../../../contract/limits.ts'
import { frameBytes, frameHeadBytes } from '../protocol/message-frames.ts'

/** PQ_SMALL_MESSAGE_LIMIT (PostgreSQL, libpq/libpq.h); the length field counts itself, the type does not count. */
const smallMessageBytesMax = 10_000 + 1
/** Postgres takes 1 GB; a quarter of that must be enough for a WebAssembly memory of 2 GB. */
const largeMessageBytesMax = hostMessageBytesMax

/** Longest message of each type that a backend accepts outside start-up (SocketBackend, tcop/postgres.c). */
const messageBytesMaxOf = {
  Q: largeMessageBytesMax,
  P: largeMessageBytesMax,
  B: largeMessageBytesMax,
  F: largeMessageBytesMax,
  d: largeMessageBytesMax,
  C: smallMessageBytesMax,
  D: smallMessageBytesMax,
  E: smallMessageBytesMax,
  H: smallMessageBytesMax,
  S: smallMessageBytesMax,
  c: smallMessageBytesMax,
  f: smallMessageBytesMax,
}
/** The same by the byte that stands for the type; 0 for a type that there is not. */
const messageBytesMaxByType = new Uint32Array(256)
for (const [type, bytesMax] of Object.entries(messageBytesMaxOf)) {
  messageBytesMaxByType[type.charCodeAt(0)] = bytesMax
}

/** First allocation for a message that arrives in pieces; a head alone must not reserve megabytes. */
const partialBytesMin = 64 << 10

/** What must not pass: a type that there is not, or a length that it cannot have. */
export class RefusedMessageError extends WorkbenchError {
  /** Its type byte. */
  readonly type: number

  constructor(type: number, message: string) {
    super('invalid-message', message)
    this.type = type
  }
}

export class FrontendGate {
  /** The beginning of a message whose end has not arrived. */
  #partial = new Uint8Array(0)
  #partialBytes = 0
  #isBroken = false

  /** Bytes of a message whose end has not arrived. */
  get heldBytes(): number {
    return this.#partialBytes
  }

  /**
   * Takes bytes in pieces of any size and answers whole messages, one or more in each piece, as copies. Throws
   * `invalid-message` on what must not pass; then nothing of these bytes passes, nor anything afterwards.
   */
  push(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
    try {
      return this.#push(bytes)
    } catch (error) {
      this.#isBroken = true
      throw error
    }
  }

  #push(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
    if (this.#isBroken) {
      const message = 'A message was refused before, so nothing more can be read; close the connection'
      throw new WorkbenchError('invalid-message', message)
    }
    const passed: Uint8Array<ArrayBuffer>[] = []
    let at = 0
    if (this.#partialBytes > 0) {
      at = this.#completePartial(bytes)
      const whole = this.#takePartial()
      if (!whole) return passed
      passed.push(whole)
    }
    const start = at
    while (bytes.length - at >= frameHeadBytes) {
      const length = checkedFrameBytes(bytes, at)
      if (length > bytes.length - at) break
      at += length
    }
    if (at > start) passed.push(copyOf(bytes, start, at))
    if (at === bytes.length) return passed
    this.#keep(bytes.subarray(at))
    this.#checkPartialHead()
    return passed
  }

  /** Adds what the held message still lacks, and answers how much that was. */
  #completePartial(bytes: Uint8Array): number {
    let taken = 0
    if (this.#partialBytes < frameHeadBytes) {
      taken = Math.min(frameHeadBytes - this.#partialBytes, bytes.length)
      this.#keep(bytes.subarray(0, taken))
      this.#checkPartialHead()
      if (this.#partialBytes < frameHeadBytes) return taken
    }
    const missing = frameBytes(this.#partial, 0) - this.#partialBytes
    const more = bytes.subarray(taken, taken + missing)
    this.#keep(more)
    return taken + more.length
  }

  #takePartial(): Uint8Array<ArrayBuffer> | null {
    if (this.#partialBytes < frameHeadBytes) return null
    if (this.#partialBytes < frameBytes(this.#partial, 0)) return null
    const whole = copyOf(this.#partial, 0, this.#partialBytes)
    this.#partial = new Uint8Array(0)
    this.#partialBytes = 0
    return whole
  }

  #checkPartialHead(): void {
    if (this.#partialBytes >= frameHeadBytes) checkedFrameBytes(this.#partial, 0)
    else if (this.#partialBytes > 0) checkType(this.#partial[0] ?? 0)
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#partialBytes + bytes.length
    if (needed > this.#partial.length) {
      const larger = new Uint8Array(Math.max(partialBytesMin, 2 * this.#partial.length, needed))
      larger.set(this.#partial.subarray(0, this.#partialBytes))
      this.#partial = larger
    }
    this.#partial.set(bytes, this.#partialBytes)
    this.#partialBytes = needed
  }
}

/** A copy with a buffer of its own; `slice` would not copy where the bytes are one of Node's Buffers. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  const isWhole = start === 0 && end === bytes.length
  return new Uint8Array(isWhole ? bytes : bytes.subarray(start, end))
}

function checkType(type: number): number {
  const bytesMax = messageBytesMaxByType[type] ?? 0
  if (bytesMax > 0) return bytesMax
  // In the words of SocketBackend (tcop/postgres.c).
  throw new RefusedMessageError(type, `invalid frontend message type ${type}`)
}

function checkedFrameBytes(bytes: Uint8Array, at: number): number {
  const type = bytes[at] ?? 0
  const bytesMax = checkType(type)
  const length = frameBytes(bytes, at)
  if (length >= frameHeadBytes && length <= bytesMax) return length
  const name = String.fromCharCode(type)
  throw new RefusedMessageError(type, `A message of type '${name}' has the impossible length ${length - 1}`)
}
