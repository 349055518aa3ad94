/**
 * SQL on its way to an engine: UTF-8 bytes that have been found fit for Postgres, and how long the text was for
 * the client that sent it. Knows no statement.
 */

import { isUtf8 } from 'node:buffer'
import { WorkbenchError } from '../../contract/error.ts'

export interface SqlText {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** In UTF-16 code units. */
  readonly length: number
}

const encoder = new TextEncoder()

/** `text` as bytes. Half of a surrogate pair has none; it is left to `checkSql` to say so. */
export function encodeSql(text: string): SqlText {
  // A byte that UTF-8 never has, so that the half is not replaced silently.
  const bytes = text.isWellFormed() ? encoder.encode(text) : new Uint8Array([0xff])
  return { bytes, length: text.length }
}

/** Throws `invalid-argument` for text that Postgres cannot be given as it is. */
export function checkSql({ bytes }: SqlText): void {
  if (!isUtf8(bytes)) {
    throw new WorkbenchError(
      'invalid-argument',
      'The text cannot be sent to Postgres: it contains half of a surrogate pair or bytes that are no text. ' +
        'Remove them',
    )
  }
  if (bytes.includes(0)) {
    throw new WorkbenchError(
      'invalid-argument',
      'The text contains the character NUL, which Postgres cannot store or read. Remove it',
    )
  }
}
