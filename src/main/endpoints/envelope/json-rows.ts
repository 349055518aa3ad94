/**
 * DataRow messages as JSON text, without a string or an object for any cell (PostgreSQL 18 documentation, section
 * 54.7; RFC 8259, section 7). Columns are in text format. Knows no frame.
 */

import { isUtf8 } from 'node:buffer'
import { chunkBytesTarget, jsonChunkRowsMax } from '../../../protocol/protocol-limits.ts'
import type { RowEncoder } from './row-encoder.ts'
import type { RowPlace } from './statement-run.ts'

const bufferBytesMin = 1 << 10
/** A larger one is given back when it is empty. */
const bufferBytesKept = 1 << 20
/** What is shorter becomes a string: it is joined with others. */
const shortBytesMax = 4 << 10
/** `\u001f`, the longest that one byte can become. */
const escapedBytesMax = 6
const longCellBytes = 4 << 10

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const opening = 0x5b
const closing = 0x5d
const nullText = Buffer.from('null')
const hexDigits = Buffer.from('0123456789abcdef')
/** The short escapes of RFC 8259, by the byte that they stand for. */
const shortEscapes = new Uint8Array(0x60)
for (const [byte, letter] of [
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [quote, '"'],
  [backslash, '\\'],
] as const) {
  shortEscapes[byte] = letter.charCodeAt(0)
}

export class JsonRows implements RowEncoder {
  readonly takesRuns = false
  rows = 0
  #buffer = Buffer.allocUnsafe(bufferBytesMin)
  #at = 0
  /** All bytes so far, one over the other: below 0x80 everything is ASCII. */
  #seen = 0

  get isFull(): boolean {
    return this.rows >= jsonChunkRowsMax || this.#at >= chunkBytesTarget
  }

  get byteLength(): number {
    return this.#at
  }

  begin(): void {
    this.clear()
  }

  add(message: Buffer, { start }: RowPlace): void {
    let at = start + 7
    const count = ((message[start + 5] ?? 0) << 8) | (message[start + 6] ?? 0)
    this.#reserve(2 + 5 * count + 1)
    this.#buffer[this.#at++] = this.rows === 0 ? opening : comma
    this.#buffer[this.#at++] = opening
    for (let column = 0; column < count; column += 1) {
      if (column > 0) this.#buffer[this.#at++] = comma
      const length = message.readInt32BE(at)
      at += 4
      if (length < 0) this.#null()
      else {
        this.#cell(message, at, at + length)
        at += length
      }
      this.#reserve(2)
    }
    this.#buffer[this.#at++] = closing
    this.rows += 1
  }

  take(): string | Uint8Array {
    if (this.rows === 0) return '[]'
    this.#reserve(1)
    this.#buffer[this.#at++] = closing
    const taken = this.#copy()
    this.clear()
    if (this.#buffer.length > bufferBytesKept) this.#buffer = Buffer.allocUnsafe(bufferBytesMin)
    return taken
  }

  clear(): void {
    this.rows = 0
    this.#at = 0
    this.#seen = 0
  }

  #copy(): string | Uint8Array {
    const isAscii = this.#seen < 0x80
    const isShort = this.#at <= shortBytesMax
    if (isAscii && isShort) return this.#buffer.toString('latin1', 0, this.#at)
    const bytes = this.#buffer.subarray(0, this.#at)
    // A database without an encoding (SQL_ASCII) may hold anything, and a message of text must be UTF-8.
    if (isShort || !(isAscii || isUtf8(bytes))) return bytes.toString()
    return Buffer.from(bytes)
  }

  #null(): void {
    this.#reserve(nullText.length)
    this.#buffer.set(nullText, this.#at)
    this.#at += nullText.length
  }

  #cell(bytes: Buffer, from: number, to: number): void {
    const length = to - from
    const longest = length <= longCellBytes ? escapedBytesMax * length : escapedLength(bytes, from, to)
    this.#reserve(longest + 2)
    const buffer = this.#buffer
    let at = this.#at
    let seen = this.#seen
    buffer[at++] = quote
    for (let index = from; index < to; index += 1) {
      const byte = bytes[index] ?? 0
      if (byte < 0x20 || byte === quote || byte === backslash) at = escape(buffer, at, byte)
      else {
        seen |= byte
        buffer[at++] = byte
      }
    }
    buffer[at++] = quote
    this.#at = at
    this.#seen = seen
  }

  #reserve(count: number): void {
    if (this.#buffer.length - this.#at >= count) return
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.#at + count))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}

function escapedLength(bytes: Buffer, from: number, to: number): number {
  let length = to - from
  for (let index = from; index < to; index += 1) {
    const byte = bytes[index] ?? 0
    if (byte < 0x20 || byte === quote || byte === backslash) length += escapedBytesMax - 1
  }
  return length
}

/** Answers where it ends. */
function escape(buffer: Buffer, start: number, byte: number): number {
  let at = start
  buffer[at++] = backslash
  const short = shortEscapes[byte] ?? 0
  if (short !== 0) {
    buffer[at++] = short
    return at
  }
  buffer[at++] = 0x75
  buffer[at++] = 0x30
  buffer[at++] = 0x30
  buffer[at++] = hexDigits[byte >> 4] ?? 0
  buffer[at++] = hexDigits[byte & 0x0f] ?? 0
  return at
}
