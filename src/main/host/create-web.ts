/** Makes the web endpoint of a host, with what is kept of it. Starts nothing. */

import { randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { HostLogger } from '../log/host-logger.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { HostedWebEndpoint } from './hosted-web-endpoint.ts'
import type { InstanceRegistry } from './instance-registry.ts'
import { WebBackends } from './web-backends.ts'
import { WebTokens } from './web-tokens.ts'
import type { WireServers } from './wire-servers.ts'

export async function createWeb(parts: {
  readonly dataDirectory: string
  readonly instances: InstanceRegistry
  readonly wireServers: WireServers
  readonly storage: StorageClient
  readonly clock: Clock
  readonly log: HostLogger
}): Promise<HostedWebEndpoint> {
  const { clock, instances, log, storage } = parts
  const [options, kept] = await Promise.all([
    storage.call('web.getOptions', null),
    storage.call('web.listTokens', null),
  ])
  const nameOf = (instanceId: string): string | null =>
    instances.list().find(({ id }) => id === instanceId)?.name ?? null
  const onFailure = (error: unknown): void => log.error('The use of a token could not be noted', error)
  const tokens = new WebTokens({ storage, clock, kept, nameOf, onFailure })
  const backends = new WebBackends({ ...parts, tokens })
  return new HostedWebEndpoint({ ...parts, options, tokens, backends, epoch: randomUUID() })
}
