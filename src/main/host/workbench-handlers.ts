/** The contract's rows as functions of the host's parts: one line each, no decision. */

import type { Handlers } from '../../rpc/handlers.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { AttachedClient } from './attached-client.ts'
import { EndpointClients } from './endpoint-clients.ts'
import { postgresEndpointId, type HostedEndpoint } from './hosted-endpoint.ts'
import type { HostParts } from './host-parts.ts'
import { cacheHandlers } from './cache-handlers.ts'
import { insightHandlers } from './insight-handlers.ts'
import { lifecycleHandlers } from './lifecycle-handlers.ts'
import { monitorHandlers } from './monitor-handlers.ts'
import { remoteHandlers } from './remote-handlers.ts'
import { transferHandlers } from './transfer-handlers.ts'
import { snapshotHandlers } from './snapshot-handlers.ts'
import { statisticsHandlers } from './statistics-handlers.ts'
import { tryHandlers } from './try-handlers.ts'
import { webHandlers } from './web-handlers.ts'
import { webEndpointId } from '../../contract/web-endpoint.ts'

export function createHandlers(parts: HostParts, client: AttachedClient): Handlers<WorkbenchContract> {
  const { all, catalog, instances, storage, workspaces } = parts
  return {
    'host.describe': async () => parts.description,

    'instance.list': async () => all.list(),
    'instance.create': ({ extensions = [], ...wanted }) => parts.extensions.create(wanted, extensions),
    'instance.start': ({ instanceId }) => all.start(instanceId),
    'instance.stop': ({ instanceId }) => all.stop(instanceId),
    'instance.delete': ({ instanceId }) => done(all.delete(instanceId)),
    'instance.restore': ({ instanceId }) => all.restore(instanceId),
    ...lifecycleHandlers(parts),
    ...remoteHandlers(parts),

    'instance.crashes': async ({ instanceId }) => [...instances.get(instanceId).crashes],

    'session.open': async (params) => client.openSession(params),
    'session.close': ({ sessionId }) => done(client.closeSession(sessionId)),
    'session.rename': async ({ sessionId, title }) => done(client.session(sessionId).rename(title)),
    'session.cancel': async ({ sessionId }) => done(client.session(sessionId).cancel()),

    'text.upload': async (params, { buffers }) => done(client.upload(params, buffers)),
    'statement.run': (params, { signal }) => client.run(params, signal),

    'catalog.list': (params, { signal }) => catalog.list(params, signal),
    'catalog.names': ({ instanceId }, { signal }) => catalog.names(instanceId, signal),

    'history.search': (params) => storage.call('history.search', params),
    'history.remove': (params) => storage.call('history.remove', params),

    'workspace.claim': (params) => client.claimWorkspace(params),
    'workspace.setLayout': async (params) =>
      storage.call('workspace.setLayout', { workspaceId: workspaces.of(client), ...params }),
    'workspace.setActiveTab': async (params) =>
      storage.call('workspace.setActiveTab', { workspaceId: workspaces.of(client), ...params }),

    'tab.create': async (params) =>
      storage.call('tab.create', { workspaceId: workspaces.of(client), ...params }),
    'tab.read': (params) => client.readTab(params),
    'tab.edit': async (params) => storage.call('tab.edit', { workspaceId: workspaces.of(client), ...params }),
    'tab.replaceText': (params) => client.replaceText(params),
    'tab.update': async (params) =>
      storage.call('tab.update', { workspaceId: workspaces.of(client), ...params }),
    'tab.close': async (params) =>
      storage.call('tab.close', {
        ...{ workspaceId: workspaces.of(client), nowMs: parts.clock.nowMs() },
        ...params,
      }),
    'tab.reopen': async () => storage.call('tab.reopen', { workspaceId: workspaces.of(client) }),

    ...endpointHandlers(parts),
    ...webHandlers(parts),
    ...cacheHandlers(parts, client),
    ...transferHandlers(parts),
    ...snapshotHandlers(parts),
    ...tryHandlers(parts, client),
    ...statisticsHandlers(parts),
    ...insightHandlers(parts),
    ...monitorHandlers(parts),

    'settings.get': () => storage.call('settings.get', null),
    'settings.set': (params) =>
      done(storage.call('settings.set', params).then(() => parts.didChangeSettings.fire(params))),
  }
}

type EndpointHandlers = Pick<
  Handlers<WorkbenchContract>,
  Exclude<Extract<keyof WorkbenchContract, `endpoint.${string}`>, `endpoint.did${string}`>
>

function endpointHandlers({ endpoint, web, clock, instances, loans }: HostParts): EndpointHandlers {
  const of = (endpointId: string): HostedEndpoint => {
    if (endpointId === postgresEndpointId) return endpoint
    throw new WorkbenchError('not-found', 'There is no such endpoint; endpoint.list tells which there are')
  }
  const clientsOf = (endpointId: string): EndpointClients =>
    new EndpointClients(endpointId === webEndpointId ? web : of(endpointId), clock)
  return {
    'endpoint.list': async () => [endpoint.describe()],
    'endpoint.start': async ({ endpointId, ...wishes }) => {
      loans.noteUse()
      return of(endpointId).start(wishes)
    },
    'endpoint.stop': async ({ endpointId }) => of(endpointId).stop(),
    'endpoint.lend': (wish, { signal }) => loans.lend(wish, signal),
    'endpoint.configure': async ({ endpointId, options }) => of(endpointId).configure(options),
    'endpoint.setPassword': async ({ endpointId, password }) => of(endpointId).setPassword(password),
    'endpoint.connection': async ({ endpointId, instanceId }) =>
      of(endpointId).connection(instances.get(instanceId).name),
    'endpoint.watchClients': ({ endpointId }, { signal }) => clientsOf(endpointId).watch(signal),
    'endpoint.cancelClient': async ({ endpointId, clientId }) => done(clientsOf(endpointId).cancel(clientId)),
    'endpoint.disconnectClient': async ({ endpointId, clientId }) =>
      done(clientsOf(endpointId).disconnect(clientId)),
  }
}

/** For rows that answer nothing. */
async function done(work: Promise<unknown> | void): Promise<null> {
  await work
  return null
}
