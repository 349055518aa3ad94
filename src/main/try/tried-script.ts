/**
 * A script that is tried or applied: its bytes, its statements and their places, and the digest that tells
 * whether it is the same one. Runs nothing.
 */

import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { WorkbenchError } from '../../contract/error.ts'
import { SqlLexer } from '../../parser/sql-lexer.ts'
import type { ScriptStatement, SplitScript } from '../parser/parser-client.ts'
import type { ScriptSplitter } from '../session/script-run.ts'
import { describeProblem, type SqlText } from '../session/sql-text.ts'
import { statementTraits, type StatementTraits } from './statement-traits.ts'

/** Longer texts bring data, which `wardian restore` is for. */
const scriptBytesMax = 16 << 20
/** Of a statement's text as it is shown. */
const shownLengthMax = 2_000
/** Of its bytes, that are read for what it is. */
const readBytesMax = 128 << 10
const newline = 10
/** Read in one turn of the event loop: some 10 ms. */
const bytesPerTurn = 256 << 10

export interface TriedStatement {
  readonly index: number
  readonly start: number
  readonly length: number
  /** Of its first character, from 1. */
  readonly line: number
  /** Characters before it in its first line. */
  readonly column: number
  /** Its beginning. */
  readonly shown: string
  /** Lines of comments and space in front of its first word. */
  readonly leadLines: number
  /** Its beginning without those. */
  readonly title: string
  readonly traits: StatementTraits
}

export class TriedScript {
  readonly sha256: string
  readonly statements: readonly TriedStatement[]
  readonly #bytes: Uint8Array
  readonly #places: readonly ScriptStatement[]

  private constructor(
    { statements, text }: SplitScript,
    known: { readonly sha256: string; readonly statements: readonly TriedStatement[] },
  ) {
    this.sha256 = known.sha256
    this.statements = known.statements
    this.#bytes = text
    this.#places = statements
  }

  /** Throws `invalid-argument` for what is no text, `limit-exceeded` for too long ones. */
  static async read(text: SqlText, splitter: ScriptSplitter, signal: AbortSignal): Promise<TriedScript> {
    if (text.problem) throw new WorkbenchError('invalid-argument', describeProblem(text.problem))
    if (text.bytes.length > scriptBytesMax) {
      throw new WorkbenchError(
        'limit-exceeded',
        `A script that is tried may have ${scriptBytesMax >> 20} MB; try it in parts, or run it on a fork`,
      )
    }
    const split = await splitter.split(text.bytes, signal)
    const sha256 = await digest(split.text)
    return new TriedScript(split, { sha256, statements: await describe(split) })
  }

  /** All of them may run within one transaction. */
  get fitsOneTransaction(): boolean {
    return this.statements.every(({ traits }) => !traits.needsOwnTransaction)
  }

  /** A copy, for an engine to take over. */
  bytesOf({ index }: TriedStatement): Uint8Array {
    const { byteStart = 0, byteLength = 0 } = this.#places[index] ?? {}
    return this.#bytes.slice(byteStart, byteStart + byteLength)
  }

  /** Where character number `position` (from 1) of a statement stands in the script. */
  placeOf(
    statement: TriedStatement,
    position: number | null,
  ): { readonly line: number; readonly column: number } {
    if (position === null) return firstWordOf(statement)
    const text = new TextDecoder().decode(this.bytesOf(statement))
    const before = Array.from(text).slice(0, position - 1)
    const lastNewline = before.lastIndexOf('\n')
    const lines = before.filter((character) => character === '\n').length
    const column = lastNewline < 0 ? statement.column + before.length : before.length - lastNewline - 1
    return { line: statement.line + lines, column: column + 1 }
  }
}

async function digest(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < bytes.length; at += bytesPerTurn) {
    hash.update(bytes.subarray(at, at + bytesPerTurn))
    await nextTurn()
  }
  return hash.digest('hex')
}

async function describe({ text, statements }: SplitScript): Promise<TriedStatement[]> {
  const described: TriedStatement[] = []
  const lines = new LineCounter(text)
  let readBytes = 0
  for (const [index, place] of statements.entries()) {
    described.push(describeOne(text, { index, place, lines }))
    readBytes += place.byteLength
    if (readBytes < bytesPerTurn) continue
    readBytes = 0
    await nextTurn()
  }
  return described
}

function describeOne(
  bytes: Uint8Array,
  of: { readonly index: number; readonly place: ScriptStatement; readonly lines: LineCounter },
): TriedStatement {
  const { start, length, byteStart, byteLength } = of.place
  const { line, lineStart } = of.lines.goTo(byteStart)
  const decoder = new TextDecoder()
  // What is behind the data of an INSERT of megabytes tells nothing.
  const text = decoder.decode(bytes.subarray(byteStart, byteStart + Math.min(byteLength, readBytesMax)))
  const lead = leadLength(text)
  return {
    ...{ index: of.index, start, length, line, shown: text.slice(0, shownLengthMax) },
    column: Array.from(decoder.decode(bytes.subarray(lineStart, byteStart))).length,
    leadLines: text.slice(0, lead).split('\n').length - 1,
    title: text.slice(lead, lead + shownLengthMax),
    traits: statementTraits(text),
  }
}

/** Counts lines forwards, each byte once. */
class LineCounter {
  readonly #bytes: Uint8Array
  #at = 0
  #line = 1
  #lineStart = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The line of a place behind the last one, from 1, and where that line begins. */
  goTo(place: number): { readonly line: number; readonly lineStart: number } {
    for (let next = this.#find(); next >= 0 && next < place; next = this.#find()) {
      this.#at = next + 1
      this.#line += 1
      this.#lineStart = next + 1
    }
    return { line: this.#line, lineStart: this.#lineStart }
  }

  #find(): number {
    return this.#bytes.indexOf(newline, this.#at)
  }
}

/** Without a place within it, a statement went wrong where it begins. */
function firstWordOf({ line, column, leadLines }: TriedStatement): { line: number; column: number } {
  return { line: line + leadLines, column: leadLines > 0 ? 1 : column + 1 }
}

/** Comments and space in front of the first word. */
function leadLength(text: string): number {
  const lexer = new SqlLexer(text)
  while (lexer.next()) if (lexer.kind !== 'space' && lexer.kind !== 'comment') return lexer.start
  return 0
}
