/**
 * What the page of instances shows: which instance, or the trash; and what is being asked about one. The instances
 * themselves are InstanceState's.
 */

import type { Disposable } from '../../base/disposable.ts'
import { DisposableStore } from '../../base/disposable.ts'
import type { Instance } from '../../contract/instance.ts'
import type { TrashEntry } from '../../contract/lifecycle-calls.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import type { InstanceState } from './instance-state.ts'
import { Store } from './store.ts'

/** A question about an instance that is open over the page. */
export interface InstanceQuestion {
  readonly kind: 'rename' | 'delete' | 'export' | 'stop'
  readonly instance: Instance
}

export class InstancePageState implements Disposable {
  /** What was chosen; it may be gone. */
  readonly selectedId = new Store<string | null>(null)
  readonly view = new Store<'instances' | 'trash'>('instances')
  readonly question = new Store<InstanceQuestion | null>(null)
  /** null until it has been asked for. */
  readonly trash = new Store<readonly TrashEntry[] | null>(null)
  readonly #client: WorkbenchClient
  readonly #instances: InstanceState
  readonly #subscriptions = new DisposableStore()

  constructor(client: WorkbenchClient, instances: InstanceState) {
    this.#client = client
    this.#instances = instances
    this.#subscriptions.add(
      client.on('instance.didChange', ({ isDeleted }) => {
        // Looked at again when somebody looks; what was deleted elsewhere is in it.
        if (isDeleted && this.trash.value !== null) this.refreshTrash().catch(() => undefined)
      }),
    )
  }

  /** The instance that the page shows: the chosen one, else the current one, else the first. */
  get selected(): Instance | null {
    const { current, instances } = this.#instances
    return this.#instances.find(this.selectedId.value) ?? current ?? instances.value[0] ?? null
  }

  select(instanceId: string): void {
    this.view.set('instances')
    this.selectedId.set(instanceId)
  }

  /** Opens a question about an instance, if there is one. */
  ask(kind: InstanceQuestion['kind'], instance: Instance | null): void {
    if (instance) this.question.set({ kind, instance })
  }

  async refreshTrash(): Promise<void> {
    this.trash.set(await this.#client.call('trash.list', null))
  }

  /** Takes an entry out, under `name` where it cannot have its own; answers the instance. */
  async restore({ instanceId, deletedAtMs }: TrashEntry, name: string | null): Promise<Instance> {
    const entry = { instanceId, deletedAtMs }
    const instance = await this.#client.call('trash.restore', { entry, name })
    await this.refreshTrash()
    return instance
  }

  async removeForGood({ instanceId, deletedAtMs }: TrashEntry): Promise<void> {
    await this.#client.call('trash.remove', { instanceId, deletedAtMs })
    await this.refreshTrash()
  }

  dispose(): void {
    this.#subscriptions.dispose()
    for (const store of [this.selectedId, this.view, this.question, this.trash]) store.dispose()
  }
}
