/**
 * What was deleted and can be had back, of both kinds: instances with their files, and servers elsewhere, of which
 * only the connection was forgotten. Knows no client.
 */

import type { TrashEntry } from '../../contract/lifecycle-calls.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import { directorySize } from './directory-size.ts'
import { readRecord } from './instance-record.ts'
import type { InstanceRegistry } from './instance-registry.ts'
import { readRemote } from './remote-record.ts'
import type { RemoteRegistry } from './remote-registry.ts'
import { trashKeptMs, type TrashEntry as FoundEntry } from './trash.ts'

/** Which of what was deleted. */
export type TrashKey = Pick<TrashEntry, 'instanceId' | 'deletedAtMs'>

export class AllTrash {
  readonly #instances: InstanceRegistry
  readonly #remotes: RemoteRegistry

  constructor(instances: InstanceRegistry, remotes: RemoteRegistry) {
    this.#instances = instances
    this.#remotes = remotes
  }

  /** What was deleted last comes first. */
  async list(): Promise<TrashEntry[]> {
    const instances = (await this.#instances.trash.list()).map((entry) => described(entry, readRecord))
    const servers = (await this.#remotes.trash.list()).map((entry) => described(entry, readRemote))
    return (await Promise.all([...instances, ...servers])).sort((a, b) => b.deletedAtMs - a.deletedAtMs)
  }

  /** Under `name` where that is given. Throws `not-found`, `already-exists`, `corrupt`. */
  async restore({ instanceId, deletedAtMs }: TrashKey, name: string | null): Promise<Instance> {
    const wish = { deletedAtMs, name }
    return (await this.#remotes.restore(instanceId, wish)) ?? this.#instances.restore(instanceId, wish)
  }

  /** For good. Throws `not-found`. */
  async remove({ instanceId, deletedAtMs }: TrashKey): Promise<void> {
    for (const { trash } of [this.#instances, this.#remotes]) {
      const entry = await trash.find(instanceId, deletedAtMs)
      if (entry) return trash.remove(entry)
    }
    throw new WorkbenchError('not-found', 'It is not in the trash any more')
  }
}

type Read = (directory: string) => Promise<{ record: { name: string } } | { problem: string }>

async function described(entry: FoundEntry, read: Read): Promise<TrashEntry> {
  const { instanceId, deletedAtMs, directory } = entry
  const found = await read(directory)
  return {
    ...{ instanceId, deletedAtMs, directory, keptUntilMs: deletedAtMs + trashKeptMs },
    isServer: read === readRemote,
    name: 'record' in found ? found.record.name : null,
    sizeBytes: await directorySize(directory),
  }
}
