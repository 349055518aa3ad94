/** The rows of remote-calls.ts as functions of the host's parts. No decision. */

import type { remoteCalls } from '../../contract/remote-calls.ts'
import type { Handlers } from '../../rpc/handlers.ts'
import type { HostParts } from './host-parts.ts'

export function remoteHandlers({ remotes }: HostParts): Handlers<typeof remoteCalls> {
  return {
    'remote.test': ({ instanceId, ...entered }, { signal }) => remotes.test(entered, { instanceId, signal }),
    'remote.create': (entered) => remotes.create(entered),
    'remote.protection': async () => ({ isSealed: await remotes.isSealing() }),
    'remote.get': ({ instanceId }) => remotes.describe(instanceId),
    'remote.update': ({ instanceId, ...entered }) => remotes.update(instanceId, entered),
  }
}
