/**
 * What is marked in the editor: the statement that would run, the one that runs, and the token that an error is
 * about. Owns the decorations; the editor moves them with the text.
 */

import { MarkerSeverity, Range, editor } from 'monaco-editor/editor'
import type { Disposable } from '../../base/disposable.ts'
import type { ErrorMark } from '../state/console-model.ts'
import type { TextSpan } from '../state/error-position.ts'
import styles from './editor-marks.module.css'

/** Names the markers that are ours. */
const markerOwner = 'wardian'

export class EditorMarks implements Disposable {
  readonly #editor: editor.ICodeEditor
  readonly #caret: editor.IEditorDecorationsCollection
  readonly #running: editor.IEditorDecorationsCollection
  readonly #error: editor.IEditorDecorationsCollection

  constructor(codeEditor: editor.ICodeEditor) {
    this.#editor = codeEditor
    this.#caret = codeEditor.createDecorationsCollection()
    this.#running = codeEditor.createDecorationsCollection()
    this.#error = codeEditor.createDecorationsCollection()
  }

  /** Marks the statement under the caret; null marks none. */
  setCaretStatement(span: TextSpan | null): void {
    this.#caret.set(this.#statement(span, { tint: styles['caret'], bar: styles['caretBar'] }))
  }

  /** Marks the statement that runs; null marks none. */
  setRunningStatement(span: TextSpan | null): void {
    this.#running.set(this.#statement(span, { tint: styles['running'], bar: styles['runningBar'] }))
  }

  /** Marks the token that an error is about, and says what it is; null marks none. */
  setError(mark: ErrorMark | null): void {
    const model = this.#editor.getModel()
    if (!model) return
    const range = mark && rangeOf(model, mark.span)
    const message = mark ? describe(mark) : ''
    editor.setModelMarkers(
      model,
      markerOwner,
      range ? [{ ...plain(range), message, severity: MarkerSeverity.Error }] : [],
    )
    this.#error.set(range ? [{ range, options: { inlineClassName: styles['error'] ?? null } }] : [])
  }

  dispose(): void {
    for (const collection of [this.#caret, this.#running, this.#error]) collection.clear()
    const model = this.#editor.getModel()
    if (model) editor.setModelMarkers(model, markerOwner, [])
  }

  #statement(
    span: TextSpan | null,
    classes: { tint: string | undefined; bar: string | undefined },
  ): editor.IModelDeltaDecoration[] {
    const model = this.#editor.getModel()
    if (!model || !span || span.length === 0) return []
    const range = rangeOf(model, span)
    const bar = { range, options: { isWholeLine: true, linesDecorationsClassName: classes.bar ?? null } }
    const tint = {
      range,
      options: { isWholeLine: hasLinesAlone(model, range), className: classes.tint ?? null },
    }
    return [bar, tint]
  }
}

/** Whether nothing but this statement stands on its lines, so that they can be tinted whole. */
function hasLinesAlone(model: editor.ITextModel, range: Range): boolean {
  const before = model.getLineContent(range.startLineNumber).slice(0, range.startColumn - 1)
  const after = model.getLineContent(range.endLineNumber).slice(range.endColumn - 1)
  return before.trim() === '' && /^\s*;?\s*(?:--.*)?$/.test(after.slice(0, 200))
}

function rangeOf(model: editor.ITextModel, span: TextSpan): Range {
  return Range.fromPositions(model.getPositionAt(span.start), model.getPositionAt(span.start + span.length))
}

function plain(
  range: Range,
): Pick<editor.IMarkerData, 'startLineNumber' | 'startColumn' | 'endLineNumber' | 'endColumn'> {
  const { startLineNumber, startColumn, endLineNumber, endColumn } = range
  return { startLineNumber, startColumn, endLineNumber, endColumn }
}

function describe({ error }: ErrorMark): string {
  const hint = error.sql?.hint
  return hint === null || hint === undefined ? error.message : `${error.message}\n${hint}`
}
