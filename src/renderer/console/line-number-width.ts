/** How wide the line numbers of an editor are: as its text needs, with a free column at the edge. Knows no text. */

import type { editor } from 'monaco-editor/editor'
import { DisposableStore, type Disposable } from '../../base/disposable.ts'

/** Columns for texts that people write, so that the text does not move at its tenth or hundredth line. */
const columnsMin = 4

/** Columns for the numbers of `lineCount` lines: the editor itself leaves none free beside the longest. */
export function lineNumberColumns(lineCount: number): number {
  return Math.max(columnsMin, String(lineCount).length + 1)
}

/** Keeps the width right as texts change, until disposed. */
export function fitLineNumbers(code: editor.IStandaloneCodeEditor): Disposable {
  const store = new DisposableStore()
  let columns = columnsMin
  const fit = (): void => {
    const wanted = lineNumberColumns(code.getModel()?.getLineCount() ?? 1)
    if (wanted === columns) return
    columns = wanted
    code.updateOptions({ lineNumbersMinChars: columns })
  }
  store.add(code.onDidChangeModel(fit))
  store.add(code.onDidChangeModelContent(fit))
  return store
}
