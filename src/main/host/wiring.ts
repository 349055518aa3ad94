/**
 * What follows from what: sessions feed the history, events of the parts become announcements of the contract.
 * The only place that knows these connections.
 */

import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import { workbenchContract, type WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { Port } from '../../rpc/port.ts'
import { serveContract, type ContractServer } from '../../rpc/rpc-server.ts'
import { Insights } from '../insight/insights.ts'
import { AttachedClient } from './attached-client.ts'
import { Catalog } from './catalog.ts'
import { ConsoleRecordings } from './console-recordings.ts'
import type { HostParts } from './host-parts.ts'
import { createHandlers } from './workbench-handlers.ts'

/** What the host asks for itself is nobody's history. */
function isHosts(owner: object): boolean {
  return owner instanceof Catalog || owner instanceof Insights
}

/** Connects the parts with each other. */
export function wireParts(parts: HostParts): Disposable {
  const { all, catalog, files, history, insights, instances, log, parser, sessions, storage } = parts
  const wires = new DisposableStore()
  wires.add(
    sessions.onDidStartStatement((start) => {
      if (isHosts(start.owner)) return
      history.start({ ...start, instanceName: all.nameOf(start.session.instanceId) })
    }),
  )
  wires.add(
    sessions.onDidFinishStatement(({ key, owner, outcome }) => {
      if (!isHosts(owner)) history.finish(key, outcome)
    }),
  )
  wires.add(instances.onDidLoseEngine(({ id }) => sessions.noteEngineReset(id)))
  const recordings = wires.add(new ConsoleRecordings(sessions, parts.statistics, parts.clock))
  const forget = ({ id }: { readonly id: string }): void => {
    catalog.forget(id)
    recordings.forget(id)
    insights.forget(id)
    sessions.closeOf(id).catch((error: unknown) => log.error('A session could not be closed', error))
  }
  wires.add(instances.onWillDelete(forget))
  wires.add(instances.onWillDelete(({ id }) => parts.monitor.monitor.forget(id)))
  wires.add(parts.remotes.onWillDelete(forget))
  wires.add(parts.archives.onDidFail((error) => log.error('The thread of archives ended', error)))
  wires.add(parser.onDidFail((error) => log.error('The parser ended and will be started again', error)))
  wires.add(files.onDidFail((error) => log.error('The thread that copies files ended', error)))
  wires.add(storage.onDidFail((error) => log.error('The store ended and will be started again', error)))
  return wires
}

/** Serves the contract to one client over `port`; `ended` resolves when everything of it has ended. */
export function serveClient(
  parts: HostParts,
  port: Port,
): { readonly server: ContractServer<WorkbenchContract>; readonly ended: Promise<void> } {
  const client = new AttachedClient(parts)
  const ended = Promise.withResolvers<void>()
  const server = serveContract(workbenchContract, port, {
    handlers: createHandlers(parts, client),
    onDefect: (error, name) => parts.log.error(`${name} failed unexpectedly`, error),
    clock: parts.clock,
  })
  const wires = announce(parts, server)
  server.connection.onDidClose(() => {
    wires.dispose()
    client
      .end()
      .catch((error: unknown) => parts.log.error('A client could not be let go cleanly', error))
      .finally(() => ended.resolve())
  })
  return { server, ended: ended.promise }
}

function announce(parts: HostParts, server: ContractServer<WorkbenchContract>): Disposable {
  const wires = new DisposableStore()
  wires.add(parts.all.onDidChange((change) => server.emit('instance.didChange', change)))
  wires.add(parts.instances.onDidCrash((note) => server.emit('instance.didCrash', note)))
  wires.add(parts.sessions.onDidChange((state) => server.emit('session.didChange', state)))
  wires.add(parts.endpoint.onDidChange((endpoint) => server.emit('endpoint.didChange', endpoint)))
  wires.add(parts.web.onDidChange((endpoint) => server.emit('web.didChange', endpoint)))
  wires.add(parts.web.tokens.onDidChange(() => server.emit('web.didChangeTokens', null)))
  wires.add(parts.snapshots.onDidChange((instanceId) => server.emit('snapshot.didChange', { instanceId })))
  wires.add(parts.guard.onDidTake((note) => server.emit('snapshot.didTake', note)))
  wires.add(parts.caches.onDidChange((instanceId) => server.emit('cache.didChange', { instanceId })))
  wires.add(parts.sampler.onDidSample((sample) => server.emit('host.didSample', sample)))
  wires.add(parts.statistics.onDidChange((change) => server.emit('statistics.didChange', change)))
  wires.add(parts.monitor.monitor.alerts.onDidAlert((alert) => server.emit('monitor.didAlert', alert)))
  wires.add(parts.monitor.onDidChangeSettings((now) => server.emit('monitor.didChangeSettings', now)))
  wires.add(parts.didChangeSettings.event((settings) => server.emit('settings.didChange', settings)))
  wires.add(
    parts.history.onDidRecord((entryIds) => {
      for (const entryId of entryIds) server.emit('history.didChange', { entryId })
    }),
  )
  return wires
}
