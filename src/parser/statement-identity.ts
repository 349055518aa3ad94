/**
 * What a statement is called by: the fingerprint of Postgres's own parser, and its text without literals. What it
 * cannot read has neither; then the lexer leaves out the literals. Knows no session.
 */

import { fingerprintSync, normalizeSync } from 'libpg-query'
import { SqlLexer } from './sql-lexer.ts'

export interface StatementIdentity {
  /** null where the parser cannot read the text. */
  readonly fingerprint: string | null
  /** No literal of the statement is in it, and no comment. */
  readonly text: string
}

/** Texts that are longer are not read by the parser, which takes 10 ms for this much. */
const parsedLengthMax = 64 << 10

const fingerprintForm = /^[0-9a-f]{16}$/

export function identityOf(sql: string): StatementIdentity {
  if (sql.length > parsedLengthMax || sql.includes('\0'))
    return { fingerprint: null, text: withoutLiterals(sql) }
  try {
    const fingerprint = fingerprintSync(sql)
    // It answers some of its errors instead of a fingerprint.
    if (!fingerprintForm.test(fingerprint)) return { fingerprint: null, text: withoutLiterals(sql) }
    // What it leaves as it is (COMMENT, COPY, CREATE, EXECUTE) has literals still; of the others only lengths of types.
    const keepsNumbers = /^[\s(]*(select|insert|update|delete|merge|with|values)\b/i.test(sql)
    return { fingerprint, text: withoutLiterals(normalizeSync(sql), keepsNumbers) }
  } catch {
    return { fingerprint: null, text: withoutLiterals(sql) }
  }
}

/** Every quoted literal and number gives way to a mark, and comments and line breaks to a space. */
export function withoutLiterals(sql: string, keepsNumbers = false): string {
  const lexer = new SqlLexer(sql)
  let text = ''
  let isApart = false
  while (lexer.next()) {
    if (lexer.kind === 'space' || lexer.kind === 'comment') {
      isApart = text !== ''
      continue
    }
    const token = sql.slice(lexer.start, lexer.position)
    if (isApart) text += ' '
    isApart = false
    if (lexer.kind === 'quoted') text += isIdentifier(token) ? token : `'…'`
    // The number of a parameter belongs to the sign before it.
    else if (lexer.kind === 'number' && !keepsNumbers && !text.endsWith('$')) text += '…'
    else text += token
  }
  return text.replace(/[\s;]+$/, '')
}

function isIdentifier(token: string): boolean {
  return token.startsWith('"') || /^u&"/i.test(token)
}
