/**
 * Splits what a session puts out into messages, in place: whole ones that lie in one piece are never copied (framing:
 * PostgreSQL 18 documentation, section 54.1). One that is too large is passed over as it comes. Knows no type.
 */

import { WorkbenchError } from '../../../contract/error.ts'

/** Type and length; the length counts itself, not the type. */
const headBytes = 5

const nothing = Buffer.alloc(0)

/** A message where it lies: body from `bodyAt` to `end` of `bytes`, valid until it is consumed. */
export interface BackendMessageView {
  readonly type: number
  readonly bytes: Buffer
  /** Where its type byte is. */
  readonly start: number
  readonly bodyAt: number
  readonly end: number
  /** It was longer than it may be, and has no body here. */
  readonly isOversize: boolean
  /** How many messages there are from `start` to `end`: one, unless it was extended. */
  readonly count: number
  /** Adds whole messages of the same type that lie right behind it, up to `bytesMax` bytes in all. */
  extend(bytesMax: number): void
}

export class BackendReader implements BackendMessageView {
  type = 0
  bytes: Buffer = nothing
  start = 0
  bodyAt = 0
  end = 0
  isOversize = false
  count = 1
  readonly #messageBytesMax: number
  #chunks: Buffer[] = []
  /** In the first chunk, where the next message begins. */
  #at = 0
  #storedBytes = 0
  /** Still to come of a message that is passed over. */
  #skipBytes = 0
  #isFound = false

  constructor(messageBytesMax: number) {
    this.#messageBytesMax = messageBytesMax
  }

  /** What has come and is not consumed. */
  get storedBytes(): number {
    return this.#storedBytes
  }

  push(piece: Uint8Array): void {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    const skipped = Math.min(this.#skipBytes, bytes.length)
    this.#skipBytes -= skipped
    if (skipped === bytes.length) return
    this.#chunks.push(skipped > 0 ? bytes.subarray(skipped) : bytes)
    this.#storedBytes += bytes.length - skipped
  }

  /** Finds the next whole message; the same one until it is consumed. Throws `invalid-message`. */
  peek(): boolean {
    if (this.#isFound) return true
    if (this.#storedBytes < headBytes) return false
    const head = this.#joined(headBytes)
    const length = head.readUInt32BE(this.#at + 1)
    if (length < 4) throw new WorkbenchError('invalid-message', 'The server sent no message of its protocol')
    const messageBytes = 1 + length
    this.isOversize = messageBytes > this.#messageBytesMax
    if (!this.isOversize && this.#storedBytes < messageBytes) return false
    const bytes = this.isOversize ? head : this.#joined(messageBytes)
    this.type = bytes[this.#at] ?? 0
    this.bytes = bytes
    this.start = this.#at
    this.bodyAt = this.#at + headBytes
    this.end = this.isOversize ? this.bodyAt : this.#at + messageBytes
    if (this.isOversize) this.#skipBytes = messageBytes
    this.count = 1
    this.#isFound = true
    return true
  }

  extend(bytesMax: number): void {
    if (this.isOversize) return
    const { bytes, type } = this
    const last = Math.min(bytes.length, this.start + bytesMax)
    for (;;) {
      const at = this.end
      if (at + headBytes > last || bytes[at] !== type) return
      const length = bytes.readUInt32BE(at + 1)
      // What is no message, or too long, is found when it is the next one.
      if (length < 4 || 1 + length > this.#messageBytesMax || at + 1 + length > last) return
      this.end = at + 1 + length
      this.count += 1
    }
  }

  /** Goes behind what was found. */
  consume(): void {
    this.#isFound = false
    if (this.isOversize) this.#dropSkipped()
    else this.#drop(this.end - this.start)
  }

  clear(): void {
    this.#chunks = []
    this.#at = 0
    this.#storedBytes = 0
    this.#skipBytes = 0
    this.#isFound = false
    this.bytes = nothing
  }

  /** The first chunk, in which as many bytes lie in one piece; what lies in several is copied, and nothing else. */
  #joined(count: number): Buffer {
    const first = this.#chunks[0] ?? nothing
    if (first.length - this.#at >= count) return first
    const pieces = [first.subarray(this.#at)]
    let missing = count - (first.length - this.#at)
    let used = 1
    while (missing > 0) {
      const next = this.#chunks[used] ?? nothing
      pieces.push(next.subarray(0, missing))
      if (next.length > missing) this.#chunks[used] = next.subarray(missing)
      else used += 1
      missing -= next.length
    }
    const joined = Buffer.concat(pieces, count)
    this.#chunks.splice(0, used, joined)
    this.#at = 0
    return joined
  }

  #drop(count: number): void {
    this.#storedBytes -= count
    this.#at += count
    if (this.#at < (this.#chunks[0]?.length ?? 0)) return
    this.#chunks.shift()
    this.#at = 0
  }

  #dropSkipped(): void {
    while (this.#skipBytes > 0 && this.#storedBytes > 0) {
      const count = Math.min(this.#skipBytes, (this.#chunks[0]?.length ?? 0) - this.#at)
      this.#skipBytes -= count
      this.#drop(count)
    }
  }
}
