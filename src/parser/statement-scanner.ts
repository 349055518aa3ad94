/**
 * Finds the statements of any text, finished or not, by its lexical skeleton: a semicolon ends a statement
 * unless it stands in a quotation, a comment, a `BEGIN ATOMIC … END` body or the parenthesised actions of a
 * rule. The rules for bodies are those of psql (PostgreSQL 18, src/fe_utils/psqlscan.l), limited to the
 * statements that can have them, so that one unclosed parenthesis does not swallow the rest of a script.
 */

import { SqlLexer } from './sql-lexer.ts'

/** A statement's tokens, in UTF-16 code units: first character, end of the last token, end of the semicolon. */
export interface TokenRange {
  readonly start: number
  readonly end: number
  /** Behind the semicolon; the same as `end` when there is none. */
  readonly terminatedEnd: number
}

const semicolon = 59
const openParenthesis = 40
const closeParenthesis = 41
const dot = 46

/** Words long enough to matter are at most this long; longer ones are not even cut out of the text. */
const keywordLengthMax = 9

/** Words that introduce a statement and decide whether it can have a body: CREATE OR REPLACE FUNCTION. */
const openingWordsMax = 4

/** What of the statement read so far decides whether a semicolon ends it. */
class StatementBody {
  readonly #opening: string[] = []
  #previous = ''
  #blockDepth = 0
  #parenthesisDepth = 0

  get isOpen(): boolean {
    return this.#blockDepth > 0 || this.#parenthesisDepth > 0
  }

  word(word: string): void {
    if (this.#opening.length < openingWordsMax) this.#opening.push(word)
    const isName = this.#previous === '.' || this.#previous === 'as'
    if (!isName && this.#creates('function', 'procedure')) this.#bodyWord(word)
    this.#previous = word
  }

  character(char: number): void {
    this.#previous = char === dot ? '.' : ''
    if (char !== openParenthesis && char !== closeParenthesis) return
    if (!this.#creates('rule')) return
    if (char === openParenthesis) this.#parenthesisDepth++
    else if (this.#parenthesisDepth > 0) this.#parenthesisDepth--
  }

  /** CASE ends with END too, so it counts inside a body. */
  #bodyWord(word: string): void {
    if (word === 'atomic' && this.#previous === 'begin') this.#blockDepth++
    else if (word === 'case' && this.#blockDepth > 0) this.#blockDepth++
    else if (word === 'end' && this.#blockDepth > 0) this.#blockDepth--
  }

  #creates(...things: readonly string[]): boolean {
    const [first, second = '', third, fourth = ''] = this.#opening
    if (first !== 'create') return false
    return things.includes(second) || (second === 'or' && third === 'replace' && things.includes(fourth))
  }
}

/** Far more than any quotation's tag or prefix: what stands this far from the end of a text is not misread. */
const reach = 256

/** A scan that can stop, for others to have a turn, and go on when there is more of the text. */
export class StatementScan {
  #lexer: SqlLexer
  #body = new StatementBody()
  #start = -1
  #end = -1

  constructor(text: string, position = 0) {
    this.#lexer = new SqlLexer(text, position)
  }

  /** Goes on in `text`, which begins with what was looked at so far. */
  grow(text: string): void {
    this.#lexer = new SqlLexer(text, this.#lexer.position)
  }

  /**
   * The next statement with a semicolon; `more` after `tokensMax` tokens. null at the end of the text: then `rest`
   * tells what is left. Where the text goes on (`isEnd` false) it stops before what more of it may change.
   */
  next({
    tokensMax,
    isEnd,
  }: {
    readonly tokensMax: number
    readonly isEnd: boolean
  }): TokenRange | 'more' | null {
    const lexer = this.#lexer
    const { text } = lexer
    const limit = isEnd ? text.length : text.length - reach
    for (let count = 0; count < tokensMax; count += 1) {
      if (!lexer.next()) return null
      if (lexer.position > limit) {
        lexer.position = lexer.start
        return null
      }
      if (lexer.kind === 'space' || lexer.kind === 'comment') continue
      const char = lexer.kind === 'other' ? text.charCodeAt(lexer.start) : 0
      if (char === semicolon && !this.#body.isOpen) {
        const range = { start: this.#start, end: this.#end, terminatedEnd: lexer.position }
        this.#begin()
        if (range.start >= 0) return range
        continue
      }
      if (this.#start < 0) this.#start = lexer.start
      this.#end = lexer.position
      if (lexer.kind === 'word') this.#body.word(wordAt(lexer))
      else this.#body.character(char)
    }
    return 'more'
  }

  /** A statement without a semicolon, at the end of the text. */
  get rest(): TokenRange | null {
    const { start, end } = { start: this.#start, end: this.#end }
    return start < 0 ? null : { start, end, terminatedEnd: end }
  }

  #begin(): void {
    this.#start = -1
    this.#body = new StatementBody()
  }
}

/** The statements of `text` from `position` on, in order; empty ones are left out. */
export function* scanStatements(text: string, position = 0): Generator<TokenRange> {
  const scan = new StatementScan(text, position)
  for (;;) {
    const found = scan.next({ tokensMax: Number.POSITIVE_INFINITY, isEnd: true })
    if (found === 'more') continue
    if (found === null) break
    yield found
  }
  if (scan.rest) yield scan.rest
}

function wordAt(lexer: SqlLexer): string {
  if (lexer.position - lexer.start > keywordLengthMax) return '*'
  return lexer.text.slice(lexer.start, lexer.position).toLowerCase()
}
