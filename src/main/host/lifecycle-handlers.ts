/** The rows of lifecycle-calls.ts as functions of the host's parts. No decision. */

import type { lifecycleCalls } from '../../contract/lifecycle-calls.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Handlers } from '../../rpc/handlers.ts'
import { progressStream } from '../worker/progress-stream.ts'
import { AllTrash } from './all-trash.ts'
import type { HostParts } from './host-parts.ts'
import { checkInstanceOptions } from './instance-options-check.ts'

export function lifecycleHandlers(parts: HostParts): Handlers<typeof lifecycleCalls> {
  const { all, extensions, instanceArchives, instances, opening, remotes } = parts
  const trash = new AllTrash(instances, remotes)
  const here = (instanceId: string): string => {
    const remote = remotes.find(instanceId)
    if (!remote) return instanceId
    const what = 'is on a server elsewhere, whose own tools do this'
    throw new WorkbenchError('unsupported', `${remote.name} ${what}; a dump of it can be restored here`)
  }
  return {
    'instance.rename': ({ instanceId, name }) => all.rename(instanceId, name),
    'instance.configure': async ({ instanceId, options }) => {
      checkInstanceOptions(options)
      const instance = instances.get(here(instanceId))
      await instance.configure(options)
      return instance.describe()
    },

    'extension.list': ({ instanceId }, { signal }) =>
      extensions.list(instanceId === null ? null : here(instanceId), signal),
    'extension.add': ({ instanceId, name }) => extensions.add(here(instanceId), name),

    'instance.open': (params, { signal }) =>
      progressStream(signal, (ended, onProgress) =>
        opening.open(params, {
          signal: ended,
          onProgress: ({ doneBytes, totalBytes }) => onProgress(doneBytes, totalBytes),
        }),
      ),
    'instance.suggestFile': async ({ instanceId }) => ({
      file: instanceArchives.suggestFile(here(instanceId)),
    }),
    'instance.export': (params, { signal }) =>
      progressStream(signal, async (ended, onProgress) => {
        here(params.instanceId)
        return { byteCount: await instanceArchives.export(params, { signal: ended, onProgress }) }
      }),
    'instance.import': ({ file, name }, { signal }) =>
      progressStream(signal, (ended, onProgress) =>
        instanceArchives.import(file, name, { signal: ended, onProgress }),
      ),

    'trash.list': () => trash.list(),
    'trash.restore': ({ entry, name }) => trash.restore(entry, name),
    'trash.remove': async (key) => {
      await trash.remove(key)
      return null
    },
  }
}
