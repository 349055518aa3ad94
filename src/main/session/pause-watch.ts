/**
 * Notices that a client has sent something which asks for no answer yet, and then says nothing more. Costs one timer
 * for each pause of that length at most, however much is sent meanwhile. Knows no message.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'

/** Programs that write each message by itself leave microseconds between them; people notice a tenth of a second. */
export const pauseMs = 50

export interface PauseWatchOptions {
  readonly clock: Clock
  /** Nothing has come for a while. False to be told again after another while. */
  onPause(): boolean
}

export class PauseWatch implements Disposable {
  readonly #options: PauseWatchOptions
  #timer: Disposable | null = null
  #hasCome = false

  constructor(options: PauseWatchOptions) {
    this.#options = options
  }

  /** Something has come that asks for no answer yet. */
  came(): void {
    this.#hasCome = true
    if (!this.#timer) this.#look()
  }

  dispose(): void {
    this.#timer?.dispose()
    this.#timer = null
  }

  #look(): void {
    this.#hasCome = false
    this.#timer = this.#options.clock.after(pauseMs, () => {
      this.#timer = null
      if (this.#hasCome || !this.#options.onPause()) this.#look()
    })
  }
}
