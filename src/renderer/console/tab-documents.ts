/**
 * One editor model for each tab: its text, undo history and view, kept when another tab is in front. Forwards
 * every edit to the tab's journal. Knows no view but what it saves of one.
 */

import { editor } from 'monaco-editor/editor'
import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import type { ConsoleTab } from '../state/console-tab.ts'
import { sqlLanguageId } from './sql-language.ts'
import { textEdits } from './text-edits.ts'

/** A tab's text in the editor. */
export interface TabDocument {
  readonly tab: ConsoleTab
  readonly model: editor.ITextModel
  /** Scroll position, caret and selection, when it was last in front. */
  viewState: editor.ICodeEditorViewState | null
}

export class TabDocuments implements Disposable {
  readonly #documents = new Map<ConsoleTab, TabDocument>()
  readonly #subscriptions = new Map<ConsoleTab, DisposableStore>()

  /** The document of `tab` if it was opened before. */
  find(tab: ConsoleTab): TabDocument | null {
    return this.#documents.get(tab) ?? null
  }

  /** The document of `tab`, whose text is read from the host the first time. */
  async open(tab: ConsoleTab): Promise<TabDocument> {
    const text = await tab.text.load()
    const known = this.#documents.get(tab)
    if (known) return known
    const model = editor.createModel(text, sqlLanguageId)
    const document: TabDocument = { tab, model, viewState: null }
    this.#documents.set(tab, document)
    this.#follow(tab, model)
    tab.text.attach({ getText: () => model.getValue() })
    const shown = model.getValue()
    // The editor makes line ends the same everywhere; what is stored must be what is shown, or edits would miss.
    if (shown !== text) tab.didEdit([{ offset: 0, deleted: text.length, inserted: shown }])
    return document
  }

  /** Forgets the documents of tabs that are no more. */
  keepOnly(tabs: readonly ConsoleTab[]): void {
    for (const tab of [...this.#documents.keys()]) if (!tabs.includes(tab)) this.#close(tab)
  }

  dispose(): void {
    for (const tab of [...this.#documents.keys()]) this.#close(tab)
  }

  #follow(tab: ConsoleTab, model: editor.ITextModel): void {
    const store = new DisposableStore()
    this.#subscriptions.set(tab, store)
    store.add(
      model.onDidChangeContent((event) => {
        tab.didEdit(textEdits(event.changes))
        // What it complains about is being corrected.
        tab.errorMark.set(null)
      }),
    )
  }

  #close(tab: ConsoleTab): void {
    this.#subscriptions.get(tab)?.dispose()
    this.#subscriptions.delete(tab)
    const document = this.#documents.get(tab)
    this.#documents.delete(tab)
    if (!document) return
    // Whoever asks the tab for its text after this gets what it had at the end.
    const text = document.model.getValue()
    tab.text.attach({ getText: () => text })
    document.model.dispose()
  }
}
