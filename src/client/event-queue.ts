/**
 * Values that come by themselves, as an async iterable for one reader: those it has not taken yet wait here, within a
 * bound. Knows no subscription.
 */

import { WardianError } from './wardian-error.ts'

/** Events that wait for a reader. The endpoint bounds what waits there; this is for a reader that is slow here. */
const waitingMax = 10_000

export class EventQueue<T> {
  readonly #onEnd: () => void
  readonly #waiting: T[] = []
  #wake: () => void = () => undefined
  #end: { readonly failure: { readonly error: unknown } | null } | null = null

  /** `onEnd` is called once, when the reader leaves or too much waits. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  push(value: T): void {
    if (this.#end) return
    if (this.#waiting.length >= waitingMax) {
      const message = `More than ${waitingMax} events wait to be taken`
      this.end(new WardianError('slow_consumer', message, { sqlstate: '57014' }))
      return
    }
    this.#waiting.push(value)
    this.#wake()
  }

  /** No more will come; with an error, the reader's loop ends with it. What waits is still read. */
  end(error: unknown = null): void {
    if (this.#end) return
    this.#end = { failure: error === null ? null : { error } }
    this.#onEnd()
    this.#wake()
  }

  /** Reads until the end; whoever leaves the loop ends it. */
  async *read(): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const [next] = this.#waiting.splice(0, 1)
        if (next !== undefined) yield next
        else if (this.#end === null) await new Promise<void>((resolve) => (this.#wake = resolve))
        else if (this.#end.failure === null) return
        else throw this.#end.failure.error
      }
    } finally {
      this.end()
    }
  }
}
