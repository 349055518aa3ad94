/**
 * The lexical skeleton of SQL: where comments, quoted things, words and single characters begin and end, after
 * the rules of Postgres's own scanner (PostgreSQL 18, src/backend/parser/scan.l). It exists beside the real
 * parser because that one answers nothing for unfinished text, which is what an editor holds most of the time,
 * and takes seconds and hundreds of megabytes for long scripts. Knows no statement and no grammar.
 * `standard_conforming_strings` is taken to be on, as it is unless somebody turns it off.
 */

/** `other` is one character: an operator's, a bracket, a comma, a semicolon. */
export type TokenKind = 'space' | 'comment' | 'word' | 'quoted' | 'number' | 'other'

const space = charSet(' \t\n\r\f\v')
const digit = charSet('0123456789')
const letter = charSet('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_')

function charSet(chars: string): Uint8Array {
  const set = new Uint8Array(128)
  for (const char of chars) set[char.charCodeAt(0)] = 1
  return set
}

/** scan.l, `ident_start`: letters, underscore and everything outside ASCII. */
function isWordStart(code: number): boolean {
  return code >= 128 || letter[code] === 1
}

/** scan.l, `dolq_cont`: like an identifier's, without the dollar sign. */
function isTagPart(code: number): boolean {
  return code >= 128 || letter[code] === 1 || digit[code] === 1
}

const code = {
  newline: 10,
  return: 13,
  doubleQuote: 34,
  dollar: 36,
  ampersand: 38,
  quote: 39,
  star: 42,
  minus: 45,
  dot: 46,
  slash: 47,
  backslash: 92,
} as const

/** Reads `text` token by token from `position` on; `start` and `kind` tell the one that was read last. */
export class SqlLexer {
  readonly text: string
  kind: TokenKind = 'space'
  start = 0
  /** End of the last token, and start of the next. */
  position: number

  constructor(text: string, position = 0) {
    this.text = text
    this.position = position
  }

  /** Reads one token; false at the end of the text. An unfinished quotation or comment ends with the text. */
  next(): boolean {
    const { text } = this
    if (this.position >= text.length) return false
    this.start = this.position
    const first = text.charCodeAt(this.position)
    const second = text.charCodeAt(this.position + 1)
    if (first < 128 && space[first] === 1) this.#end('space', this.#runOf(isSpace))
    else if (first === code.minus && second === code.minus) this.#end('comment', lineEnd(text, this.start))
    else if (first === code.slash && second === code.star) this.#end('comment', commentEnd(text, this.start))
    else if (first === code.quote) this.#end('quoted', quoteEnd(text, this.start + 1, code.quote))
    else if (first === code.doubleQuote) this.#end('quoted', quoteEnd(text, this.start + 1, code.doubleQuote))
    else if (first === code.dollar) this.#dollar()
    else if (first < 128 && digit[first] === 1) this.#end('number', this.#runOf(isNumberPart))
    else if (isWordStart(first)) this.#word(first, second)
    else this.#end('other', this.start + 1)
    return true
  }

  #end(kind: TokenKind, position: number): void {
    this.kind = kind
    this.position = position
  }

  #runOf(belongs: (code: number) => boolean): number {
    let at = this.start + 1
    while (at < this.text.length && belongs(this.text.charCodeAt(at))) at++
    return at
  }

  /** A word, or the prefix of a quotation: E'…' (backslash escapes), U&'…', U&"…". B, X and N are like words. */
  #word(first: number, second: number): void {
    const { text, start } = this
    const lower = first | 32
    if (lower === 101 && second === code.quote) return this.#end('quoted', escapedEnd(text, start + 2))
    if (lower === 117 && second === code.ampersand) {
      const third = text.charCodeAt(start + 2)
      if (third === code.quote || third === code.doubleQuote)
        return this.#end('quoted', quoteEnd(text, start + 3, third))
    }
    this.#end('word', this.#runOf(isWordPart))
  }

  /** `$tag$ … $tag$`; anything else that begins with a dollar sign ($1, a stray one) is one character. */
  #dollar(): void {
    const { text, start } = this
    let at = start + 1
    if (at < text.length && isWordStart(text.charCodeAt(at))) while (isTagPart(text.charCodeAt(at))) at++
    if (text.charCodeAt(at) !== code.dollar) return this.#end('other', start + 1)
    const tag = text.slice(start, at + 1)
    const close = text.indexOf(tag, at + 1)
    this.#end('quoted', close < 0 ? text.length : close + tag.length)
  }
}

function isSpace(char: number): boolean {
  return char < 128 && space[char] === 1
}

function isWordPart(char: number): boolean {
  return isTagPart(char) || char === code.dollar
}

/** Digits with what PostgreSQL would call trailing junk, so that `1e'…'` is not mistaken for a prefix. */
function isNumberPart(char: number): boolean {
  return isTagPart(char) || char === code.dot
}

/** End of a `--` comment: the line's end, which is not part of it. */
function lineEnd(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === code.newline || char === code.return) break
  }
  return at
}

/** End of a comment that may contain comments (scan.l, state `xc`). */
function commentEnd(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === code.slash && text.charCodeAt(at + 1) === code.star) {
      depth++
      at++
    } else if (char === code.star && text.charCodeAt(at + 1) === code.slash) {
      depth--
      at++
      if (depth === 0) return at + 1
    }
  }
  return text.length
}

/** End of a quotation in which the doubled quote stands for itself. */
function quoteEnd(text: string, from: number, quote: number): number {
  const mark = String.fromCharCode(quote)
  for (let at = from; ;) {
    const close = text.indexOf(mark, at)
    if (close < 0) return text.length
    if (text.charCodeAt(close + 1) !== quote) return close + 1
    at = close + 2
  }
}

/**
 * End of an E'…' string. A string that goes on after a line break ('a' ⏎ 'b') keeps its escapes there (scan.l,
 * `quotecontinue`), so the pieces are taken together.
 */
function escapedEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === code.backslash) at++
    if (char !== code.quote) continue
    const isDoubled = text.charCodeAt(at + 1) === code.quote
    const next = isDoubled ? at + 1 : continuation(text, at + 1)
    if (next < 0) return at + 1
    at = next
  }
  return text.length
}

/** Where the quote of a continued string stands; -1 if the string is not continued. */
function continuation(text: string, from: number): number {
  let hasNewline = false
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === code.newline || char === code.return) hasNewline = true
    else if (char === code.quote) return hasNewline ? at : -1
    else if (char === code.minus && text.charCodeAt(at + 1) === code.minus) at = lineEnd(text, at) - 1
    else if (!isSpace(char)) return -1
  }
  return -1
}
