/**
 * Keeps knowing which statement the caret means, a moment behind typing and never at its cost: the parser is asked
 * when the hands rest, one question at a time, and not at all for texts that are too long to send around.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { StatementFinder, VersionedText } from './statement-finder.ts'
import type { FoundStatement } from './statement-messages.ts'

/** Longer texts are split only when something is run: sending one costs about 1 ms for each million characters. */
export const trackedLengthMax = 8_000_000

/** Typing is not waited for longer than this, in a short text… */
const delayMinMs = 30
/** …and in a long one, which takes the parser longer. */
const delayMaxMs = 600
const charactersPerMs = 4_000

/** The text in front, as the tracker needs it. */
export interface TrackedText extends VersionedText {
  readonly length: number
  readonly caretOffset: number
}

export interface TrackerOptions {
  readonly finder: StatementFinder
  readonly clock: Clock
  /** The text and caret now; null when there is none. */
  readonly read: () => TrackedText | null
  /** The statement that the caret means, of the text of that version; null when there is none or none is known. */
  readonly onFound: (statement: FoundStatement | null, version: string) => void
}

export class StatementTracker implements Disposable {
  readonly #options: TrackerOptions
  #timer: Disposable | null = null
  #isAsking = false
  #isStale = false
  #isDisposed = false

  constructor(options: TrackerOptions) {
    this.#options = options
  }

  /** The text changed: asks once it has rested. */
  textChanged(): void {
    const length = this.#options.read()?.length ?? 0
    this.#schedule(Math.min(delayMaxMs, delayMinMs + length / charactersPerMs))
  }

  /** Only the caret moved: asks at once. */
  caretMoved(): void {
    // A change of the text moves the caret too, and has its own pace.
    if (!this.#timer) this.#schedule(0)
  }

  dispose(): void {
    this.#isDisposed = true
    this.#timer?.dispose()
  }

  #schedule(delayMs: number): void {
    this.#timer?.dispose()
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#timer = null
      void this.#ask()
    })
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) {
      this.#isStale = true
      return
    }
    const { finder, read, onFound } = this.#options
    const text = read()
    if (!text || text.length > trackedLengthMax) return onFound(null, text?.version ?? '')
    this.#isAsking = true
    const found = await finder.find(text, text.caretOffset).catch(() => null)
    this.#isAsking = false
    if (this.#isDisposed) return
    onFound(found, text.version)
    if (!this.#isStale) return
    this.#isStale = false
    void this.#ask()
  }
}
