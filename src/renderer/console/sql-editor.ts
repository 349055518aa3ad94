/**
 * The SQL editor: one view that shows the document of whichever tab is in front, knows which statement the caret
 * means, and runs it. Joins documents, marks, parser and completion; renders nothing else.
 */

import { editor, KeyCode } from 'monaco-editor/editor'
import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import type { Clock } from '../../base/clock.ts'
import type { CompletionNames } from '../state/completion-names.ts'
import type { ConsoleTab } from '../state/console-tab.ts'
import type { EditorHandle } from '../state/editor-bridge.ts'
import type { TextSpan } from '../state/error-position.ts'
import { EditorMarks } from './editor-marks.ts'
import { selectedText, statementText } from './editor-text.ts'
import { fitLineNumbers } from './line-number-width.ts'
import { editorOptions, setUpMonaco } from './monaco-setup.ts'
import { registerSqlCompletion } from './sql-completion.ts'
import { StatementFinder, type ParserWorker } from './statement-finder.ts'
import { StatementTracker, type TrackedText } from './statement-tracker.ts'
import { TabDocuments, type TabDocument } from './tab-documents.ts'

export interface SqlEditorOptions {
  readonly clock: Clock
  readonly fontSizePx: number
  /** The names that completion offers, by instance. */
  readonly names: CompletionNames
  /** Esc was pressed and nothing in the editor wanted it. */
  readonly onEscape: () => void
  /** More was pasted than an edit can take at once; nothing has been done with it yet. */
  readonly onLargePaste: (text: string) => void
}

/**
 * Pasting longer texts (code units) is not an edit: the editor would stand still (2.7 s for 20 MB), since it tells
 * every part of what changed. A text that is opened takes a tenth of that.
 */
const pastedLengthMax = 2_000_000

/** How often a statement is looked for again when the text changes while the parser thinks. */
const findAttemptsMax = 5

/** Height of a line for a size of its text, as in the rest of the window. */
const lineHeightRatio = 1.5

/** Esc belongs to whatever is open in the editor, before it means anything to the console. */
const escapeIsFree =
  '!suggestWidgetVisible && !findWidgetVisible && !parameterHintsVisible && !renameInputVisible && ' +
  '!markersNavigationVisible && !editorHasMultipleSelections && !inSnippetMode && !editorHoverVisible'

export class SqlEditor implements EditorHandle, Disposable {
  readonly #store = new DisposableStore()
  readonly #editor: editor.IStandaloneCodeEditor
  readonly #marks: EditorMarks
  readonly #documents: TabDocuments
  readonly #finder: StatementFinder
  readonly #tracker: StatementTracker
  #shown: TabDocument | null = null
  /** Of the text as it is now. */
  #caretStatement: TextSpan | null = null
  #wanted: ConsoleTab | null = null
  #tabSubscriptions = new DisposableStore()

