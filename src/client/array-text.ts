/**
 * Arrays as Postgres prints them (PostgreSQL 18 documentation, section 8.15.6), to arrays of JavaScript: nested as
 * they are, NULL as null, each element read by a parser of its own type. Knows no type.
 */

import { WardianError } from './wardian-error.ts'

/** As many dimensions as Postgres has (MAXDIM in src/include/utils/array.h). */
const depthMax = 6

/** Reads `text`; throws `broken_answer` if it is no array. */
export function parseArray(text: string, parseElement: (text: string) => unknown): unknown[] {
  // Lower bounds other than 1 come before it: [0:1]={a,b}.
  const start = text.startsWith('[') ? text.indexOf('=') + 1 : 0
  const reader = new ArrayReader(text, start, parseElement)
  const values = reader.readArray(1)
  if (!reader.isAtEnd) throw noArray()
  return values
}

class ArrayReader {
  readonly #text: string
  readonly #parseElement: (text: string) => unknown
  #at: number

  constructor(text: string, at: number, parseElement: (text: string) => unknown) {
    this.#text = text
    this.#at = at
    this.#parseElement = parseElement
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length
  }

  readArray(depth: number): unknown[] {
    if (depth > depthMax || this.#text[this.#at] !== '{') throw noArray()
    this.#at += 1
    const values: unknown[] = []
    if (this.#text[this.#at] === '}') {
      this.#at += 1
      return values
    }
    for (;;) {
      values.push(this.#readElement(depth))
      const separator = this.#text[this.#at]
      this.#at += 1
      if (separator === '}') return values
      if (separator !== ',') throw noArray()
    }
  }

  #readElement(depth: number): unknown {
    const first = this.#text[this.#at]
    if (first === '{') return this.readArray(depth + 1)
    if (first === '"') return this.#parseElement(this.#readQuoted())
    const start = this.#at
    while (this.#at < this.#text.length && !isSeparator(this.#text[this.#at])) this.#at += 1
    const text = this.#text.slice(start, this.#at)
    if (text === '') throw noArray()
    return text === 'NULL' ? null : this.#parseElement(text)
  }

  #readQuoted(): string {
    let text = ''
    let start = this.#at + 1
    for (this.#at = start; this.#at < this.#text.length; this.#at += 1) {
      const char = this.#text[this.#at]
      if (char === '"') {
        this.#at += 1
        return text + this.#text.slice(start, this.#at - 1)
      }
      if (char !== '\\') continue
      text += this.#text.slice(start, this.#at)
      this.#at += 1
      start = this.#at
    }
    throw noArray()
  }
}

function isSeparator(char: string | undefined): boolean {
  return char === ',' || char === '}' || char === '{' || char === '"'
}

function noArray(): WardianError {
  return new WardianError('broken_answer', 'A value of an array type is no array as Postgres prints it')
}
