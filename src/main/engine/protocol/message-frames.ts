/**
 * The framing of protocol 3.0 (PostgreSQL 18 documentation, section 54.1): a type byte, a length that counts
 * itself, a body. Finds the messages in bytes of both directions; knows no meaning of any type.
 */

/** Type and length. */
export const frameHeadBytes = 5

/** The bytes of the whole message whose head begins at `at`. */
export function frameBytes(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at + 1] ?? 0) << 24) | ((bytes[at + 2] ?? 0) << 16)
  return 1 + (high | ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0))
}

/**
 * Is told of a message: its type, the first byte of its body, and where the body begins in the bytes that are being
 * scanned; behind that first byte where the message goes on after them.
 */
export type OnFrame = (type: number, firstBodyByte: number, bodyAt: number) => void

/** Follows a stream of whole or split messages and names each one. */
export class FrameScanner {
  readonly #head = new Uint8Array(frameHeadBytes + 1)
  #headBytes = 0
  #skipBytes = 0
  readonly #onFrame: OnFrame

  /** `onFrame` is called once for each message, as soon as its head and the first byte of its body are seen. */
  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame
  }

  scan(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      at = this.#scanWhole(bytes, at)
      if (at >= bytes.length) return
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, bytes.length - at)
        this.#skipBytes -= skipped
        at += skipped
      } else {
        this.#head[this.#headBytes++] = bytes[at++] ?? 0
        this.#finishHead(at)
      }
    }
  }

  /** The quick way, for messages that lie in `bytes` from head to end; answers where the first other begins. */
  #scanWhole(bytes: Uint8Array, start: number): number {
    if (this.#skipBytes > 0 || this.#headBytes > 0) return start
    let at = start
    while (bytes.length - at > frameHeadBytes) {
      const length = frameBytes(bytes, at)
      if (length > bytes.length - at) return at
      const bodyAt = at + frameHeadBytes
      this.#onFrame(bytes[at] ?? 0, length > frameHeadBytes ? (bytes[bodyAt] ?? 0) : 0, bodyAt)
      at += length
    }
    return at
  }

  #finishHead(bodyAt: number): void {
    if (this.#headBytes < frameHeadBytes) return
    const length = frameBytes(this.#head, 0)
    if (length > frameHeadBytes && this.#headBytes === frameHeadBytes) return
    const seen = this.#headBytes
    this.#headBytes = 0
    this.#skipBytes = length - seen
    this.#onFrame(this.#head[0] ?? 0, this.#head[frameHeadBytes] ?? 0, bodyAt)
  }
}
