/**
 * A file on its way from a client, piece by piece: the client is answered when there is room for the next. One reader
 * takes the pieces in order. Knows no client.
 */

import type { WorkbenchError } from '../../contract/error.ts'

/** Pieces that wait: one to be read, one that comes. */
const piecesMax = 2

export class UploadQueue {
  readonly #pieces: Uint8Array[] = []
  #isComplete = false
  #failure: WorkbenchError | null = null
  #changed = Promise.withResolvers<void>()

  /** Throws `closed` when nobody reads any more. */
  async push(bytes: Uint8Array, isLast: boolean): Promise<void> {
    this.#check()
    if (bytes.length > 0) this.#pieces.push(bytes)
    this.#isComplete = isLast
    this.#tell()
    while (this.#pieces.length > piecesMax && !this.#failure) await this.#changed.promise
    this.#check()
  }

  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const piece = this.#pieces.shift()
      if (piece) {
        this.#tell()
        yield piece
      } else if (this.#failure) throw this.#failure
      else if (this.#isComplete) return
      else await this.#changed.promise
    }
  }

  /** Nothing more is read, or comes. The first reason stays. */
  end(reason: WorkbenchError): void {
    this.#failure ??= reason
    this.#tell()
  }

  #check(): void {
    if (this.#failure) throw this.#failure
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
