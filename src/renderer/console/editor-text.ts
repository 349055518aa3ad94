/** What the editor holds, as those who run statements want it: pieces of text with their offsets. Pure. */

import type { editor, Selection } from 'monaco-editor/editor'
import type { RunRequest } from '../state/console-model.ts'
import type { FoundStatement } from './statement-messages.ts'

/** What to run of a selection, which may hold several statements; null when nothing is selected. */
export function selectedText(model: editor.ITextModel, selection: Selection | null): RunRequest | null {
  if (!selection || selection.isEmpty()) return null
  const text = model.getValueInRange(selection)
  if (text.trim() === '') return null
  return { text, start: model.getOffsetAt(selection.getStartPosition()), mode: 'script' }
}

/** What to run of a statement. */
export function statementText(model: editor.ITextModel, { start, length }: FoundStatement): RunRequest {
  const from = model.getPositionAt(start)
  const to = model.getPositionAt(start + length)
  const text = model.getValueInRange({
    startLineNumber: from.lineNumber,
    startColumn: from.column,
    endLineNumber: to.lineNumber,
    endColumn: to.column,
  })
  return { text, start, mode: 'statement' }
}
