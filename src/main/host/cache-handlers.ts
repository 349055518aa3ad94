/** The contract's rows about results that are kept, as functions of the host's parts: one line each, no decision. */

import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { Handlers } from '../../rpc/handlers.ts'
import type { AttachedClient } from './attached-client.ts'
import type { HostParts } from './host-parts.ts'

type CacheHandlers = Pick<
  Handlers<WorkbenchContract>,
  Exclude<Extract<keyof WorkbenchContract, `cache.${string}`>, `cache.did${string}`>
>

export function cacheHandlers({ caches }: HostParts, client: AttachedClient): CacheHandlers {
  return {
    'cache.state': async ({ instanceId }) => (await caches.of(instanceId)).state,
    'cache.clear': async ({ instanceId, entryId }) => {
      const cache = await caches.of(instanceId)
      cache.clear(entryId)
      return null
    },
    'cache.setOptions': ({ instanceId, options }) => caches.setOptions(instanceId, options),
    'cache.setSession': async ({ sessionId, isOn }) => {
      caches.setSession(client.session(sessionId).cache, isOn)
      return null
    },
  }
}
