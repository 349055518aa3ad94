/** What the host says of itself: its version and how it fares. */

import type { Disposable } from '../../base/disposable.ts'
import type { PayloadOf, ResultOf } from '../../contract/contract-table.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { Store } from './store.ts'

export type HostDescription = ResultOf<WorkbenchContract['host.describe']>
export type HostSample = PayloadOf<WorkbenchContract['host.didSample']>

export class HostState implements Disposable {
  readonly description = new Store<HostDescription | null>(null)
  readonly sample = new Store<HostSample | null>(null)
  readonly #client: WorkbenchClient
  readonly #subscription: Disposable

  constructor(client: WorkbenchClient) {
    this.#client = client
    this.#subscription = client.on('host.didSample', (sample) => this.sample.set(sample))
  }

  async refresh(): Promise<void> {
    this.description.set(await this.#client.call('host.describe', null))
  }

  dispose(): void {
    this.#subscription.dispose()
    this.description.dispose()
    this.sample.dispose()
  }
}
