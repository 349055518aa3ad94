/**
 * Snapshots as this window shows them: those of the database that is looked at, what is being done with one, and what
 * is being asked about one. Keeps no list that nobody looks at.
 */

import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import { toWireError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import type {
  Snapshot,
  SnapshotList,
  SnapshotNote,
  SnapshotPolicy,
  SnapshotProgress,
} from '../../contract/snapshot.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import type { ContractStream } from '../../rpc/client-stream.ts'
import { Store } from './store.ts'

/** What is known of the snapshots of one database. */
export interface Timeline {
  readonly instanceId: string
  readonly list: SnapshotList
  readonly policy: SnapshotPolicy
}

/** Something that takes a while. */
export interface SnapshotWork {
  readonly instanceId: string
  /** Such as `Taking a snapshot`. */
  readonly title: string
  readonly progress: SnapshotProgress | null
  cancel(): void
}

export interface SnapshotQuestion {
  readonly kind: 'rewind' | 'fork' | 'label' | 'take'
  readonly instance: Instance
  /** null: what the database has now. */
  readonly snapshot: Snapshot | null
}

/** Who is told of what happened by itself. */
type NoteListener = (note: SnapshotNote) => void

export class SnapshotState implements Disposable {
  /** null until it has been asked for. */
  readonly timeline = new Store<Timeline | null>(null)
  /** Why there is none. */
  readonly failure = new Store<string | null>(null)
  readonly work = new Store<SnapshotWork | null>(null)
  readonly question = new Store<SnapshotQuestion | null>(null)
  readonly #client: WorkbenchClient
  readonly #subscriptions = new DisposableStore()
  #lookedAt: string | null = null

  constructor(client: WorkbenchClient, onNote: NoteListener) {
    this.#client = client
    this.#subscriptions.add(
      client.on('snapshot.didChange', ({ instanceId }) => {
        if (instanceId === this.#lookedAt) void this.refresh()
      }),
    )
    this.#subscriptions.add(client.on('snapshot.didTake', (note) => onNote(note)))
  }

  /** Somebody looks at the snapshots of a database, until disposed. */
  look(instanceId: string): Disposable {
    this.#lookedAt = instanceId
    void this.refresh()
    return {
      dispose: () => {
        if (this.#lookedAt !== instanceId) return
        this.#lookedAt = null
        this.timeline.set(null)
        this.failure.set(null)
      },
    }
  }

  /** Asks again; what goes wrong is shown where the list would be. */
  async refresh(): Promise<void> {
    const instanceId = this.#lookedAt
    if (instanceId === null) return
    try {
      const [list, policy] = await Promise.all([
        this.#client.call('snapshot.list', { instanceId }),
        this.#client.call('snapshot.policy', { instanceId }),
      ])
      if (this.#lookedAt !== instanceId) return
      this.failure.set(null)
      this.timeline.set({ instanceId, list, policy })
    } catch (error) {
      if (this.#lookedAt === instanceId) this.failure.set(toWireError(error).message)
    }
  }

  ask(kind: SnapshotQuestion['kind'], instance: Instance | null, snapshot: Snapshot | null = null): void {
    if (instance) this.question.set({ kind, instance, snapshot })
  }

  /** Asks whether to go back to a snapshot that somebody was just told of. */
  async askRewind(instance: Instance, snapshotId: string): Promise<void> {
    const { snapshots } = await this.#client.call('snapshot.list', { instanceId: instance.id })
    this.ask('rewind', instance, snapshots.find(({ id }) => id === snapshotId) ?? null)
  }

  take(instanceId: string, label: string | null): Promise<Snapshot | null> {
    const stream = this.#client.stream('snapshot.take', { instanceId, label })
    return this.#follow({ instanceId, title: 'Taking a snapshot' }, stream)
  }

  /** null when it was cancelled. */
  fork(instanceId: string, snapshotId: string | null, name: string): Promise<Instance | null> {
    const stream = this.#client.stream('snapshot.fork', { instanceId, snapshotId, name })
    return this.#follow({ instanceId, title: `Copying into ${name}` }, stream)
  }

  /** The snapshot by which it can be undone; null when it was cancelled, or there is none. */
  async rewind(instanceId: string, snapshotId: string): Promise<Snapshot | null> {
    const stream = this.#client.stream('snapshot.rewind', { instanceId, snapshotId })
    return (await this.#follow({ instanceId, title: 'Going back' }, stream))?.undo ?? null
  }

  /** The damaged files; null when it was cancelled. */
  async verify(instanceId: string, snapshotId: string): Promise<readonly string[] | null> {
    const stream = this.#client.stream('snapshot.verify', { instanceId, snapshotId })
    return (await this.#follow({ instanceId, title: 'Checking the snapshot' }, stream))?.damaged ?? null
  }

  async label(instanceId: string, snapshotId: string, label: string | null): Promise<void> {
    await this.#client.call('snapshot.label', { instanceId, snapshotId, label })
  }

  async remove(instanceId: string, snapshotId: string): Promise<void> {
    await this.#client.call('snapshot.delete', { instanceId, snapshotId })
  }

  async setPolicy(instanceId: string, policy: SnapshotPolicy): Promise<void> {
    await this.#client.call('snapshot.setPolicy', { instanceId, policy })
  }

  dispose(): void {
    this.#subscriptions.dispose()
    for (const store of [this.timeline, this.failure, this.work, this.question]) store.dispose()
  }

  async #follow<R>(
    place: Pick<SnapshotWork, 'instanceId' | 'title'>,
    stream: ContractStream<SnapshotProgress, R>,
  ): Promise<R | null> {
    let isCancelled = false
    const cancel = (): void => {
      isCancelled = true
      stream.dispose()
    }
    this.work.set({ ...place, progress: null, cancel })
    try {
      for await (const { value: progress } of stream) this.work.set({ ...place, progress, cancel })
      return await stream.result
    } catch (error) {
      if (isCancelled) return null
      throw error
    } finally {
      this.work.set(null)
    }
  }
}
