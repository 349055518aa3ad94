/**
 * The named statements that what runs has parsed. They outlive its rollback, so they are closed before all of it is
 * sent again, which would find the names taken. Knows no backend and no client.
 */

import { frameHeadBytes } from '../protocol/message-frames.ts'

/** Parse and Close (PostgreSQL 18 documentation, section 54.7). */
const parse = 0x50
const close = 0x43
const statement = 0x53
const lengthBytes = 4

export class ParsedNames {
  readonly #names: Uint8Array[] = []

  /** A message is run that lies in `piece` at `at`. */
  note(piece: Uint8Array, at: number): void {
    const start = at + frameHeadBytes
    if (piece[at] !== parse || piece[start] === 0) return
    this.#names.push(piece.slice(start, piece.indexOf(0, start) + 1))
  }

  /** A Close of each since the last time, in the order in which they were parsed. */
  takeCloses(): Uint8Array[] {
    return this.#names.splice(0).map((name) => {
      const message = new Uint8Array(frameHeadBytes + 1 + name.length)
      message[0] = close
      new DataView(message.buffer).setUint32(1, lengthBytes + 1 + name.length)
      message[frameHeadBytes] = statement
      message.set(name, frameHeadBytes + 1)
      return message
    })
  }

  clear(): void {
    this.#names.length = 0
  }
}
