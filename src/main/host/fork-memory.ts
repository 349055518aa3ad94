/**
 * How much memory the copies of instances may take together, so that a test suite with too many connections hears of
 * it and the machine does not. Counts what it is told; measures nothing.
 */

import { totalmem } from 'node:os'
import { onDispose, type Disposable } from '../../base/disposable.ts'
import { refusal } from '../endpoints/postgres/wire-failure.ts'

/**
 * A copy that has just begun takes 75 MB, besides the image that all share; one that has run a hundred statements or
 * rewritten 100,000 rows some 120. With half of the machine's memory, 16 copies of a small database fit into 6 GB.
 */
export const forkBytes = 128 << 20

const megabyte = 1 << 20

/** Half of what this process may have: the other half is for instances, the page, and other programs. */
export function forkBytesMax(): number {
  const constrained = process.constrainedMemory()
  // Without a limit it answers nothing, or a number beyond all memory.
  return Math.min(totalmem(), constrained > 0 ? constrained : Infinity) / 2
}

export class ForkMemory {
  readonly #bytesMax: number
  #takenBytes = 0
  #count = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get count(): number {
    return this.#count
  }

  get takenBytes(): number {
    return this.#takenBytes
  }

  /** Room for one copy of `imageBytes`, all of which it may write anew. Throws 53300 where there is none. */
  take(imageBytes: number): Disposable {
    const byteCount = forkBytes + imageBytes
    if (this.#takenBytes + byteCount > this.#bytesMax) throw this.#refusal(byteCount)
    this.#takenBytes += byteCount
    this.#count += 1
    return onDispose('fork-memory', () => {
      this.#takenBytes -= byteCount
      this.#count -= 1
    })
  }

  #refusal(byteCount: number): Error {
    const [wanted, may] = [byteCount, this.#bytesMax].map((bytes) => Math.ceil(bytes / megabyte))
    return refusal('53300', 'sorry, too many clients already', {
      detail: `Each connection has a copy of the database, which may take ${wanted} MB of ${may} MB for all.`,
      hint: `${this.#count} copies are in use: close some connections, or use a smaller pool.`,
    })
  }
}
