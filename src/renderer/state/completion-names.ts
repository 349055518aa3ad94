/**
 * The names of an instance's tables, columns and functions, for completion: read in the background, kept until the
 * schema may have changed. Whoever types is never kept waiting; until names are there, there are none.
 */

import type { Disposable } from '../../base/disposable.ts'
import { Emitter, type Event } from '../../base/event.ts'
import type { ResultOf } from '../../contract/contract-table.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'

export type Names = ResultOf<WorkbenchContract['catalog.names']>

export class CompletionNames implements Disposable {
  readonly #client: WorkbenchClient
  readonly #known = new Map<string, Names>()
  readonly #reading = new Set<string>()
  readonly #outdated = new Set<string>()
  readonly #read = new Emitter<boolean>()

  constructor(client: WorkbenchClient) {
    this.#client = client
  }

  /** Names were read; false when they could not be. */
  get onDidRead(): Event<boolean> {
    return this.#read.event
  }

  /** Whether newer names of `instanceId` are on their way. */
  isReading(instanceId: string | null): boolean {
    return instanceId !== null && this.#reading.has(instanceId)
  }

  /** What is known of `instanceId` now, the last names if newer ones are being read; null when nothing is. */
  of(instanceId: string | null): Names | null {
    if (instanceId === null) return null
    const known = this.#known.get(instanceId) ?? null
    if (!known || this.#outdated.has(instanceId)) void this.#fetch(instanceId)
    return known
  }

  /** The schema of `instanceId` may have changed: reads it again when somebody asks. */
  outdate(instanceId: string | null): void {
    if (instanceId === null) return
    if (this.#known.has(instanceId) || this.#reading.has(instanceId)) this.#outdated.add(instanceId)
  }

  dispose(): void {
    this.#read.dispose()
  }

  async #fetch(instanceId: string): Promise<void> {
    if (this.#reading.has(instanceId)) return
    this.#reading.add(instanceId)
    this.#outdated.delete(instanceId)
    let isRead = false
    try {
      this.#known.set(instanceId, await this.#client.call('catalog.names', { instanceId }))
      isRead = true
    } catch {
      // Nobody asked for an error while typing; the next key asks again.
      if (this.#known.has(instanceId)) this.#outdated.add(instanceId)
    } finally {
      this.#reading.delete(instanceId)
    }
    this.#read.fire(isRead)
  }
}
