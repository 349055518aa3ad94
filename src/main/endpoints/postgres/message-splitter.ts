/**
 * Takes a stream of backend bytes apart into whole messages (framing: PostgreSQL 18 documentation, section 54.1),
 * however it was cut. For those who look into every body; who only needs to know where messages end has
 * MessageFollower. Knows no type.
 */

import { frameBytes, frameHeadBytes } from '../../engine/protocol/message-frames.ts'

/** A message: its type byte and its body, valid as long as the bytes that it came in. */
export type OnBackendMessage = (type: number, body: Buffer) => void

export class MessageSplitter {
  readonly #onMessage: OnBackendMessage
  /** A message that is not whole yet. */
  #pieces: Buffer[] = []
  #pieceBytes = 0

  constructor(onMessage: OnBackendMessage) {
    this.#onMessage = onMessage
  }

  split(bytes: Uint8Array): void {
    let rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    while (this.#pieceBytes > 0) {
      const missing = this.#missingBytes()
      if (rest.length < missing) {
        this.#keep(rest)
        return
      }
      this.#keep(rest.subarray(0, missing))
      rest = rest.subarray(missing)
      if (this.#missingBytes() === 0) this.#tellKept()
    }
    const at = this.#tellWhole(rest)
    if (at < rest.length) this.#keep(rest.subarray(at))
  }

  /** Answers where the first message begins that is not whole. */
  #tellWhole(bytes: Buffer): number {
    let at = 0
    while (bytes.length - at >= frameHeadBytes) {
      const length = frameBytes(bytes, at)
      if (length > bytes.length - at) break
      this.#onMessage(bytes[at] ?? 0, bytes.subarray(at + frameHeadBytes, at + length))
      at += length
    }
    return at
  }

  /** To the end of the head, and then to that of the message. */
  #missingBytes(): number {
    if (this.#pieceBytes < frameHeadBytes) return frameHeadBytes - this.#pieceBytes
    const [head = Buffer.alloc(0)] = this.#pieces
    return frameBytes(head, 0) - this.#pieceBytes
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return
    this.#pieces.push(piece)
    this.#pieceBytes += piece.length
    // So that a head lies in the first piece.
    const [first] = this.#pieces
    if (first && first.length < frameHeadBytes) this.#pieces = [Buffer.concat(this.#pieces)]
  }

  #tellKept(): void {
    const whole = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#pieceBytes = 0
    this.#onMessage(whole[0] ?? 0, whole.subarray(frameHeadBytes))
  }
}
