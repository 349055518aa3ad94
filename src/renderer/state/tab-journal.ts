/**
 * Gets every edit of one tab's text stored, in order, as one types: one request at a time, each made of what has
 * been typed meanwhile, and the first of all that is typed in one turn. Whenever it is unsure what the host has,
 * it sends the whole text, because what is on screen is right. Knows no editor.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { toWireError } from '../../contract/error.ts'
import type { TextEdit } from '../../contract/workspace.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { Store } from './store.ts'
import { uploadText } from './text-upload.ts'

/** `failed`: it will be tried again, but until then the text is only in this window. */
export type SaveState =
  | { readonly kind: 'saved' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'failed'; readonly reason: string }

/** Edits of one request, as the contract has it. */
const editsPerRequestMax = 1_000

/** Code units inserted by one request: six bytes each in the worst case (an escape) must fit a message of 1 MiB. */
const unitsPerRequestMax = 128 << 10

/** How long to wait before storing again what could not be stored. */
const retryMs = 2_000

const saved: SaveState = { kind: 'saved' }
const saving: SaveState = { kind: 'saving' }

export interface JournalOptions {
  readonly client: WorkbenchClient
  readonly clock: Clock
  readonly tabId: string
  /** The version that the host has. */
  readonly version: number
  /** The whole text as it is now. */
  readonly readText: () => string
}

export class TabJournal implements Disposable {
  readonly saveState = new Store<SaveState>(saved)
  readonly #options: JournalOptions
  #version: number
  #pending: TextEdit[] = []
  #pendingUnits = 0
  #cursorOffset = 0
  #needsWholeText = false
  #isSendingWholeText = false
  #isSendingEdits = false
  #pumping: Promise<void> | null = null
  #retry: Disposable | null = null
  #isDisposed = false

  constructor(options: JournalOptions) {
    this.#options = options
    this.#version = options.version
  }

  get hasUnsaved(): boolean {
    return this.#hasWork || this.#pumping !== null
  }

  /**
   * Whether leaving now would lose text: it could not be stored, or a whole text is on its way in parts. Single
   * edits on their way are stored by the host even when the window is gone.
   */
  get wouldLoseText(): boolean {
    return this.#isSendingWholeText || this.#needsWholeText || this.saveState.value.kind === 'failed'
  }

  /** Takes edits that were just made, each relative to the text after the one before. */
  record(edits: readonly TextEdit[]): void {
    const last = edits.at(-1)
    // An editor tells of a change before it has moved the caret, which comes to lie behind what was inserted.
    if (last) this.#cursorOffset = last.offset + last.inserted.length
    if (!this.#needsWholeText) {
      for (const edit of edits) {
        this.#pending.push(edit)
        this.#pendingUnits += edit.inserted.length
      }
      const isTooMuch = this.#pendingUnits > unitsPerRequestMax || this.#pending.length > editsPerRequestMax
      if (isTooMuch) this.#requireWholeText()
    }
    this.#pump()
  }

  /** Resolves when everything recorded so far is stored, or cannot be for now. */
  async flush(): Promise<void> {
    this.#pump()
    await this.#pumping
  }

  /**
   * The window is going away: sends what is left without waiting for answers, on the version that the edits on
   * their way, if any, will have made (each request makes one). If that fails, nobody is there to be told; if the
   * window stays after all, the next edit finds out.
   */
  sendAtOnce(): void {
    if (this.#needsWholeText || this.#pending.length === 0) return
    const { client, tabId } = this.#options
    const edits = this.#pending
    this.#pending = []
    this.#pendingUnits = 0
    const version = this.#version + (this.#isSendingEdits || this.#isSendingWholeText ? 1 : 0)
    client.call('tab.edit', { tabId, version, edits, cursorOffset: this.#cursorOffset }).then(
      (stored) => (this.#version = stored.version),
      () => this.#requireWholeText(),
    )
  }

  /** The host has `version`, and nothing was edited here before that. */
  adopt(version: number): void {
    this.#version = version
  }

  /** The connection is back, and the host has `version` of this tab. */
  didReconnect(version: number): void {
    if (version !== this.#version) this.#requireWholeText()
    this.#version = version
    this.#pump()
  }

  dispose(): void {
    this.#isDisposed = true
    this.#retry?.dispose()
    this.saveState.dispose()
  }

  get #hasWork(): boolean {
    return this.#needsWholeText || this.#pending.length > 0
  }

  #requireWholeText(): void {
    this.#needsWholeText = true
    this.#pending = []
    this.#pendingUnits = 0
  }

  #pump(): void {
    if (this.#pumping || this.#isDisposed || !this.#hasWork) return
    this.#retry?.dispose()
    this.saveState.set(saving)
    this.#pumping = this.#sendAll().finally(() => {
      this.#pumping = null
      // What was recorded in the very moment in which the loop ended.
      if (this.saveState.value.kind === 'saved') this.#pump()
    })
  }

  async #sendAll(): Promise<void> {
    try {
      // An editor tells of one paste, or of what an input method commits, character by character.
      await Promise.resolve()
      while (this.#hasWork && !this.#isDisposed) {
        await (this.#needsWholeText ? this.#sendWholeText() : this.#sendEdits())
      }
      this.saveState.set(saved)
    } catch (error) {
      this.#fail(error)
    }
  }

  async #sendEdits(): Promise<void> {
    const { client, tabId } = this.#options
    const edits = this.#pending
    this.#pending = []
    this.#pendingUnits = 0
    const cursorOffset = this.#cursorOffset
    this.#isSendingEdits = true
    try {
      const stored = await client.call('tab.edit', { tabId, version: this.#version, edits, cursorOffset })
      // At once, because what was sent behind it may be answered next.
      this.#version = stored.version
    } catch (error) {
      if (toWireError(error).code !== 'conflict') throw error
      this.#requireWholeText()
    } finally {
      this.#isSendingEdits = false
    }
  }

  async #sendWholeText(): Promise<void> {
    const { client, tabId, readText } = this.#options
    // What is recorded from here on applies to this text.
    const text = readText()
    this.#needsWholeText = false
    this.#isSendingWholeText = true
    try {
      const textId = await uploadText(client, text, 'utf-16le')
      const { version } = await client.call('tab.replaceText', { tabId, textId })
      this.#version = version
    } finally {
      this.#isSendingWholeText = false
    }
  }

  #fail(error: unknown): void {
    const { code, message } = toWireError(error)
    // Whether the host has stored it is unknown now.
    this.#requireWholeText()
    if (this.#isDisposed) return
    this.saveState.set({ kind: 'failed', reason: message })
    // After a lost connection, didReconnect goes on.
    if (code === 'disconnected' || code === 'closed') return
    this.#retry = this.#options.clock.after(retryMs, () => this.#pump())
  }
}
