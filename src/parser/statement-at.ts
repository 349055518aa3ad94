/**
 * Which statement a caret means. The rules, in this order: the statement that the caret touches, its semicolon
 * included, and of two that touch there the one before; else the one that ends in the caret's line, then the
 * one that begins in it; else the one that is fewer lines away; else, if both are as far, the one before.
 */

import type { StatementRange } from './statement-splitter.ts'

/** The statement of `statements` (in order) that a caret at `offset` means; null if there is none. */
export function statementAt(
  text: string,
  statements: readonly StatementRange[],
  offset: number,
): StatementRange | null {
  let before: StatementRange | null = null
  for (const statement of statements) {
    if (statement.start > offset) return nearest(text, { before, after: statement, offset })
    if (offset <= statement.terminatedEnd) return statement
    before = statement
  }
  return before
}

function nearest(
  text: string,
  { before, after, offset }: { before: StatementRange | null; after: StatementRange; offset: number },
): StatementRange {
  if (!before) return after
  const linesBefore = newlinesBetween(text, before.terminatedEnd, offset)
  const linesAfter = newlinesBetween(text, offset, after.start)
  return linesBefore <= linesAfter ? before : after
}

function newlinesBetween(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++
  return count
}