  /** Fills `element`. */
  constructor(element: HTMLElement, { clock, fontSizePx, names, onEscape, onLargePaste }: SqlEditorOptions) {
    this.#store.add(setUpMonaco())
    this.#editor = this.#store.add(editor.create(element, { ...editorOptions, model: null }))
    this.#store.add(fitLineNumbers(this.#editor))
    this.setFontSize(fontSizePx)
    this.#marks = this.#store.add(new EditorMarks(this.#editor))
    this.#documents = new TabDocuments()
    this.#finder = this.#store.add(new StatementFinder(startParser))
    this.#tracker = this.#store.add(
      new StatementTracker({
        finder: this.#finder,
        clock,
        read: () => this.#trackedText(),
        onFound: (statement, version) => {
          if (!this.#shown || versionOf(this.#shown) !== version) return
          this.#caretStatement = statement
          this.#marks.setCaretStatement(statement)
        },
      }),
    )
    this.#store.add(
      this.#editor.onDidChangeModelContent(() => {
        this.#caretStatement = null
        this.#tracker.textChanged()
      }),
    )
    this.#store.add(this.#editor.onDidChangeCursorPosition(() => this.#tracker.caretMoved()))
    this.#store.add(
      registerSqlCompletion(this.#editor, {
        names: () => names.of(this.#instanceId()),
        isReadingNames: () => names.isReading(this.#instanceId()),
        onDidReadNames: names.onDidRead,
        statement: () => this.#caretStatement,
      }),
    )
    this.#editor.addCommand(KeyCode.Escape, onEscape, escapeIsFree)
    this.#store.add(watchLargePastes(element, onLargePaste))
  }

  /** Shows the text of `tab`, at the place where it was left. Rejects when it cannot be read. */
  async show(tab: ConsoleTab | null): Promise<void> {
    this.#wanted = tab
    if (this.#shown) this.#shown.viewState = this.#editor.saveViewState()
    if (!tab) return this.#attach(null)
    const known = this.#documents.find(tab)
    if (!known) this.#attach(null)
    const document = known ?? (await this.#documents.open(tab))
    // Another tab was chosen while this one's text was read.
    if (this.#wanted === tab) this.#attach(document)
  }

  /** Forgets the texts of tabs that were closed. */
  keepOnly(tabs: readonly ConsoleTab[]): void {
    if (this.#shown && !tabs.includes(this.#shown.tab)) this.#attach(null)
    this.#documents.keepOnly(tabs)
  }

  setFontSize(fontSizePx: number): void {
    this.#editor.updateOptions({ fontSize: fontSizePx, lineHeight: Math.round(fontSizePx * lineHeightRatio) })
  }

  /** Runs the selection, else the statement under the caret. Answers false when there is nothing to run. */
  async runStatement(): Promise<boolean> {
    const shown = this.#shown
    if (!shown) return false
    const selected = selectedText(shown.model, this.#editor.getSelection())
    const request = selected ?? (await this.#statementAtCaret(shown))
    if (!request) return false
    this.#closeSuggestions()
    void shown.tab.run(request)
    return true
  }

  /** The selection, else the whole text, of the tab that is shown; null where there is nothing. */
  scriptToTry(): { readonly tab: ConsoleTab; readonly text: string; readonly start: number } | null {
    const shown = this.#shown
    if (!shown) return null
    const selected = selectedText(shown.model, this.#editor.getSelection())
    const { text, start } = selected ?? { text: shown.model.getValue(), start: 0 }
    if (text.trim() === '') return null
    this.#closeSuggestions()
    return { tab: shown.tab, text, start }
  }

  /** Runs the whole text. Answers false when there is nothing to run. */
  runScript(): boolean {
    const shown = this.#shown
    const text = shown?.model.getValue() ?? ''
    if (!shown || text.trim() === '') return false
    this.#closeSuggestions()
    void shown.tab.run({ text, start: 0, mode: 'script' })
    return true
  }

  focus(): void {
    this.#editor.focus()
  }

  /** What was typed is finished: a list left open would take the next Enter. */
  #closeSuggestions(): void {
    this.#editor.trigger('run', 'hideSuggestWidget', null)
  }

  insertText(text: string): void {
    const selection = this.#editor.getSelection()
    if (!selection) return
    this.#editor.pushUndoStop()
    this.#editor.executeEdits('insert', [{ range: selection, text, forceMoveMarkers: true }])
    this.#editor.pushUndoStop()
    this.#editor.focus()
  }

  reveal(start: number, length: number): void {
    const model = this.#editor.getModel()
    if (!model) return
    const from = model.getPositionAt(start)
    const to = model.getPositionAt(start + length)
    this.#editor.setSelection({
      startLineNumber: from.lineNumber,
      startColumn: from.column,
      endLineNumber: to.lineNumber,
      endColumn: to.column,
    })
    this.#editor.revealPositionInCenterIfOutsideViewport(from)
    this.#editor.focus()
  }

  dispose(): void {
    this.#tabSubscriptions.dispose()
    this.#store.dispose()
    this.#documents.dispose()
  }

  #attach(document: TabDocument | null): void {
    this.#tabSubscriptions.dispose()
    this.#tabSubscriptions = new DisposableStore()
    this.#marks.dispose()
    this.#shown = document
    this.#caretStatement = null
    this.#editor.setModel(document?.model ?? null)
    if (!document) return
    const { tab, model, viewState } = document
    if (viewState) this.#editor.restoreViewState(viewState)
    else this.#editor.setPosition(model.getPositionAt(tab.text.initialCursorOffset))
    const showError = (): void => this.#marks.setError(tab.errorMark.value)
    const showRunning = (): void => this.#marks.setRunningStatement(tab.progress.value.span)
    this.#tabSubscriptions.add(tab.errorMark.onDidChange(showError))
    this.#tabSubscriptions.add(tab.progress.onDidChange(showRunning))
    showError()
    showRunning()
    this.#tracker.textChanged()
  }

  /** The statement under the caret, of the text as it is when the parser has answered. */
  async #statementAtCaret(shown: TabDocument): Promise<ReturnType<typeof statementText> | null> {
    for (let attempt = 0; attempt < findAttemptsMax; attempt += 1) {
      const text = this.#trackedText()
      if (!text || shown !== this.#shown) return null
      const statement = await this.#finder.find(text, text.caretOffset)
      if (versionOf(shown) === text.version) return statement && statementText(shown.model, statement)
    }
    return null
  }

  #instanceId(): string | null {
    return this.#shown?.tab.label.value.instanceId ?? null
  }

  #trackedText(): TrackedText | null {
    const shown = this.#shown
    if (!shown) return null
    const { model } = shown
    return {
      version: versionOf(shown),
      length: model.getValueLength(),
      caretOffset: this.#cursorOffset(model),
      read: () => model.getValue(),
    }
  }

  #cursorOffset(model: editor.ITextModel): number {
    const position = this.#editor.getModel() === model ? this.#editor.getPosition() : null
    return position ? model.getOffsetAt(position) : 0
  }
}

/** Takes pastes of long texts away from the editor, before it sees them. */
function watchLargePastes(element: HTMLElement, onLargePaste: (text: string) => void): Disposable {
  const onPaste = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData('text/plain') ?? ''
    if (text.length <= pastedLengthMax) return
    event.preventDefault()
    event.stopImmediatePropagation()
    onLargePaste(text)
  }
  element.addEventListener('paste', onPaste, { capture: true })
  return { dispose: () => element.removeEventListener('paste', onPaste, { capture: true }) }
}

function versionOf({ tab, model }: TabDocument): string {
  return `${tab.id}:${model.getVersionId()}`
}

function startParser(): ParserWorker {
  const worker = new Worker(new URL('./parser-web-worker.ts', import.meta.url), { type: 'module' })
  const parser: ParserWorker = {
    postMessage: (question) => worker.postMessage(question),
    terminate: () => worker.terminate(),
    onmessage: null,
    onerror: null,
  }
  worker.onmessage = (event) => parser.onmessage?.(event)
  worker.onerror = (event) => parser.onerror?.(event)
  return parser
}
