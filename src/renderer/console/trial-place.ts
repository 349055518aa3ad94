/** Where in a console's text a statement of a trial stands, or went wrong. Pure. */

import type { TryFailure, TryStatement } from '../../contract/try-report.ts'
import { codePointOffset, tokenAt, type TextSpan } from '../state/error-position.ts'
import type { TrialRequest } from '../state/tab-trial.ts'

/** The token at the line and column of a failure, in the tab's text as it was tried. */
export function failureMark({ text, start }: TrialRequest, { line, column }: TryFailure): TextSpan {
  let lineStart = 0
  for (let passed = 1; passed < line; passed += 1) {
    const end = text.indexOf('\n', lineStart)
    if (end < 0) break
    lineStart = end + 1
  }
  const rest = text.slice(lineStart)
  const token = tokenAt(rest, codePointOffset(rest, column))
  return { start: start + lineStart + token.start, length: token.length }
}

export function statementMark({ start }: TrialRequest, statement: TryStatement): TextSpan {
  return { start: start + statement.start, length: statement.length }
}
