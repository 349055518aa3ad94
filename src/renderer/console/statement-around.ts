/**
 * The statement around a caret as its words alone tell it, for the moments when the parser has not answered yet:
 * whoever types is always ahead of it. Pure; reads words, not grammar.
 */

import { SqlLexer } from '../../parser/sql-lexer.ts'

/** The piece of `text` between the semicolons around `caret`; those inside quotes and comments do not count. */
export function statementAround(
  text: string,
  caret: number,
): { readonly text: string; readonly caret: number } {
  let start = 0
  const lexer = new SqlLexer(text)
  while (lexer.next()) {
    if (lexer.kind !== 'other' || text.charAt(lexer.start) !== ';') continue
    if (lexer.start >= caret) return { text: text.slice(start, lexer.start), caret: caret - start }
    start = lexer.position
  }
  return { text: text.slice(start), caret: caret - start }
}
