/**
 * The framing of protocol 3.0 (PostgreSQL 18 documentation, section 54.1): a type byte, a length that counts
 * itself, a body. Finds the messages in bytes of both directions; knows no meaning of any type.
 */

/** Type and length. */
export const frameHeadBytes = 5

/** The bytes of the whole message whose head begins at `at`. */
export function frameBytes(bytes: Uint8Array, at: number): number {
  const [b1 = 0, b2 = 0, b3 = 0, b4 = 0] = bytes.subarray(at + 1, at + frameHeadBytes)
  return 1 + ((b1 << 24) | (b2 << 16) | (b3 << 8) | b4)
}

/** Follows a stream of whole or split messages and names each one. */
export class FrameScanner {
  readonly #head = new Uint8Array(frameHeadBytes + 1)
  #headBytes = 0
  #skipBytes = 0
  readonly #onFrame: (type: number, firstBodyByte: number) => void

  /** `onFrame` is called once for each message, as soon as its head and the first byte of its body are seen. */
  constructor(onFrame: (type: number, firstBodyByte: number) => void) {
    this.#onFrame = onFrame
  }

  scan(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, bytes.length - at)
        this.#skipBytes -= skipped
        at += skipped
      } else {
        this.#head[this.#headBytes++] = bytes[at++] ?? 0
        this.#finishHead()
      }
    }
  }

  #finishHead(): void {
    if (this.#headBytes < frameHeadBytes) return
    const length = frameBytes(this.#head, 0)
    if (length > frameHeadBytes && this.#headBytes === frameHeadBytes) return
    const seen = this.#headBytes
    this.#headBytes = 0
    this.#skipBytes = length - seen
    this.#onFrame(this.#head[0] ?? 0, this.#head[frameHeadBytes] ?? 0)
  }
}
