/**
 * One stream as its consumer sees it: an async iterable of chunks, and the promise of a result. Holds at most as
 * many chunks as it has granted credit for; asking for the next chunk gives back the credit of the last one.
 * Knows no port: it asks its owner to grant or cancel.
 */

import type { Disposable } from '../base/disposable.ts'
import { WorkbenchError } from '../contract/error.ts'

/** A chunk and the raw buffers that came with it, each an ArrayBuffer of its own. */
export interface ReceivedChunk<C> {
  readonly value: C
  readonly buffers: readonly ArrayBuffer[]
}

/**
 * Iterate it once, with `for await`: leaving the loop early cancels, and a failed stream throws after its last
 * chunk. The request is open from the start, so that a stream never iterated must be disposed or aborted.
 */
export interface ContractStream<C, R> extends AsyncIterableIterator<ReceivedChunk<C>>, Disposable {
  /**
   * The result that follows the last chunk; chunks must be consumed for it to come. Rejects as the iteration
   * does, with `cancelled` when that was left early; need not be observed.
   */
  readonly result: Promise<R>
  /** Cancels unless it is over. */
  dispose(): void
}

/** What a stream needs from its client. */
export interface StreamOwner {
  grant(count: number): void
  /** The consumer has turned away. */
  cancel(error: WorkbenchError): void
}

type Step<C> = IteratorResult<ReceivedChunk<C>, undefined>

/** The consumer's and the client's side of one stream. */
export class ClientStream<C, R> implements ContractStream<C, R> {
  readonly result: Promise<R>
  readonly #owner: StreamOwner
  readonly #settle = Promise.withResolvers<R>()
  readonly #chunks: ReceivedChunk<C>[] = []
  readonly #readers: PromiseWithResolvers<Step<C>>[] = []
  #creditLeft: number
  #owesCredit = false
  #isOver = false
  #failure: WorkbenchError | null = null

  constructor(credit: number, owner: StreamOwner) {
    this.#creditLeft = credit
    this.#owner = owner
    this.result = this.#settle.promise
    // Whoever only iterates learns of a failure there; the same failure here must not end the process.
    this.result.catch(() => undefined)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Step<C>> {
    this.#payCredit()
    const chunk = this.#chunks.shift()
    if (chunk) {
      this.#owesCredit = true
      return Promise.resolve({ done: false, value: chunk })
    }
    if (this.#failure) {
      const failure = this.#failure
      this.#failure = null
      return Promise.reject(failure)
    }
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined })
    const reader = Promise.withResolvers<Step<C>>()
    this.#readers.push(reader)
    return reader.promise
  }

  return(): Promise<Step<C>> {
    this.dispose()
    return Promise.resolve({ done: true, value: undefined })
  }

  dispose(): void {
    this.#chunks.length = 0
    if (!this.#isOver) this.#owner.cancel(new WorkbenchError('cancelled', 'The reader stopped reading'))
    this.#failure = null
  }

  /** Takes a chunk that arrived; answers false when it came without credit. */
  receive(chunk: ReceivedChunk<C>): boolean {
    if (this.#creditLeft === 0) return false
    this.#creditLeft -= 1
    const reader = this.#readers.shift()
    if (reader) {
      this.#owesCredit = true
      reader.resolve({ done: false, value: chunk })
    } else {
      this.#chunks.push(chunk)
    }
    return true
  }

  /** The stream ended well. */
  complete(result: R): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#settle.resolve(result)
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined })
  }

  /** The stream failed. Chunks that have arrived are still read first, unless it was cancelled. */
  fail(error: WorkbenchError): void {
    if (this.#isOver) return
    this.#isOver = true
    if (error.code === 'cancelled') this.#chunks.length = 0
    this.#settle.reject(error)
    const [first, ...others] = this.#readers.splice(0)
    if (first) first.reject(error)
    else this.#failure = error
    for (const reader of others) reader.resolve({ done: true, value: undefined })
  }

  #payCredit(): void {
    if (!this.#owesCredit || this.#isOver) return
    this.#owesCredit = false
    this.#creditLeft += 1
    this.#owner.grant(1)
  }
}
