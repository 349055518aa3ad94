/**
 * SQL as text and parameters. The `sql` tag keeps the two apart: what is put into the template becomes a parameter,
 * never a piece of text; another `sql` text is taken in whole, and `sql.identifier` is quoted. Knows no connection.
 */

import { invalidArgument } from './wardian-error.ts'

/** A statement, or a piece of one, with the values that belong to it. Made by `sql` alone. */
export class SqlText {
  /** Text around the values: one more than there are values. */
  readonly #texts: readonly string[]
  readonly #values: readonly unknown[]

  constructor(texts: readonly string[], values: readonly unknown[]) {
    this.#texts = texts
    this.#values = values
  }

  /** The statement with `$1`, `$2`, … */
  get text(): string {
    return this.#texts.reduce((before, text, index) => `${before}$${index}${text}`)
  }

  /** The values, in the order of their numbers. */
  get params(): readonly unknown[] {
    return this.#values
  }

  /** Puts `pieces` together, `separator` between them. */
  static join(pieces: readonly SqlText[], separator: string): SqlText {
    const texts = ['']
    const values: unknown[] = []
    for (const [index, piece] of pieces.entries()) {
      const [first = '', ...rest] = piece.#texts
      texts.push(`${texts.pop() ?? ''}${index === 0 ? '' : separator}${first}`, ...rest)
      values.push(...piece.#values)
    }
    return new SqlText(texts, values)
  }
}

/** The tag, and what it needs for that which cannot be a parameter. */
export interface SqlTag {
  (texts: TemplateStringsArray, ...values: readonly unknown[]): SqlText
  /** A name, quoted; with several parts `schema.table`. */
  identifier(...parts: readonly string[]): SqlText
  /** Pieces with `separator` between them, `, ` unless given: `in (${sql.join(ids.map((id) => sql`${id}`))})`. */
  join(pieces: readonly SqlText[], separator?: string): SqlText
  /** Text as it is: SQL that a program has written, never anything that a person or another program has typed. */
  raw(text: string): SqlText
}

function tag(texts: TemplateStringsArray, ...values: readonly unknown[]): SqlText {
  const pieces: SqlText[] = []
  for (const [index, text] of texts.entries()) {
    pieces.push(raw(text))
    if (index >= values.length) continue
    const value = values[index]
    pieces.push(value instanceof SqlText ? value : new SqlText(['', ''], [value]))
  }
  return SqlText.join(pieces, '')
}

function raw(text: string): SqlText {
  return new SqlText([text], [])
}

/** Postgres has no name with U+0000, and an empty one is refused by itself (PostgreSQL 18 documentation, 4.1.1). */
function identifier(...parts: readonly string[]): SqlText {
  if (parts.length === 0 || parts.some((part) => part === '' || part.includes('\0'))) {
    throw invalidArgument('sql.identifier needs names of at least one character, none of them U+0000')
  }
  return raw(parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.'))
}

/** `` sql`select * from ${sql.identifier(table)} where id = ${id}` ``. */
export const sql: SqlTag = Object.assign(tag, {
  identifier,
  raw,
  join: (pieces: readonly SqlText[], separator = ', ') => SqlText.join(pieces, separator),
})

/** What is accepted as a statement everywhere. */
export type Statement = string | SqlText

/** Text and values of a statement; values beside a `SqlText` are a mistake. */
export function statementOf(
  statement: Statement,
  params: readonly unknown[] = [],
): { readonly text: string; readonly params: readonly unknown[] } {
  if (typeof statement === 'string') return { text: statement, params }
  if (params.length > 0) throw invalidArgument('params belong to a text; a sql`…` has its own')
  return { text: statement.text, params: statement.params }
}
