/**
 * The history of statements as the pane shows it: what matches the search, newest first, page by page, kept up to
 * date while statements run anywhere.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { DisposableStore } from '../../base/disposable.ts'
import { toWireError, type WireError } from '../../contract/error.ts'
import type { HistoryEntry } from '../../contract/workspace.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { Store } from './store.ts'

export interface HistoryQuery {
  readonly search: string
  readonly failedOnly: boolean
}

export interface HistoryList {
  readonly entries: readonly HistoryEntry[]
  readonly hasMore: boolean
  readonly isLoading: boolean
  readonly error: WireError | null
}

/** Some screens' worth. */
const pageLength = 100

/** A script ends many statements a second; the list follows at this pace. */
const refreshDelayMs = 150

export class HistoryState implements Disposable {
  readonly query = new Store<HistoryQuery>({ search: '', failedOnly: false })
  readonly list = new Store<HistoryList>({ entries: [], hasMore: false, isLoading: true, error: null })
  readonly #client: WorkbenchClient
  readonly #clock: Clock
  readonly #subscriptions = new DisposableStore()
  #generation = 0
  #isWatched = false
  #refreshing: Disposable | null = null

  constructor(client: WorkbenchClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
    this.#subscriptions.add(client.on('history.didChange', () => this.#refreshSoon()))
    this.#subscriptions.add(this.query.onDidChange(() => this.#refreshSoon()))
  }

  /** Somebody looks at the list, until disposed; otherwise nothing is asked for. */
  watch(): Disposable {
    this.#isWatched = true
    void this.refresh()
    return {
      dispose: () => {
        this.#isWatched = false
      },
    }
  }

  /** Asks for the newest entries again, as many as are shown. */
  async refresh(): Promise<void> {
    const shown = this.list.value.entries.length
    await this.#load(null, Math.min(200, Math.max(pageLength, shown)))
  }

  async loadMore(): Promise<void> {
    const { entries, hasMore, isLoading } = this.list.value
    const last = entries.at(-1)
    if (last && hasMore && !isLoading) await this.#load(last.id, pageLength)
  }

  /** Forgets one entry for good. */
  async remove(entryId: number): Promise<void> {
    await this.#client.call('history.remove', { entryId })
    const entries = this.list.value.entries.filter(({ id }) => id !== entryId)
    this.list.patch({ entries })
  }

  dispose(): void {
    this.#refreshing?.dispose()
    this.#subscriptions.dispose()
    this.query.dispose()
    this.list.dispose()
  }

  #refreshSoon(): void {
    if (!this.#isWatched || this.#refreshing) return
    this.#refreshing = this.#clock.after(refreshDelayMs, () => {
      this.#refreshing = null
      void this.refresh()
    })
  }

  /** Loads entries older than `beforeId` behind those shown, or the newest instead of them. */
  async #load(beforeId: number | null, limit: number): Promise<void> {
    this.#generation += 1
    const generation = this.#generation
    this.list.patch({ isLoading: true })
    const filter = { ...this.query.value, instanceName: null, beforeId, limit }
    try {
      const page = await this.#client.call('history.search', filter)
      if (generation !== this.#generation) return
      const before = beforeId === null ? [] : this.list.value.entries
      const entries = [...before, ...page.entries]
      this.list.set({ entries, hasMore: page.hasMore, isLoading: false, error: null })
    } catch (error) {
      if (generation === this.#generation) this.list.patch({ isLoading: false, error: toWireError(error) })
    }
  }
}
