/**
 * Splits a text into its statements: by the real Postgres parser where it understands the text, by its lexical
 * skeleton where the text is unfinished, wrong or long. Both ways agree on every text that parses, which the
 * tests hold them to. Knows no session and no editor.
 */

import { hasSqlDetails, parseSync } from 'libpg-query'
import { SqlLexer } from './sql-lexer.ts'
import { scanStatements, type TokenRange } from './statement-scanner.ts'

/**
 * One statement of a text, in UTF-16 code units. The comments directly above it (no blank line between) belong
 * to it; what follows its last token does not.
 */
export interface StatementRange {
  readonly start: number
  readonly length: number
  /** Behind its semicolon; `start + length` when it has none. */
  readonly terminatedEnd: number
}

export interface SplitText {
  /** At most as many as were asked for. */
  readonly statements: readonly StatementRange[]
  /** How many there are in all. */
  readonly total: number
}

/**
 * Longest text that the real parser is asked about, in UTF-16 code units. It takes about 0.45 s and 200 MB for
 * 1 MB of INSERTs, and fails for want of memory at 50 MB; this bound keeps it near 0.1 s.
 */
const parsedLengthMax = 256 << 10

/** Splits `text`, whose parser must have been loaded; answers at most `statementsMax` statements. */
export function splitStatements(text: string, statementsMax: number): SplitText {
  const statements: StatementRange[] = []
  let total = 0
  let previousEnd = 0
  for (const tokens of tokenRanges(text)) {
    total++
    if (statements.length < statementsMax) statements.push(withComments(text, tokens, previousEnd))
    previousEnd = tokens.terminatedEnd
  }
  return { statements, total }
}

function tokenRanges(text: string): Iterable<TokenRange> {
  return (text.length <= parsedLengthMax ? parsedRanges(text) : null) ?? scanStatements(text)
}

/** What the real parser says; null if it does not understand the text. */
function parsedRanges(text: string): readonly TokenRange[] | null {
  // The parser reads a C string: it would take the text up to a NUL for the whole.
  if (text.trim() === '' || text.includes('\0')) return null
  const positions: number[] = []
  try {
    for (const statement of parseSync(text).stmts ?? []) positions.push(statement.stmt_location ?? 0)
  } catch (error) {
    if (hasSqlDetails(error) || isTooDeep(error)) return null
    throw error
  }
  return utf16Offsets(text, positions).map((start) => {
    // The parser's length includes comments; the first statement that the skeleton finds from here is the same.
    const [tokens] = scanStatements(text, start)
    return tokens ?? { start, end: text.length, terminatedEnd: text.length }
  })
}

/** An expression nested thousands of levels deep exhausts the stack of the parser, which survives that. */
function isTooDeep(error: unknown): boolean {
  return error instanceof RangeError
}

/** Offsets in UTF-16 code units for ascending offsets in UTF-8 bytes. */
function utf16Offsets(text: string, byteOffsets: readonly number[]): number[] {
  const result: number[] = []
  let bytes = 0
  let at = 0
  for (const wanted of byteOffsets) {
    while (bytes < wanted && at < text.length) {
      const width = utf8Width(text, at)
      bytes += width
      at += width === 4 ? 2 : 1
    }
    result.push(at)
  }
  return result
}

/** Offsets in UTF-8 bytes for ascending offsets in UTF-16 code units, none of them inside a surrogate pair. */
export function utf8Offsets(text: string, offsets: readonly number[]): number[] {
  const result: number[] = []
  let bytes = 0
  let at = 0
  for (const wanted of offsets) {
    while (at < wanted) {
      const width = utf8Width(text, at)
      bytes += width
      at += width === 4 ? 2 : 1
    }
    result.push(bytes)
  }
  return result
}

/** Bytes of the character at `at`; a lone surrogate takes three, as the replacement for it does. */
function utf8Width(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  if (unit < 0x80) return 1
  if (unit < 0x800) return 2
  if (unit < 0xd800 || unit > 0xdbff) return 3
  const next = text.charCodeAt(at + 1)
  return next >= 0xdc00 && next <= 0xdfff ? 4 : 3
}

/**
 * Moves the start of a statement up to the first comment that belongs to it. A comment in the line of the
 * statement before is that one's, unless the next statement begins in the same line.
 */
function withComments(text: string, tokens: TokenRange, previousEnd: number): StatementRange {
  const lexer = new SqlLexer(text, previousEnd)
  let start = tokens.start
  let mayAttach = previousEnd === 0 || !text.slice(previousEnd, tokens.start).includes('\n')
  while (lexer.next() && lexer.start < tokens.start) {
    if (lexer.kind === 'comment') {
      if (mayAttach && start === tokens.start) start = lexer.start
      continue
    }
    const newlines = lexer.kind === 'space' ? newlinesIn(text, lexer.start, lexer.position) : 0
    if (newlines > 0) mayAttach = true
    if (newlines > 1 || lexer.kind === 'other') start = tokens.start
  }
  return { start, length: tokens.end - start, terminatedEnd: tokens.terminatedEnd }
}

function newlinesIn(text: string, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at++) if (text.charCodeAt(at) === 10) count++
  return count
}
