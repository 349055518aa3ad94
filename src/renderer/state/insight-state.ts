/** What is known of the inside of instances: tables, indexes, caches, who waits for whom, and plans of statements. */

import type { Clock } from '../../base/clock.ts'
import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import { toWireError, type WireError } from '../../contract/error.ts'
import type { HealthInsight, IndexesInsight, PlanInsight, TablesInsight } from '../../contract/insight.ts'
import type { WaitsInsight } from '../../contract/insight.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { InsightFeed } from './insight-feed.ts'
import { Store } from './store.ts'

export interface WaitsState {
  readonly waits: WaitsInsight | null
  readonly error: WireError | null
}

interface Watching {
  stream: Disposable | null
  isOver: boolean
}

export class InsightState implements Disposable {
  readonly tables: InsightFeed<TablesInsight>
  readonly indexes: InsightFeed<IndexesInsight>
  readonly health: InsightFeed<HealthInsight>
  readonly waits = new Store<WaitsState>({ waits: null, error: null })
  readonly #client: WorkbenchClient
  readonly #parts = new DisposableStore()

  constructor(client: WorkbenchClient, clock: Clock) {
    this.#client = client
    this.tables = this.#parts.add(
      new InsightFeed(
        (instanceId, signal) => client.call('insight.tables', { instanceId }, { signal }),
        clock,
      ),
    )
    this.indexes = this.#parts.add(
      new InsightFeed(
        (instanceId, signal) => client.call('insight.indexes', { instanceId }, { signal }),
        clock,
      ),
    )
    this.health = this.#parts.add(
      new InsightFeed(
        (instanceId, signal) => client.call('insight.health', { instanceId }, { signal }),
        clock,
      ),
    )
  }

  /** Tells who waits for whom in that instance, until disposed. */
  watchWaits(instanceId: string): Disposable {
    this.waits.set({ waits: null, error: null })
    const watching: Watching = { stream: null, isOver: false }
    void this.#follow(instanceId, watching)
    return {
      dispose: () => {
        watching.isOver = true
        watching.stream?.dispose()
      },
    }
  }

  /** The plan of the example that is kept of a statement; `analyze` runs it. Aborting ends that. */
  plan(
    statement: { readonly instanceId: string; readonly fingerprint: string },
    analyze: boolean,
    signal: AbortSignal,
  ): Promise<PlanInsight> {
    const { instanceId, fingerprint } = statement
    const asked = { instanceId, statement: { kind: 'fingerprint', fingerprint }, analyze } as const
    return this.#client.call('insight.plan', asked, { signal })
  }

  dispose(): void {
    this.#parts.dispose()
    this.waits.dispose()
  }

  async #follow(instanceId: string, watching: Watching): Promise<void> {
    try {
      const stream = this.#client.stream('insight.waits', { instanceId })
      watching.stream = stream
      for await (const { value } of stream) {
        if (!watching.isOver) this.waits.set({ waits: value, error: null })
      }
    } catch (error) {
      if (!watching.isOver) this.waits.set({ waits: null, error: toWireError(error) })
    }
  }
}
