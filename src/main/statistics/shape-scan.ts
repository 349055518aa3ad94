/**
 * Tells statements that differ in their literals alone as one shape, by one pass over the bytes that makes no
 * string: some hundred nanoseconds, where Postgres's own parser takes some hundred microseconds. Follows the rules of
 * its scanner (PostgreSQL 18, src/backend/parser/scan.l) and keeps whatever might matter to libpg-query's
 * fingerprint: texts of one shape have one fingerprint, while one fingerprint may have many shapes.
 * `standard_conforming_strings` is taken to be on.
 */

import { LiteralPlaces } from './literal-places.ts'
import { ShapeHash, type WordTable } from './shape-hash.ts'
import { isWordByte, kindOf, kinds, lowerCase } from './shape-bytes.ts'
import { endsWith, literalRuleOf, ListOfLiterals, literalRules } from './shape-rules.ts'

/**
 * Longer texts are told by what they begin with: nobody has a thousand of those, the parser takes tens of
 * milliseconds for one, and the pass takes 0.1 ms for this much.
 */
export const shapeBytesMax = 64 << 10

/** Stand for literals in the hash; no text has such bytes outside of quotations. */
const marks = { number: 1, string: 2, cut: 3, list: 4 } as const

const code = {
  newline: 10,
  return: 13,
  space: 32,
  doubleQuote: 34,
  dollar: 36,
  quote: 39,
  open: 40,
  star: 42,
  plus: 43,
  comma: 44,
  minus: 45,
  dot: 46,
  slash: 47,
  semicolon: 59,
  openBracket: 91,
  backslash: 92,
} as const

const letterE = 101

