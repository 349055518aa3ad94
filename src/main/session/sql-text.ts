/**
 * SQL on its way to an engine: UTF-8 bytes, how long the text was for the client that sent it, and whether
 * Postgres can be given it. Knows no statement.
 */

import { isAscii, isUtf8 } from 'node:buffer'

/** What makes a text unfit: it is not Unicode text, or it contains the one character that Postgres cannot have. */
export type SqlProblem = 'not-text' | 'nul'

export interface SqlText {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** In UTF-16 code units. */
  readonly length: number
  readonly problem: SqlProblem | null
}

const encoder = new TextEncoder()

/** A short text. Half of a surrogate pair has no UTF-8, and is never replaced silently. */
export function encodeSql(text: string): SqlText {
  const problem = text.isWellFormed() ? nulProblem(text) : 'not-text'
  return { bytes: encoder.encode(text), length: text.length, problem }
}

function nulProblem(text: string): SqlProblem | null {
  return text.includes('\0') ? 'nul' : null
}

/** Looks at a long text part by part, without making strings of it. Parts may be cut anywhere. */
export class SqlInspector {
  /** The beginning of a character whose end comes with the next part. */
  #carry = new Uint8Array()
  #length = 0
  #problem: SqlProblem | null = null

  add(part: Uint8Array): void {
    if (this.#problem === 'not-text') return
    // Buffer's search is many times faster than that of typed arrays.
    if (Buffer.from(part.buffer, part.byteOffset, part.length).includes(0)) this.#problem = 'nul'
    const bytes = this.#carry.length === 0 ? part : Buffer.concat([this.#carry, part])
    const end = wholeCharacters(bytes)
    this.#carry = bytes.slice(end)
    this.#inspect(bytes.subarray(0, end))
  }

  /** What the parts are together. */
  end(): { readonly length: number; readonly problem: SqlProblem | null } {
    this.#inspect(this.#carry)
    return { length: this.#length, problem: this.#problem }
  }

  #inspect(bytes: Uint8Array): void {
    if (!isUtf8(bytes)) this.#problem = 'not-text'
    this.#length += utf16Length(bytes)
  }
}

/** Where the last character begins if it is not complete; else the end. A character has at most four bytes. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) break
    if (byte >= 0xc0) return characterBytes(byte) > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** Bytes of the character that begins with `lead` (RFC 3629, section 3). */
function characterBytes(lead: number): number {
  if (lead < 0xe0) return 2
  return lead < 0xf0 ? 3 : 4
}

/** Code units of whole characters: one for each, two for those of four bytes. */
function utf16Length(bytes: Uint8Array): number {
  if (isAscii(bytes)) return bytes.length
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte < 0x80 || byte >= 0xc0) length++
    if (byte >= 0xf0) length++
  }
  return length
}

/** What is wrong with a text, and what to do. */
export function describeProblem(problem: SqlProblem): string {
  return problem === 'nul'
    ? 'The text contains the character NUL, which Postgres cannot store or read. Remove it'
    : 'The text cannot be sent to Postgres: it contains half of a surrogate pair, or bytes that are no text. ' +
        'Remove them'
}
