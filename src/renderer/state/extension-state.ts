/** Which extensions there are and which of them an instance has. Asked for when somebody looks. */

import type { Disposable } from '../../base/disposable.ts'
import type { Extension } from '../../contract/lifecycle-calls.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { Store } from './store.ts'

export class ExtensionState implements Disposable {
  /** Those that a new instance could have; null until they were asked for. */
  readonly offered = new Store<readonly Extension[] | null>(null)
  readonly #client: WorkbenchClient

  constructor(client: WorkbenchClient) {
    this.#client = client
  }

  async refresh(): Promise<void> {
    if (this.offered.value === null) this.offered.set(await this.of(null))
  }

  /** Of an instance that runs, with the versions that it has. */
  of(instanceId: string | null): Promise<readonly Extension[]> {
    return this.#client.call('extension.list', { instanceId })
  }

  async add(instanceId: string, name: string): Promise<void> {
    await this.#client.call('extension.add', { instanceId, name })
  }

  dispose(): void {
    this.offered.dispose()
  }
}
