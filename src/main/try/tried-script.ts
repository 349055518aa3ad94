/**
 * A script that is tried or applied: its bytes, its statements and their places, and the digest that tells
 * whether it is the same one. Runs nothing.
 */

import { createHash } from 'node:crypto'
import { WorkbenchError } from '../../contract/error.ts'
import { SqlLexer } from '../../parser/sql-lexer.ts'
import type { ScriptStatement } from '../parser/parser-client.ts'
import type { ScriptSplitter } from '../session/script-run.ts'
import { describeProblem, type SqlText } from '../session/sql-text.ts'
import { statementTraits, type StatementTraits } from './statement-traits.ts'

/** Hashing 128 MB takes a quarter of a second: longer texts are for `wardian restore`. */
const scriptBytesMax = 16 << 20
/** Of a statement's text as it is shown. */
const shownLengthMax = 2_000
const newline = 10

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

  private constructor(bytes: Uint8Array, places: readonly ScriptStatement[]) {
    this.sha256 = createHash('sha256').update(bytes).digest('hex')
    this.#bytes = bytes
    this.#places = places
    this.statements = describe(bytes, places)
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
    return new TriedScript(split.text, split.statements)
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
    if (position === null) return { line: statement.line + statement.leadLines, column: 1 }
    const text = new TextDecoder().decode(this.bytesOf(statement))
    const before = Array.from(text).slice(0, position - 1)
    const lastNewline = before.lastIndexOf('\n')
    const lines = before.filter((character) => character === '\n').length
    const column = lastNewline < 0 ? statement.column + before.length : before.length - lastNewline - 1
    return { line: statement.line + lines, column: column + 1 }
  }
}

function describe(bytes: Uint8Array, places: readonly ScriptStatement[]): TriedStatement[] {
  const decoder = new TextDecoder()
  let [at, line, lineStart] = [0, 1, 0]
  return places.map(({ start, length, byteStart, byteLength }, index) => {
    for (; at < byteStart; at++) {
      if (bytes[at] !== newline) continue
      line += 1
      lineStart = at + 1
    }
    const text = decoder.decode(bytes.subarray(byteStart, byteStart + byteLength))
    const lead = leadLength(text)
    return {
      ...{ index, start, length, line, shown: text.slice(0, shownLengthMax) },
      leadLines: text.slice(0, lead).split('\n').length - 1,
      title: text.slice(lead, lead + shownLengthMax),
      column: Array.from(decoder.decode(bytes.subarray(lineStart, byteStart))).length,
      traits: statementTraits(text),
    }
  })
}

/** Comments and space in front of the first word. */
function leadLength(text: string): number {
  const lexer = new SqlLexer(text)
  while (lexer.next()) if (lexer.kind !== 'space' && lexer.kind !== 'comment') return lexer.start
  return 0
}
