/**
 * Backend bytes between a session that puts them out and one reader who takes them when it wants: kept in order,
 * within a bound, with the end as the last. Knows no message and no transport.
 */

import { WorkbenchError } from '../../contract/error.ts'

/** Beyond this the backend is held, and let go again when half of it has been read: some slices of a COPY. */
const keptBytesMax = 1 << 20

export class LinkInput {
  readonly #hold: (isHeld: boolean) => void
  readonly #kept: Uint8Array[] = []
  #keptBytes = 0
  #isHeld = false
  #end: Error | null = null
  #waiting: PromiseWithResolvers<Uint8Array> | null = null

  /** `hold` is told when no more should come for now, and when it may again. */
  constructor(hold: (isHeld: boolean) => void) {
    this.#hold = hold
  }

  put(bytes: Uint8Array): void {
    if (this.#end || bytes.length === 0) return
    if (this.#waiting) {
      this.#waiting.resolve(bytes)
      this.#waiting = null
      return
    }
    this.#kept.push(bytes)
    this.#keptBytes += bytes.length
    if (!this.#isHeld && this.#keptBytes > keptBytesMax) this.#setHeld(true)
  }

  /** What is kept can still be read. The first reason stays. */
  end(reason: Error | null): void {
    this.#end ??= reason ?? new WorkbenchError('disconnected', 'The server has closed the connection')
    this.#waiting?.reject(this.#end)
    this.#waiting = null
  }

  /** One reader at a time. */
  read(): Promise<Uint8Array> {
    const bytes = this.#kept.shift()
    if (bytes) {
      this.#keptBytes -= bytes.length
      if (this.#isHeld && this.#keptBytes < keptBytesMax / 2) this.#setHeld(false)
      return Promise.resolve(bytes)
    }
    if (this.#end) return Promise.reject(this.#end)
    this.#waiting ??= Promise.withResolvers()
    return this.#waiting.promise
  }

  #setHeld(isHeld: boolean): void {
    this.#isHeld = isHeld
    this.#hold(isHeld)
  }
}
