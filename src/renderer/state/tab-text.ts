/**
 * The text of one editor tab: read from the host when it is first needed, then owned by an editor, with every
 * edit journalled. Knows the editor only as somebody who has the text.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { Tab, TextEdit } from '../../contract/workspace.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import type { Readable } from './store.ts'
import { TabJournal, type SaveState } from './tab-journal.ts'
import { decodeUnits } from './text-upload.ts'

/** Who holds the text once it is being edited. */
export interface TextSource {
  getText(): string
}

export interface TabTextOptions {
  readonly client: WorkbenchClient
  readonly clock: Clock
  readonly tab: Tab
}

export class TabText implements Disposable {
  /** Where the caret was when the tab was last used. */
  readonly initialCursorOffset: number
  readonly #client: WorkbenchClient
  readonly #tabId: string
  readonly #journal: TabJournal
  #loading: Promise<string> | null = null
  #loaded = ''
  #isKnown = false
  #source: TextSource | null = null

  constructor({ client, clock, tab }: TabTextOptions) {
    this.#client = client
    this.#tabId = tab.id
    this.initialCursorOffset = tab.cursorOffset
    const readText = (): string => this.#source?.getText() ?? this.#loaded
    this.#journal = new TabJournal({ client, clock, tabId: tab.id, version: tab.version, readText })
    if (tab.textLength > 0) return
    this.#loading = Promise.resolve('')
    this.#isKnown = true
  }

  get saveState(): Readable<SaveState> {
    return this.#journal.saveState
  }

  get hasUnsaved(): boolean {
    return this.#journal.hasUnsaved
  }

  /** Whether the text has been read, so that `current` is it. */
  get isKnown(): boolean {
    return this.#isKnown
  }

  /** Whether leaving now would lose text. */
  get wouldLoseText(): boolean {
    return this.#journal.wouldLoseText
  }

  /** The text as it was last stored, asked for once; after a failure it is asked for again. */
  load(): Promise<string> {
    this.#loading ??= this.#read()
    return this.#loading
  }

  /** From now on `source` has the text. Every change of it must be told with `didEdit`. */
  attach(source: TextSource): void {
    this.#source = source
  }

  /** The text now: the editor's, else what was loaded. */
  get current(): string {
    return this.#source?.getText() ?? this.#loaded
  }

  /** Tells of edits just made, each relative to the text after the one before. */
  didEdit(edits: readonly TextEdit[]): void {
    this.#journal.record(edits)
  }

  /** Gives a tab that nobody edits yet its first text. */
  fill(text: string): void {
    this.#loaded = text
    this.#loading = Promise.resolve(text)
    this.#isKnown = true
    this.#journal.record([{ offset: 0, deleted: 0, inserted: text }])
  }

  /** Resolves when every edit so far is stored, or cannot be for now. */
  flush(): Promise<void> {
    return this.#journal.flush()
  }

  /** The window is going away: sends what is left without waiting. */
  sendAtOnce(): void {
    this.#journal.sendAtOnce()
  }

  /** The connection is back, and the host has `version`. What was never read here cannot differ from it. */
  didReconnect(version: number): void {
    if (this.#isKnown) this.#journal.didReconnect(version)
    else this.#journal.adopt(version)
  }

  dispose(): void {
    this.#journal.dispose()
  }

  async #read(): Promise<string> {
    try {
      const { value, buffers } = await this.#client.callWithBuffers('tab.read', { tabId: this.#tabId })
      const [buffer] = buffers
      this.#loaded = buffer ? decodeUnits(buffer) : ''
      this.#isKnown = true
      this.#journal.adopt(value.version)
      return this.#loaded
    } catch (error) {
      this.#loading = null
      throw error
    }
  }
}
