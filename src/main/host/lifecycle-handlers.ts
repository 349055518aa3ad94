/** The rows of lifecycle-calls.ts as functions of the host's parts. No decision. */

import type { lifecycleCalls, TrashEntry } from '../../contract/lifecycle-calls.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Handlers } from '../../rpc/handlers.ts'
import { directorySize } from './directory-size.ts'
import type { HostParts } from './host-parts.ts'
import { readRecord } from './instance-record.ts'
import { trashKeptMs, type Trash } from './trash.ts'

export function lifecycleHandlers({ all, instances }: HostParts): Handlers<typeof lifecycleCalls> {
  return {
    'instance.rename': ({ instanceId, name }) => all.rename(instanceId, name),
    'instance.configure': async ({ instanceId, options }) => {
      const instance = instances.get(instanceId)
      await instance.configure(options)
      return instance.describe()
    },

    'trash.list': () => trashEntries(instances.trash),
    'trash.restore': ({ entry, name }) =>
      instances.restore(entry.instanceId, { deletedAtMs: entry.deletedAtMs, name }),
    'trash.remove': async ({ instanceId, deletedAtMs }) => {
      const entry = await instances.trash.find(instanceId, deletedAtMs)
      if (!entry) throw new WorkbenchError('not-found', 'It is not in the trash any more')
      await instances.trash.remove(entry)
      return null
    },
  }
}

async function trashEntries(trash: Trash): Promise<TrashEntry[]> {
  const entries = await trash.list()
  return Promise.all(
    entries.map(async ({ instanceId, deletedAtMs, directory }) => {
      const found = await readRecord(directory)
      return {
        ...{ instanceId, deletedAtMs, directory, keptUntilMs: deletedAtMs + trashKeptMs },
        name: 'record' in found ? found.record.name : null,
        sizeBytes: await directorySize(directory),
      }
    }),
  )
}