export class ShapeScan {
  /** Of the last text: those that were left out, and say themselves where they end. */
  readonly literals = new LiteralPlaces()
  readonly #hash = new ShapeHash()
  readonly #list = new ListOfLiterals()
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #end = 0
  /** Something separates what comes next from what came before. */
  #isApart = false
  /** The last byte that counts, or a mark. */
  #last = 0
  #rule: number = literalRules.unknown
  /** Only the first statement is read. */
  #isFirstOnly = false
  /** `float`, whose length decides on its type, or UESCAPE, which decides on an identifier, came last. */
  #isKept = false
  readonly #words: { end: number } & Omit<WordTable, 'end'> = {
    end: 0,
    goesOn: isWordByte,
    folded: lowerCase,
  }

  /** The key of the shape of `bytes` from `start` to `end`. */
  keyOf(bytes: Uint8Array, start = 0, end = bytes.length): number {
    this.#bytes = bytes
    this.#at = start
    this.#end = Math.min(end, start + shapeBytesMax)
    this.#words.end = this.#end
    this.#hash.reset()
    this.literals.reset()
    this.#beginStatement()
    this.#last = 0
    this.#isApart = false
    while (this.#at < this.#end) this.#token()
    if (end > this.#end) this.#hash.add(marks.cut)
    return this.#hash.value
  }

  /** Behind the semicolon of the first statement from `start`; `end` where there is none. */
  firstEnd(bytes: Uint8Array, start: number, end: number): number {
    this.#isFirstOnly = true
    this.keyOf(bytes, start, end)
    this.#isFirstOnly = false
    return this.#last === code.semicolon ? this.#at : end
  }

  #beginStatement(): void {
    this.#rule = literalRules.unknown
    this.#isKept = false
    this.#list.reset()
  }

  #token(): void {
    const byte = this.#bytes[this.#at] ?? 0
    switch (kindOf[byte]) {
      case kinds.space:
        this.#at++
        this.#isApart = this.#last !== 0
        break
      case kinds.word:
        this.#word()
        break
      case kinds.digit:
        this.#number()
        break
      case kinds.quote:
        this.#string(false)
        break
      case kinds.doubleQuote:
        this.#identifier()
        break
      case kinds.special:
        this.#special(byte)
        break
      default:
        this.#other(byte)
    }
  }

  /** What begins a comment, a quotation or a number, if what follows is like it. */
  #special(byte: number): void {
    const next = this.#at + 1 < this.#end ? (this.#bytes[this.#at + 1] ?? 0) : 0
    if (byte === code.minus && next === code.minus) this.#lineComment()
    else if (byte === code.slash && next === code.star) this.#comment()
    else if (byte === code.dot && kindOf[next] === kinds.digit) this.#number()
    else if (byte === code.dollar) this.#dollar(next)
    else if (byte === code.minus && kindOf[next] === kinds.digit && this.#list.isAwaiting) this.#at++
    else this.#other(byte)
  }

  #other(byte: number): void {
    this.#at++
    if (this.#rule === literalRules.nothing && byte !== code.semicolon) return
    if (this.#list.holdsBack(byte)) return
    this.#add(byte)
    this.#list.note(byte)
    if (byte !== code.open) this.#isKept = false
    if (byte !== code.semicolon) return
    this.#beginStatement()
    if (this.#isFirstOnly) this.#end = this.#at
  }

  #word(): void {
    const start = this.#at
    const bytes = this.#bytes
    if (
      bytes[start + 1] === code.quote &&
      lowerCase[bytes[start] ?? 0] === letterE &&
      start + 1 < this.#end
    ) {
      this.#at++
      this.#string(true)
      return
    }
    if (this.#rule === literalRules.nothing) {
      while (this.#at < this.#end && isWordPart(bytes[this.#at] ?? 0)) this.#at++
      return
    }
    this.#separate()
    this.#at = this.#hash.addWhile(bytes, start, this.#words)
    this.#last = code.space
    this.#noteWord(start, this.#at)
  }

  #noteWord(start: number, end: number): void {
    const bytes = this.#bytes
    if (this.#rule === literalRules.unknown) this.#rule = literalRuleOf(bytes, start, end)
    this.#isKept = false
    this.#list.leave()
    switch (end - start) {
      case 2:
        if (endsWith('in', bytes, end)) this.#list.begin()
        if (this.#rule === literalRules.untilTo && endsWith('to', bytes, end))
          this.#rule = literalRules.nothing
        break
      case 5:
        this.#isKept = endsWith('float', bytes, end)
        break
      case 7:
        this.#isKept = endsWith('uescape', bytes, end)
        break
      case 8:
        // What stands in `position(… IN …)` is no list.
        if (endsWith('position', bytes, end)) this.#list.turnOff()
        break
      default:
        break
    }
  }

  #number(): void {
    const start = this.#at
    const bytes = this.#bytes
    let at = start + 1
    while (at < this.#end) {
      const byte = bytes[at] ?? 0
      if (isExponentSign(bytes, at)) at++
      else if (!isWordPart(byte) && byte !== code.dot) break
      else at++
    }
    this.#at = at
    if (this.#literal(marks.number, start, this.#isBound(at))) this.literals.note(start, at)
  }

  /** Whether a number decides on more than a value: the length of `float`, the bound of an array type. */
  #isBound(end: number): boolean {
    if (this.#last === code.open) return this.#isKept
    if (this.#last !== code.openBracket) return false
    let at = end
    while (kindOf[this.#bytes[at] ?? 0] === kinds.space && at < this.#end) at++
    return this.#bytes[at] !== code.comma
  }

  #string(hasEscapes: boolean): void {
    const start = this.#at
    const bytes = this.#bytes
    let at = start + 1
    for (; at < this.#end; at++) {
      const byte = bytes[at]
      if (hasEscapes && byte === code.backslash) at++
      else if (byte === code.quote) {
        const next = bytes[at + 1] === code.quote ? at + 1 : this.#continuation(at + 1)
        if (next < 0 || next >= this.#end) break
        at = next
      }
    }
    this.#at = Math.min(at + 1, this.#end)
    const isLeftOut = this.#literal(marks.string, start, this.#isKept && this.#last !== code.open)
    if (isLeftOut && !hasEscapes) this.literals.note(start, this.#at)
  }

  /** Where the quote of a string stands that goes on after a line break (scan.l, `quotecontinue`); -1 if none. */
  #continuation(from: number): number {
    let hasNewline = false
    for (let at = from; at < this.#end; at++) {
      const byte = this.#bytes[at] ?? 0
      if (byte === code.newline || byte === code.return) hasNewline = true
      else if (byte === code.quote) return hasNewline ? at : -1
      else if (byte === code.minus && this.#bytes[at + 1] === code.minus) at = this.#lineEnd(at) - 1
      else if (kindOf[byte] !== kinds.space) return -1
    }
    return -1
  }

  /** Answers whether its bytes count for nothing. */
  #literal(mark: number, start: number, mustBeKept: boolean): boolean {
    if (this.#rule === literalRules.nothing) return false
    const keeps = mustBeKept || this.#rule !== literalRules.drop
    this.#isKept = false
    if (!keeps && this.#list.takes()) {
      this.#isApart = false
      return true
    }
    this.#separate()
    this.#hash.add(mark)
    if (keeps) for (let at = start; at < this.#at; at++) this.#hash.add(this.#bytes[at] ?? 0)
    this.#last = mark
    this.#list.noteLiteral(keeps)
    return !keeps
  }

  #identifier(): void {
    const start = this.#at
    const close = (from: number): number => this.#find(code.doubleQuote, from)
    let at = close(start + 1)
    while (at < this.#end && this.#bytes[at + 1] === code.doubleQuote) at = close(at + 2)
    this.#at = Math.min(at + 1, this.#end)
    if (this.#rule === literalRules.nothing) return
    this.#separate()
    for (let index = start; index < this.#at; index++) this.#hash.add(this.#bytes[index] ?? 0)
    this.#last = code.doubleQuote
    this.#isKept = false
  }

  /** `$1`, `$tag$…$tag$`, or a stray one. */
  #dollar(next: number): void {
    const start = this.#at
    const bytes = this.#bytes
    let at = start + 1
    if (kindOf[next] === kinds.digit) {
      while (at < this.#end && kindOf[bytes[at] ?? 0] === kinds.digit) at++
      this.#parameter(start, at)
      return
    }
    if (kindOf[next] === kinds.word) while (at < this.#end && isTagPart(bytes[at] ?? 0)) at++
    if (bytes[at] !== code.dollar || at >= this.#end) {
      this.#other(code.dollar)
      return
    }
    this.#at = this.#tagEnd(start, at + 1)
    this.#literal(marks.string, start, false)
  }

  /** In a list of literals it counts as one: the fingerprint takes it so. */
  #parameter(start: number, end: number): void {
    this.#at = end
    if (this.#list.isAwaiting) {
      this.#literal(marks.number, start, false)
      return
    }
    if (this.#rule === literalRules.nothing) return
    this.#separate()
    for (let index = start; index < end; index++) this.#hash.add(this.#bytes[index] ?? 0)
    this.#last = code.dollar
    this.#isKept = false
  }

  /** Behind the closing tag; the tag stands from `start` to `bodyStart`. */
  #tagEnd(start: number, bodyStart: number): number {
    const length = bodyStart - start
    for (let at = this.#find(code.dollar, bodyStart); at < this.#end; at = this.#find(code.dollar, at + 1)) {
      let same = 1
      while (same < length && this.#bytes[at + same] === this.#bytes[start + same]) same++
      if (same === length && at + length <= this.#end) return at + length
    }
    return this.#end
  }

  #lineComment(): void {
    this.#at = this.#lineEnd(this.#at)
    this.#isApart = this.#last !== 0
  }

  /** Comments contain comments (scan.l, state `xc`). */
  #comment(): void {
    let depth = 0
    let at = this.#at
    for (; at < this.#end; at++) {
      const byte = this.#bytes[at]
      const next = this.#bytes[at + 1]
      if (byte === code.slash && next === code.star) {
        depth++
        at++
      } else if (byte === code.star && next === code.slash) {
        depth--
        at++
        if (depth === 0) break
      }
    }
    this.#at = Math.min(at + 1, this.#end)
    this.#isApart = this.#last !== 0
  }

  #lineEnd(from: number): number {
    let at = from
    while (at < this.#end && this.#bytes[at] !== code.newline && this.#bytes[at] !== code.return) at++
    return at
  }

  #find(byte: number, from: number): number {
    let at = from
    while (at < this.#end && this.#bytes[at] !== byte) at++
    return at
  }

  #add(byte: number): void {
    this.#separate()
    this.#hash.add(byte)
    this.#last = byte
  }

  /** Before anything is added. */
  #separate(): void {
    const skipped = this.#list.takeSkipped()
    if (skipped > 0) {
      this.#hash.add(marks.list)
      this.#hash.addNumber(skipped)
    }
    if (this.#list.takeComma()) this.#hash.add(code.comma)
    if (this.#isApart) this.#hash.add(code.space)
    this.#isApart = false
  }
}

/** scan.l, `ident_cont`. */
function isWordPart(byte: number): boolean {
  return isWordByte[byte] === 1
}

/** scan.l, `dolq_cont`. */
function isTagPart(byte: number): boolean {
  const kind = kindOf[byte]
  return kind === kinds.word || kind === kinds.digit
}

/** The sign in `1e-5`. */
function isExponentSign(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at]
  if (byte !== code.minus && byte !== code.plus) return false
  return lowerCase[bytes[at - 1] ?? 0] === letterE && kindOf[bytes[at + 1] ?? 0] === kinds.digit
}
