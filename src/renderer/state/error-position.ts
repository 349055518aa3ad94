/**
 * Where in a document a failed statement went wrong. Postgres counts characters (code points) from 1 within the
 * statement; editors count UTF-16 code units from 0 within the document, which may have changed meanwhile.
 */

import type { TextEdit } from '../../contract/workspace.ts'

/** A piece of a text, in UTF-16 code units. */
export interface TextSpan {
  readonly start: number
  readonly length: number
}

/** The offset in code units of character number `position` (from 1) of `text`; its end when there are fewer. */
export function codePointOffset(text: string, position: number): number {
  let offset = 0
  for (let passed = 1; passed < position && offset < text.length; passed += 1) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
  }
  return offset
}

/** A quoted name or string, a word or number, or else one character. */
const tokenPattern = /^(?:"(?:[^"]|"")*"?|'(?:[^']|'')*'?|[\p{L}\p{N}_$]+|[\s\S])/u

/** Longest token that is marked whole; a string of megabytes is marked by its beginning. */
const tokenLengthMax = 200

/** The token that begins at `offset`; at the end of the text, the last character before trailing space. */
export function tokenAt(text: string, offset: number): TextSpan {
  const end = text.trimEnd().length
  if (offset >= end) return { start: Math.max(0, end - 1), length: Math.min(1, end) }
  const [token = ''] = tokenPattern.exec(text.slice(offset, offset + tokenLengthMax)) ?? []
  return { start: offset, length: Math.max(1, token.length) }
}

/** Where `span` lies after `edits`; null when one of them touched it. */
export function followEdits(span: TextSpan, edits: readonly TextEdit[]): TextSpan | null {
  let { start } = span
  for (const edit of edits) {
    if (edit.offset + edit.deleted <= start) start += edit.inserted.length - edit.deleted
    else if (edit.offset < start + span.length) return null
  }
  return { start, length: span.length }
}
