/**
 * Reads an SQL script of any length as it flows, the way psql reads what pg_dump writes: statements, the data of COPY
 * up to its `\.`, and lines with a backslash. Bytes stay as they are, whatever their encoding; only lines are counted.
 * Knows no database.
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { WorkbenchError } from '../../contract/error.ts'
import { textBytesMax } from '../../contract/limits.ts'
import { SqlLexer } from '../../parser/sql-lexer.ts'
import { StatementScan, type TokenRange } from '../../parser/statement-scanner.ts'
import { CopyDataReader } from './copy-data-reader.ts'
import { isCopyFromStdin } from './statement-words.ts'

/** `text` has one character for each byte (latin1). `line` counts from 1. */
export type ScriptItem =
  | { readonly kind: 'statement' | 'copy' | 'backslash'; readonly text: string; readonly line: number }
  /** Whole or cut lines of the COPY before. */
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'data-end' }

const backslash = 92

/** A statement from here on is long. */
const longBytesMin = 1 << 20

/** Tokens, and characters in which lines are counted, between two turns of the event loop: some milliseconds. */
const tokensPerTurn = 50_000
const countedPerTurn = 1 << 20

/** In the middle of a long statement: others have a turn. */
const pause = Symbol('pause')

export async function* readScript(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<ScriptItem, void, undefined> {
  const reader = new ScriptReader()
  for await (const bytes of source) yield* inTurns(reader.add(bytes))
  yield* inTurns(reader.finish())
}

async function* inTurns(
  steps: Iterable<ScriptItem | typeof pause>,
): AsyncGenerator<ScriptItem, void, undefined> {
  for (const step of steps) {
    if (step === pause) await nextTurn()
    else yield step
  }
}

type Steps<T> = Generator<ScriptItem | typeof pause, T>

class ScriptReader {
  #text = ''
  #line = 1
  /** An unfinished statement is looked at again when there is twice as much of it. */
  #lookAgainAt = 0
  #copy: CopyDataReader | null = null
  /** Of a long statement at the start of the text, as far as it was looked at. */
  #scan: StatementScan | null = null;

  *add(bytes: Uint8Array): Steps<void> {
    let rest: Uint8Array | null = bytes
    while (rest) rest = this.#copy ? yield* this.#addData(this.#copy, rest) : yield* this.#addText(rest)
  }

  *finish(): Steps<void> {
    this.#lookAgainAt = 0
    // A long statement is looked at late, so that a COPY behind it may be found only now, with its data.
    while (!this.#copy && (yield* this.#statements(true))) {
      const rest = Buffer.from(this.#text, 'latin1')
      this.#text = ''
      yield* this.add(rest)
      this.#lookAgainAt = 0
    }
    if (!this.#copy) return
    const last = this.#copy.finish()
    if (last.length > 0) yield { kind: 'data', bytes: last }
    yield { kind: 'data-end' }
    this.#copy = null
  }

  *#addData(copy: CopyDataReader, bytes: Uint8Array): Steps<Uint8Array | null> {
    const { data, rest } = copy.add(bytes)
    if (data.length > 0) yield { kind: 'data', bytes: data }
    if (!rest) return null
    this.#line += copy.lineCount
    this.#copy = null
    yield { kind: 'data-end' }
    return rest
  }

  /** What follows a COPY is its data, and is given back. */
  *#addText(bytes: Uint8Array): Steps<Uint8Array | null> {
    this.#text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
    if (this.#text.length < this.#lookAgainAt) return null
    if (!(yield* this.#statements(false))) return null
    const rest = Buffer.from(this.#text, 'latin1')
    this.#text = ''
    return rest
  }

  /** True when it has stopped behind a COPY. */
  *#statements(isEnd: boolean): Steps<boolean> {
    const text = this.#text
    let at = 0
    let isCopy = false
    while (!isCopy) {
      const found = yield* this.#next(text, at, isEnd)
      if (!found) break
      isCopy = found.item.kind === 'copy'
      yield found.item
      yield* this.#countLines(text, found.start, found.end)
      at = found.end
    }
    this.#text = text.slice(at)
    // Its places are those of this text.
    if (at > 0) this.#scan = null
    this.#lookAgainAt = at === 0 ? Math.min(2 * this.#text.length, textBytesMax) : 0
    if (this.#text.length > textBytesMax) {
      throw new WorkbenchError(
        'limit-exceeded',
        `line ${this.#line}: a statement of a script may have at most ${textBytesMax >> 20} MB`,
      )
    }
    if (isCopy) this.#copy = new CopyDataReader()
    return isCopy
  }

  /** The next complete item from `at` on; comments and space in front of it are counted, and passed over. */
  *#next(text: string, at: number, isEnd: boolean): Steps<FoundItem | null> {
    const first = firstToken(text, at)
    if (first < 0) return null
    const line = this.#line + lineBreaks(text, at, first)
    const found =
      text.charCodeAt(first) === backslash
        ? backslashLine(text, first, isEnd)
        : yield* this.#statementAt(text, first, isEnd)
    if (!found) return null
    this.#line = line
    return { item: { kind: found.kind, text: text.slice(found.start, found.textEnd), line }, ...found }
  }

  *#statementAt(text: string, start: number, isEnd: boolean): Steps<FoundRange | null> {
    const range = yield* this.#scanFrom(text, start, isEnd)
    if (!range) return null
    const statement = text.slice(range.start, range.end)
    if (!isCopyFromStdin(statement)) {
      return { kind: 'statement', start, textEnd: range.end, end: range.terminatedEnd }
    }
    // Its data begins with the next line.
    const newline = text.indexOf('\n', range.terminatedEnd)
    if (newline < 0 && !isEnd) return null
    return { kind: 'copy', start, textEnd: range.end, end: newline < 0 ? text.length : newline + 1 }
  }

  /** A short statement is looked at from its start each time; of a long one, only what has come since. */
  *#scanFrom(text: string, start: number, isEnd: boolean): Steps<TokenRange | null> {
    const isLong = text.length - start >= longBytesMin
    const scan = this.#scan ?? new StatementScan(text, start)
    this.#scan = null
    scan.grow(text)
    for (;;) {
      const found = scan.next({ tokensMax: tokensPerTurn, isEnd: isEnd || !isLong })
      if (found === 'more') yield pause
      else if (found) return found
      else break
    }
    if (isEnd) return scan.rest
    if (isLong) this.#scan = scan
    return null
  }

  *#countLines(text: string, from: number, to: number): Steps<void> {
    for (let at = from; at < to; at += countedPerTurn) {
      if (at > from) yield pause
      this.#line += lineBreaks(text, at, Math.min(at + countedPerTurn, to))
    }
  }
}

interface FoundRange {
  readonly kind: 'statement' | 'copy' | 'backslash'
  readonly start: number
  readonly textEnd: number
  readonly end: number
}

interface FoundItem extends FoundRange {
  readonly item: Extract<ScriptItem, { readonly text: string }>
}

/** Where something stands that is no space, comment or empty statement; negative where there is none yet. */
function firstToken(text: string, at: number): number {
  const lexer = new SqlLexer(text, at)
  while (lexer.next()) {
    const isEmpty = lexer.kind === 'other' && text[lexer.start] === ';'
    if (lexer.kind !== 'space' && lexer.kind !== 'comment' && !isEmpty) return lexer.start
  }
  return -1
}

function backslashLine(text: string, start: number, isEnd: boolean): FoundRange | null {
  const newline = text.indexOf('\n', start)
  if (newline < 0 && !isEnd) return null
  const end = newline < 0 ? text.length : newline + 1
  return { kind: 'backslash', start, textEnd: newline < 0 ? text.length : newline, end }
}

function lineBreaks(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++
  return count
}
