/**
 * What other parts of the window may ask of the SQL editor that is in front: the editor registers itself, and
 * whoever needs it asks here. Knows no editor library.
 */

import { onDispose, type Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'

/** The editor of the active tab. */
export interface EditorHandle {
  focus(): void
  /** Replaces the selection, and leaves the caret behind what was inserted. */
  insertText(text: string): void
  /** Selects a piece of the text and scrolls it into view; UTF-16 code units. */
  reveal(start: number, length: number): void
}

export class EditorBridge {
  #editor: EditorHandle | null = null
  #isFocusWanted = false
  readonly #willFocus = new Emitter<void>()
  /** Somebody wants to be in the editor, which may be out of sight. */
  readonly onWillFocus = this.#willFocus.event

  get current(): EditorHandle | null {
    return this.#editor
  }

  /** Gives the focus to the editor, as soon as there is one. */
  focus(): void {
    this.#willFocus.fire()
    if (this.#editor) this.#editor.focus()
    else this.#isFocusWanted = true
  }

  /** Makes `editor` the one that is asked, until disposed or another one registers. */
  register(editor: EditorHandle): Disposable {
    this.#editor = editor
    if (this.#isFocusWanted) editor.focus()
    this.#isFocusWanted = false
    return onDispose('editor-registration', () => {
      if (this.#editor === editor) this.#editor = null
    })
  }
}
