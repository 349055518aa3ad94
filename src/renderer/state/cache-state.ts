/**
 * What the database that is looked at keeps of results, as this window shows it: asked for when somebody looks, and
 * again whenever the host says that it has changed.
 */

import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import type { CacheOptions, CacheState as KeptState } from '../../contract/cache.ts'
import { toWireError } from '../../contract/error.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { Store } from './store.ts'

export interface KnownCache {
  readonly instanceId: string
  readonly state: KeptState
}

export class CacheState implements Disposable {
  /** null until it has been asked for. */
  readonly known = new Store<KnownCache | null>(null)
  /** Why there is none. */
  readonly failure = new Store<string | null>(null)
  readonly #client: WorkbenchClient
  readonly #subscriptions = new DisposableStore()
  #lookedAt: string | null = null

  constructor(client: WorkbenchClient) {
    this.#client = client
    this.#subscriptions.add(
      client.on('cache.didChange', ({ instanceId }) => {
        if (instanceId === this.#lookedAt) void this.refresh()
      }),
    )
  }

  /** Somebody looks at what a database keeps, until disposed. */
  look(instanceId: string): Disposable {
    this.#lookedAt = instanceId
    void this.refresh()
    return {
      dispose: () => {
        if (this.#lookedAt !== instanceId) return
        this.#lookedAt = null
        this.known.set(null)
        this.failure.set(null)
      },
    }
  }

  /** Asks again; what goes wrong is shown where the state would be. */
  async refresh(): Promise<void> {
    const instanceId = this.#lookedAt
    if (instanceId === null) return
    try {
      const state = await this.#client.call('cache.state', { instanceId })
      if (this.#lookedAt !== instanceId) return
      this.failure.set(null)
      this.known.set({ instanceId, state })
    } catch (error) {
      if (this.#lookedAt === instanceId) this.failure.set(toWireError(error).message)
    }
  }

  /** Of any database. */
  async optionsOf(instanceId: string): Promise<CacheOptions> {
    return (await this.#client.call('cache.state', { instanceId })).options
  }

  async setOptions(instanceId: string, options: CacheOptions): Promise<void> {
    await this.#client.call('cache.setOptions', { instanceId, options })
    await this.refresh()
  }

  /** One result, or with null all of them. */
  async clear(instanceId: string, entryId: string | null): Promise<void> {
    await this.#client.call('cache.clear', { instanceId, entryId })
    await this.refresh()
  }

  dispose(): void {
    this.#lookedAt = null
    this.#subscriptions.dispose()
    this.known.dispose()
    this.failure.dispose()
  }
}
