/**
 * Takes passwords out of statements that set them, wherever such a text is kept: those of roles, user mappings and
 * subscriptions, also within bodies of functions. Knows neither who has sent a text nor where it goes.
 */

import { SqlLexer } from './sql-lexer.ts'

const mark = `'…'`
/** What may be of interest at all; looking for this is quick. */
const interesting = /password/i
/** Within a literal: a connection string, such as that of CREATE SUBSCRIPTION, or a statement of a function's body. */
const inConnection = /(\bpassword\s*=\s*)(''[^']*''|[^\s']+)/gi
const inBody = /(\bpassword\s+)('+)[^']*\2/gi

/** The text with every literal that follows the word PASSWORD, and passwords in connection strings, left out. */
export function withoutPasswords(sql: string): string {
  if (!interesting.test(sql)) return sql
  const lexer = new SqlLexer(sql)
  let text = ''
  let follows = false
  while (lexer.next()) {
    const token = sql.slice(lexer.start, lexer.position)
    const { kind } = lexer
    if (kind === 'space') text += token
    else if (kind === 'comment') text += token.replace(inConnection, '$1…').replace(inBody, '$1$2…$2')
    else if (kind === 'quoted') {
      text += redacted(token, follows)
      follows = false
    } else {
      text += token
      // `password '…'` and `password = '…'` alike.
      follows = kind === 'word' ? token.toLowerCase() === 'password' : follows && token === '='
    }
  }
  return text
}

function redacted(token: string, isPassword: boolean): string {
  if (token.startsWith('"')) return token
  return isPassword ? mark : token.replace(inConnection, '$1…').replace(inBody, '$1$2…$2')
}
