/**
 * The instances here and the servers elsewhere as one list: what is asked of an instance goes to whoever has it.
 * Knows nothing of either kind.
 */

import type { Event } from '../../base/event.ts'
import type { Instance } from '../../contract/instance.ts'
import type { SessionHome } from '../session/session-registry.ts'
import type { InstanceChange, InstanceRegistry } from './instance-registry.ts'
import type { RemoteRegistry } from './remote-registry.ts'

export class AllInstances {
  readonly #here: InstanceRegistry
  readonly #elsewhere: RemoteRegistry
  /** Either has changed. */
  readonly onDidChange: Event<InstanceChange>

  constructor(here: InstanceRegistry, elsewhere: RemoteRegistry) {
    this.#here = here
    this.#elsewhere = elsewhere
    this.onDidChange = (listener) => {
      const both = [here.onDidChange(listener), elsewhere.onDidChange(listener)]
      return { dispose: () => both.forEach((each) => each.dispose()) }
    }
  }

  list(): Instance[] {
    return [...this.#here.list(), ...this.#elsewhere.list()].sort(
      (a, b) => a.createdAtMs - b.createdAtMs || a.name.localeCompare(b.name),
    )
  }

  /** Where sessions are opened. Throws `not-found`. */
  home(instanceId: string): SessionHome {
    return this.#elsewhere.find(instanceId) ?? this.#here.get(instanceId)
  }

  /** The name of an instance, also of one that is gone. */
  nameOf(instanceId: string): string {
    return this.#elsewhere.find(instanceId)?.name ?? this.#here.nameOf(instanceId)
  }

  async start(instanceId: string): Promise<Instance> {
    const remote = this.#elsewhere.find(instanceId)
    if (!remote) return this.#here.start(instanceId)
    await remote.start()
    return remote.describe()
  }

  async stop(instanceId: string): Promise<Instance> {
    const remote = this.#elsewhere.find(instanceId)
    if (!remote) return this.#here.stop(instanceId)
    remote.stop()
    return remote.describe()
  }

  rename(instanceId: string, name: string): Promise<Instance> {
    const remote = this.#elsewhere.find(instanceId)
    return remote ? this.#elsewhere.rename(remote, name) : this.#here.rename(instanceId, name)
  }

  delete(instanceId: string): Promise<void> {
    const remote = this.#elsewhere.find(instanceId)
    return remote ? this.#elsewhere.delete(remote) : this.#here.delete(instanceId)
  }

  async restore(instanceId: string): Promise<Instance> {
    return (await this.#elsewhere.restore(instanceId)) ?? this.#here.restore(instanceId)
  }
}
