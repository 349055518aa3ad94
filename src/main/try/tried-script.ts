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
const decoder = new TextDecoder()
/** Read in one turn of the event loop: some 10 ms. */
const bytesPerTurn = 256 << 10
/** Described in one turn: of short ones each costs more than its bytes. */
const statementsPerTurn = 250

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
  async placeOf(
    statement: TriedStatement,
    position: number | null,
  ): Promise<{ readonly line: number; readonly column: number }> {
    if (position === null) return firstWordOf(statement)
    const { byteStart = 0, byteLength = 0 } = this.#places[statement.index] ?? {}
    const place = { line: statement.line, column: statement.column, at: byteStart }
    const end = byteStart + byteLength
    for (let passed = 1; passed < position && place.at < end; passed += 1) {
      pass(this.#bytes, place)
      if (passed % bytesPerTurn === 0) await nextTurn()
    }
    return { line: place.line, column: place.column + 1 }
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
  const place = { line: 1, column: 0, at: 0 }
  let passedInTurn = 0
  for (const [index, { byteStart, byteLength, ...units }] of statements.entries()) {
    while (place.at < byteStart) {
      const from = place.at
      const goal = Math.min(byteStart, from + bytesPerTurn - passedInTurn)
      while (place.at < goal) pass(text, place)
      passedInTurn += place.at - from
      if (passedInTurn < bytesPerTurn) continue
      passedInTurn = 0
      await nextTurn()
    }
    const { line, column } = place
    const beginning = text.subarray(byteStart, byteStart + Math.min(byteLength, readBytesMax))
    described.push({ ...units, index, line, column, ...readBeginning(beginning) })
    passedInTurn += bytesPerTurn / statementsPerTurn
  }
  return described
}

/** What is behind the data of an INSERT of megabytes tells nothing. */
function readBeginning(bytes: Uint8Array): Pick<TriedStatement, 'shown' | 'leadLines' | 'title' | 'traits'> {
  const text = decoder.decode(bytes)
  const lead = leadLength(text)
  return {
    shown: text.slice(0, shownLengthMax),
    leadLines: text.slice(0, lead).split('\n').length - 1,
    title: text.slice(lead, lead + shownLengthMax),
    traits: statementTraits(text),
  }
}

/** A place in the text; the column is the number of characters before it in its line. */
interface Place {
  line: number
  column: number
  at: number
}

/** Goes past one character of valid UTF-8. */
function pass(bytes: Uint8Array, place: Place): void {
  const first = bytes[place.at] ?? 0
  place.at += first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  if (first === newline) {
    place.line += 1
    place.column = 0
  } else place.column += 1
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
