/** Insights of the instances of a host: where each is, and who uses it. */

import type { Clock } from '../../base/clock.ts'
import { Insights, type InsightPlace } from '../insight/insights.ts'
import type { BackendUse, SharedClient } from '../insight/backend-waits.ts'
import type { ParserClient } from '../parser/parser-client.ts'
import type { SessionRegistry } from '../session/session-registry.ts'
import { WireLine } from '../session/wire-line.ts'
import type { AllInstances } from './all-instances.ts'
import type { HostedEndpoint } from './hosted-endpoint.ts'
import type { HostedWebEndpoint } from './hosted-web-endpoint.ts'
import type { InstanceRegistry } from './instance-registry.ts'
import type { RemoteRegistry } from './remote-registry.ts'

export interface InsightParts {
  readonly all: AllInstances
  readonly instances: InstanceRegistry
  readonly remotes: RemoteRegistry
  readonly sessions: SessionRegistry
  readonly endpoint: HostedEndpoint
  readonly web: HostedWebEndpoint
  readonly parser: ParserClient
  readonly clock: Clock
}

export function createInsights(parts: InsightParts): Insights {
  const { sessions, clock, parser } = parts
  return new Insights({
    ...{ sessions, clock, danger: (texts) => parser.danger(texts) },
    place: (instanceId) => placeOf(parts, instanceId),
  })
}

function placeOf(parts: InsightParts, instanceId: string): InsightPlace {
  const remote = parts.remotes.find(instanceId)
  if (remote) {
    const { state } = remote.describe()
    return { home: remote, name: remote.name, isRunning: state === 'ready', use: () => null }
  }
  const here = parts.instances.get(instanceId)
  const use = (): BackendUse => ({
    turns: here.turns,
    clients: [...sharedClients(parts.endpoint, here.name), ...sharedClients(parts.web, here.name)],
    isClientLine: (taker) => taker instanceof WireLine,
  })
  return { home: here, name: here.name, isRunning: here.describe().state === 'ready', use }
}

/** Those whose statements run on the instance's own backend. */
function sharedClients({ clients }: Pick<HostedEndpoint, 'clients'>, name: string): SharedClient[] {
  const listed = clients?.list() ?? []
  return listed
    .filter(({ database, isFork }) => database === name && !isFork)
    .map((client) => ({ ...client, title: client.applicationName || client.user }))
}
