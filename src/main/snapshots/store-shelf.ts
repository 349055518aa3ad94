/**
 * The stores that are open in this thread, each used by one at a time, first come first served. Knows not what they are
 * used for.
 */

import { existsSync } from 'node:fs'
import { storageError } from '../storage/storage-error.ts'
import { SnapshotStore } from './snapshot-store.ts'

/** What is known of a store takes some megabytes; the ones used longest ago are read again. */
const openStoresMax = 16

export class StoreShelf {
  readonly #stores = new Map<string, SnapshotStore>()
  readonly #last = new Map<string, Promise<unknown>>()

  async use<T>(directory: string, work: (store: SnapshotStore) => Promise<T>): Promise<T> {
    const release = await this.#turn(directory)
    try {
      return await work(this.#open(directory))
    } finally {
      release()
    }
  }

  async *stream<C, R>(
    directory: string,
    work: (store: SnapshotStore) => AsyncGenerator<C, R, void>,
  ): AsyncGenerator<C, R, void> {
    const release = await this.#turn(directory)
    try {
      return yield* work(this.#open(directory))
    } finally {
      release()
    }
  }

  /** One that was moved away with its instance is forgotten. */
  #open(directory: string): SnapshotStore {
    const known = existsSync(directory) ? this.#stores.get(directory) : undefined
    this.#stores.delete(directory)
    try {
      const store = known ?? new SnapshotStore(directory)
      this.#stores.set(directory, store)
      for (const path of [...this.#stores.keys()].slice(0, -openStoresMax)) this.#stores.delete(path)
      return store
    } catch (error) {
      throw storageError(error, directory)
    }
  }

  async #turn(directory: string): Promise<() => void> {
    const before = this.#last.get(directory)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last.set(directory, promise)
    await before
    return () => {
      if (this.#last.get(directory) === promise) this.#last.delete(directory)
      resolve()
    }
  }
}
