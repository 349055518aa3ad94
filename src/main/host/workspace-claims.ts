/**
 * Which client has which workspace, so that no two windows write to the same tabs. Knows no tab.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { ResultOf } from '../../contract/contract-table.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { StorageContract } from '../storage/storage-contract.ts'

type Workspace = ResultOf<StorageContract['workspace.open']>

/**
 * A page that is reloaded asks for its workspace before the host has noticed that its old connection is gone.
 * Noticing takes some milliseconds; a second window that asks for a taken workspace waits this long in vain.
 */
const releaseWaitMs = 500

export class WorkspaceClaims {
  readonly #storage: StorageClient
  readonly #clock: Clock
  readonly #taken = new Map<string, object>()
  readonly #releaseWaiters = new Set<() => void>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(storage: StorageClient, clock: Clock) {
    this.#storage = storage
    this.#clock = clock
  }

  /** Gives `owner` a workspace, and takes back the one that it had. */
  async claim(owner: object, preferredId: string | null): Promise<Workspace> {
    if (preferredId !== null) await this.#waitForRelease(owner, preferredId)
    const claim = this.#last.then(() => this.#claim(owner, preferredId))
    this.#last = claim.catch(() => undefined)
    return claim
  }

  /** The workspace of `owner`; throws `conflict` if it has none. */
  of(owner: object): string {
    for (const [workspaceId, taker] of this.#taken) if (taker === owner) return workspaceId
    throw new WorkbenchError('conflict', 'This window has no workspace yet; reload it')
  }

  release(owner: object): void {
    for (const [workspaceId, taker] of this.#taken) if (taker === owner) this.#taken.delete(workspaceId)
    for (const wake of [...this.#releaseWaiters]) wake()
  }

  async #claim(owner: object, preferredId: string | null): Promise<Workspace> {
    this.release(owner)
    const workspace = await this.#storage.call('workspace.open', {
      ...{ preferredId, takenIds: [...this.#taken.keys()], nowMs: this.#clock.nowMs() },
    })
    this.#taken.set(workspace.id, owner)
    return workspace
  }

  async #waitForRelease(owner: object, workspaceId: string): Promise<void> {
    let isOver = false
    const deadline: Disposable = this.#clock.after(releaseWaitMs, () => {
      isOver = true
      for (const wake of [...this.#releaseWaiters]) wake()
    })
    while (!isOver && this.#isTakenByOther(owner, workspaceId)) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#releaseWaiters.delete(wake)
          resolve()
        }
        this.#releaseWaiters.add(wake)
      })
    }
    deadline.dispose()
  }

  #isTakenByOther(owner: object, workspaceId: string): boolean {
    const taker = this.#taken.get(workspaceId)
    return taker !== undefined && taker !== owner
  }
}
