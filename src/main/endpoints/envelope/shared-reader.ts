/**
 * A reader that several subscriptions of a socket use: the last of them ends it, wherever it has gone meanwhile. Knows
 * no subscription.
 */

import type { Disposable } from '../../../base/disposable.ts'
import type { LiveReader } from '../live-reader.ts'

export class SharedReader {
  readonly #opening: Promise<LiveReader>
  #userCount = 0
  #isOver = false

  constructor(opening: Promise<LiveReader>) {
    this.#opening = opening
  }

  /** Nobody uses it any more. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** The reader; rejects where it could not be opened. */
  get reader(): Promise<LiveReader> {
    return this.#opening
  }

  /** Until that is disposed it is not ended. */
  use(): Disposable {
    this.#userCount += 1
    let isUsed = true
    return {
      dispose: () => {
        if (!isUsed) return
        isUsed = false
        this.#userCount -= 1
        if (this.#userCount === 0) this.#end()
      },
    }
  }

  #end(): void {
    this.#isOver = true
    // Who has asked for it has been told why there is none.
    this.#opening.then(
      (reader) => reader.dispose(),
      () => undefined,
    )
  }
}
