/**
 * What a session's settings look like in memory, to see without reading them one by one whether any has changed
 * since. Knows addresses only, and no setting.
 */

import type { BackendMemory } from './backend-memory.ts'

export class SettingsSnapshot {
  readonly #memory: BackendMemory
  /** Indices of the words that hold them. A setting of one byte stands for its whole word. */
  readonly #places: Int32Array
  readonly #values: Int32Array

  /** `addresses`: of all words whose change must be seen. */
  constructor(memory: BackendMemory, addresses: readonly number[]) {
    const { words } = memory
    this.#memory = memory
    this.#places = Int32Array.from(addresses, (address) => address >> 2)
    this.#values = this.#places.map((place) => words[place] ?? 0)
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
