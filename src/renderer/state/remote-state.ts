/**
 * Servers elsewhere, as this window asks about them: trying, keeping and changing one, and which of that is being
 * asked. Shown as instances they are like any other.
 */

import { defaultConnection } from '../../contract/connection-text.ts'
import type { Instance } from '../../contract/instance.ts'
import type { RemoteTrial } from '../../contract/remote-calls.ts'
import type { RemoteConnection } from '../../contract/remote-server.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { Store } from './store.ts'

/** What the dialog is open for. */
export interface RemoteQuestion {
  /** null: a new one. */
  readonly instance: Instance | null
  readonly connection: RemoteConnection
  /** One is kept, which nobody is shown. */
  readonly hasPassword: boolean
}

export interface RemoteEntry {
  readonly connection: RemoteConnection
  /** null: the one that is kept, if there is one. */
  readonly password: string | null
}

export class RemoteState {
  readonly question = new Store<RemoteQuestion | null>(null)
  /** Whether passwords that are kept are sealed by the system's keyring. */
  readonly isSealing = new Store(false)
  readonly #client: WorkbenchClient

  constructor(client: WorkbenchClient) {
    this.#client = client
  }

  askNew(): void {
    this.#readProtection()
    this.question.set({ instance: null, connection: defaultConnection, hasPassword: false })
  }

  async askAbout(instance: Instance): Promise<void> {
    this.#readProtection()
    const kept = await this.#client.call('remote.get', { instanceId: instance.id })
    this.question.set({ instance, ...kept })
  }

  /** Connects once and keeps nothing. */
  test(
    entry: RemoteEntry,
    { instance, signal }: { readonly instance: Instance | null; readonly signal: AbortSignal },
  ): Promise<RemoteTrial> {
    return this.#client.call('remote.test', { ...entry, instanceId: instance?.id ?? null }, { signal })
  }

  create(name: string, entry: RemoteEntry): Promise<Instance> {
    return this.#client.call('remote.create', { name, ...entry })
  }

  async update(instance: Instance, entry: RemoteEntry): Promise<void> {
    await this.#client.call('remote.update', { instanceId: instance.id, ...entry })
  }

  dispose(): void {
    this.question.dispose()
    this.isSealing.dispose()
  }

  /** Where it cannot be asked, less is promised. */
  #readProtection(): void {
    this.#client.call('remote.protection', null).then(
      ({ isSealed }) => this.isSealing.set(isSealed),
      () => this.isSealing.set(false),
    )
  }
}
