/**
 * How a message crosses a WebSocket: one text frame, then one binary frame for each buffer. A browser hands each
 * binary frame over as an ArrayBuffer of its own, so a batch is used where it arrived; packed into one frame with
 * its head, it would have to be copied out. In Chromium 156, 100 MB of 512 KiB batches kept the page's thread busy
 * for 12 ms this way, and for 65 to 100 ms that way. Knows no socket.
 *
 * Text frame: the byte lengths of the buffers to follow, in decimal and separated by spaces, a line feed, the
 * head as JSON.
 */

import { decodeMessage, malformed, messageBuffersMax, type EncodedMessage } from './message-codec.ts'
import type { PortMessage } from './port.ts'

/** Bytes that a text frame may have before its head: 16 lengths of at most 10 digits, with separators. */
export const framePrefixBytesMax = 256

/** The text frame of a message; its buffers follow as they are. */
export function encodeTextFrame(message: EncodedMessage): string {
  return `${message.buffers.map((buffer) => buffer.byteLength).join(' ')}\n${message.text}`
}

/** Puts frames together to messages again. */
export class FrameAssembler {
  readonly #bytesMax: number
  #head: string | null = null
  #lengths: readonly number[] = []
  #buffers: ArrayBuffer[] = []

  /** `bytesMax` bounds each message, see PortLimits. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Takes the next frame; answers the message that it completes, if any. Throws `invalid-message`. */
  push(frame: unknown): PortMessage | null {
    if (typeof frame === 'string') this.#startMessage(frame)
    else if (frame instanceof ArrayBuffer) this.#addBuffer(frame)
    else throw malformed('is neither text nor binary')
    return this.#buffers.length === this.#lengths.length ? this.#finishMessage() : null
  }

  #startMessage(frame: string): void {
    if (this.#head !== null) throw malformed('lacks a buffer')
    const end = frame.slice(0, framePrefixBytesMax).indexOf('\n')
    if (end < 0) throw malformed('has no line of lengths')
    this.#lengths = parseLengths(frame.slice(0, end))
    if (this.#lengths.reduce((sum, length) => sum + length, 0) > this.#bytesMax)
      throw malformed('is too large')
    this.#head = frame.slice(end + 1)
  }

  #addBuffer(frame: ArrayBuffer): void {
    if (this.#head === null) throw malformed('is a buffer without a head')
    if (frame.byteLength !== this.#lengths[this.#buffers.length])
      throw malformed('has a buffer of wrong length')
    // An empty frame may be one constant of the WebSocket library; whoever transfers it would take it from all.
    this.#buffers.push(frame.byteLength === 0 ? new ArrayBuffer(0) : frame)
  }

  #finishMessage(): PortMessage {
    const encoded: EncodedMessage = { text: this.#head ?? '', buffers: this.#buffers }
    this.#head = null
    this.#lengths = []
    this.#buffers = []
    return decodeMessage(encoded, this.#bytesMax)
  }
}

function parseLengths(line: string): readonly number[] {
  if (line === '') return []
  if (!/^\d{1,10}( \d{1,10})*$/.test(line)) throw malformed('has a malformed line of lengths')
  const lengths = line.split(' ').map(Number)
  if (lengths.length > messageBuffersMax) throw malformed('has too many buffers')
  return lengths
}
