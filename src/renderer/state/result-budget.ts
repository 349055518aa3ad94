/**
 * How many bytes of results one window keeps. Whoever shows a result touches it; when a run needs room, the
 * results that were not looked at for longest give up theirs. Knows no tab.
 */

import { resultBytesMax } from '../../contract/limits.ts'
import type { ResultState } from './result-state.ts'

/**
 * All results of one window. A renderer process may use about 4 GB; a third of that leaves room for texts, the
 * editor, and for one more result of full size on its way.
 */
export const windowResultBytesMax = 1_536 << 20

export class ResultBudget {
  /** Least recently shown first. */
  readonly #results = new Set<ResultState>()
  readonly #bytesMax: number

  constructor(bytesMax: number = windowResultBytesMax) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    let sum = 0
    for (const result of this.#results) sum += result.bytes
    return sum
  }

  /** Marks `result` as the one looked at last. */
  touch(result: ResultState): void {
    this.#results.delete(result)
    this.#results.add(result)
  }

  release(result: ResultState): void {
    this.#results.delete(result)
  }

  /** Makes room for one result, and answers how large it may become. */
  admit(): number {
    const wanted = Math.min(resultBytesMax, this.#bytesMax)
    let bytes = this.bytes
    for (const result of [...this.#results]) {
      if (bytes + wanted <= this.#bytesMax) break
      // A result that is still arriving is in use.
      if (result.outcome.value === null) continue
      bytes -= result.bytes
      result.discard()
      this.#results.delete(result)
    }
    return wanted
  }
}
