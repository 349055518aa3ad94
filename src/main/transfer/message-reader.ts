/**
 * Whole backend messages out of a link's bytes, which come in any pieces. Knows no type of message.
 */

import { frameBytes, frameHeadBytes } from '../engine/protocol/message-frames.ts'
import type { ProtocolLink } from './protocol-link.ts'

export interface BackendMessage {
  readonly type: number
  readonly body: Uint8Array
}

export class MessageReader {
  readonly #link: ProtocolLink
  #bytes: Uint8Array = new Uint8Array(0)

  constructor(link: ProtocolLink) {
    this.#link = link
  }

  /** Throws what the link throws when there will be no more. */
  async next(): Promise<BackendMessage> {
    await this.#fill(frameHeadBytes)
    const length = frameBytes(this.#bytes, 0)
    await this.#fill(length)
    const message = this.#bytes.subarray(0, length)
    this.#bytes = this.#bytes.subarray(length)
    return { type: message[0] ?? 0, body: message.subarray(frameHeadBytes) }
  }

  async #fill(count: number): Promise<void> {
    if (this.#bytes.length >= count) return
    const pieces = [this.#bytes]
    let byteCount = this.#bytes.length
    while (byteCount < count) {
      const piece = await this.#link.read()
      pieces.push(piece)
      byteCount += piece.length
    }
    this.#bytes = Buffer.concat(pieces, byteCount)
  }
}
