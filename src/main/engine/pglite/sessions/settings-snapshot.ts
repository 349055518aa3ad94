/**
 * What a session's settings look like in memory, to see without reading them one by one whether any has changed
 * since. Knows addresses only, and no setting.
 */

import type { BackendMemory } from './backend-memory.ts'

/** Indices of the words at these addresses. A setting of one byte stands for its whole word. */
export function wordsAt(addresses: readonly number[]): Int32Array {
  return Int32Array.from(addresses, (address) => address >> 2)
}

export class SettingsSnapshot {
  readonly #memory: BackendMemory
  readonly #places: Int32Array
  readonly #values: Int32Array

  /** `places`: of all words whose change must be seen. */
  constructor(memory: BackendMemory, places: Int32Array) {
    const { words } = memory
    this.#memory = memory
    this.#places = places
    this.#values = new Int32Array(places.length)
    for (let index = 0; index < places.length; index++) this.#values[index] = words[places[index] ?? 0] ?? 0
  }

  /** Whether all of them are as they were. */
  isCurrent(): boolean {
    const { words } = this.#memory
    const places = this.#places
    const values = this.#values
    for (let index = 0; index < places.length; index++) {
      if (words[places[index] ?? 0] !== values[index]) return false
    }
    return true
  }
}
