/**
 * What a program has sent and the backend has not yet read, and how much of it may be handed over at once. The
 * backend reads ahead, so bytes that would be wrong while COPY FROM STDIN runs must not be in its buffer before
 * it is known whether a COPY began. Knows the types that matter for that, and no other meaning.
 */

import { assert } from '../../../base/assert.ts'
import { frameBytes, frameHeadBytes } from '../protocol/message-frames.ts'

const execute = 0x45 // E
const functionCall = 0x46 // F
const query = 0x51 // Q
const copyData = 0x64 // d
const copyDone = 0x63 // c
const copyFail = 0x66 // f
const flush = 0x48 // H
const sync = 0x53 // S

/** Types that the backend accepts while it reads COPY data (CopyGetData, commands/copyfromparse.c). */
const allowedInCopy = new Set([copyData, copyDone, copyFail, flush, sync])
/** Outside of COPY Postgres takes these and does nothing (SocketBackend and PostgresMain, tcop/postgres.c). */
const passedOver = new Set([copyData, copyDone, copyFail, flush])
/** Postgres holds back what it answers to these until a Sync or a Flush (section 54.2.3): B C D E P. */
const answeredLater = new Set([0x42, 0x43, 0x44, execute, 0x50])
/**
 * After these a COPY may have begun, or have ended; or the backend says that it is ready, and what follows must not be
 * taken for answered by that.
 */
const turningPoints = new Set([execute, query, copyDone, copyFail, sync, functionCall])

/** Whether a message of that type may be sent while a backend reads COPY data. */
export function belongsIntoCopy(type: number): boolean {
  return allowedInCopy.has(type)
}

/** Is told of each message that is cleared for handing over, where it lies. */
export type OnCleared = (piece: Uint8Array, at: number) => void

export class ChannelInput {
  readonly #onCleared: OnCleared | null
  /** Each holds one or more whole messages. */
  readonly #pieces: Uint8Array[] = []
  /** Where the next message begins, in the first piece. */
  #at = 0
  /** Bytes that are cleared for handing over, from `#at`. */
  #clearedBytes = 0
  /** Whether the backend reads COPY data. */
  isCopying = false
  /** Bytes that the backend has been handed. */
  takenBytes = 0
  /** Whether what was taken last is nothing to a backend that does not read COPY data. */
  isPassedOver = false
  /** For each message that was cleared last, whether its answer is held back. */
  readonly #isAnsweredLater: boolean[] = []
  #handledCount = 0

  constructor(onCleared: OnCleared | null = null) {
    this.#onCleared = onCleared
  }

  get isEmpty(): boolean {
    return this.#pieces.length === 0
  }

  push(messages: readonly Uint8Array[]): void {
    this.#pieces.push(...messages)
  }

  /** Takes everything back, to be pushed again. Nothing may be partly handed over. */
  takeBack(): Uint8Array[] {
    return this.#pieces.splice(0)
  }

  /** Null when there is none. */
  get nextType(): number | null {
    return this.#pieces[0]?.[this.#at] ?? null
  }

  /** Whether the next message would end a backend that reads COPY data. */
  get isNextForbidden(): boolean {
    const type = this.nextType
    return this.isCopying && this.#clearedBytes === 0 && type !== null && !allowedInCopy.has(type)
  }

  /** Up to `bytesMax` bytes; never beyond a message that may begin or end a COPY. Empty if there are none. */
  take(bytesMax: number): Uint8Array {
    const piece = this.#pieces[0]
    if (!piece) return new Uint8Array(0)
    if (this.#clearedBytes === 0) this.#clear(piece)
    const count = Math.min(bytesMax, this.#clearedBytes)
    const isWhole = this.#at === 0 && count === piece.length
    const taken = isWhole ? piece : piece.subarray(this.#at, this.#at + count)
    this.#at += taken.length
    this.#clearedBytes -= taken.length
    this.takenBytes += taken.length
    if (this.#at === piece.length) {
      this.#pieces.shift()
      this.#at = 0
    }
    return taken
  }

  /** Whether the answer to the message that the backend has just handled is held back. Ask once for each. */
  noteHandled(): boolean {
    const handled = this.#handledCount++
    return this.#isAnsweredLater[handled] === true
  }

  /** Forgets what has not been handed over. Messages that are partly handed over cannot be forgotten. */
  discard(): void {
    const [piece] = this.#pieces
    this.#pieces.length = 0
    if (piece && this.#clearedBytes > 0) {
      this.#pieces.push(piece.subarray(this.#at, this.#at + this.#clearedBytes))
    }
    this.#at = 0
  }

  /** Forgets everything as if it had been handed over. Nothing may be partly handed over. */
  skip(): void {
    assert(this.#clearedBytes === 0, 'What is skipped has not been begun')
    for (const piece of this.#pieces) this.takenBytes += piece.length
    this.takenBytes -= this.#at
    this.#pieces.length = 0
    this.#at = 0
  }

  /** Clears messages of this piece up to the next turning point. */
  #clear(piece: Uint8Array): void {
    let end = this.#at
    this.isPassedOver = true
    this.#handledCount = 0
    this.#isAnsweredLater.length = 0
    while (end < piece.length) {
      const type = piece[end] ?? 0
      const isLong = isLongFlush(piece, end)
      if (isLong || !passedOver.has(type)) this.isPassedOver = false
      // A COPY that fails leaves the rest in the backend's buffer, and nothing else may lie there unseen.
      if (this.isCopying && end > this.#at && (isLong || !allowedInCopy.has(type))) break
      this.#isAnsweredLater.push(answeredLater.has(type))
      this.#onCleared?.(piece, end)
      end += frameBytes(piece, end)
      if (type === copyDone || type === copyFail) this.isCopying = false
      if (turningPoints.has(type)) break
    }
    this.#clearedBytes = end - this.#at
  }
}

/** A Flush with anything in it is an error outside of COPY, after which Postgres skips everything up to a Sync. */
function isLongFlush(piece: Uint8Array, at: number): boolean {
  return piece[at] === flush && frameBytes(piece, at) !== frameHeadBytes
}
