/**
 * Makes the parts of a host from its options. Starts nothing that it does not need for an answer. Knows no
 * client.
 */

import { Emitter } from '../../base/event.ts'
import type { Settings } from '../../contract/workspace.ts'
import { ArchiveClient } from '../archive/archive-client.ts'
import type { EngineFactory } from '../engine/engine.ts'
import { productVersion } from '../page/product-folder.ts'
import { ParserClient } from '../parser/parser-client.ts'
import { SessionRegistry } from '../session/session-registry.ts'
import { SnapshotClient } from '../snapshots/snapshot-client.ts'
import type { LockHolder } from '../storage/directory-lock.ts'
import { SecretFiles } from '../storage/secret-store.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { AllInstances } from './all-instances.ts'
import { Catalog } from './catalog.ts'
import { CountedEngines } from './counted-engines.ts'
import { createLog, createMonitoring, createStatistics } from './create-monitoring.ts'
import { EndpointLoans } from './endpoint-loans.ts'
import { forkBytesMax } from './fork-memory.ts'
import { HostedEndpoint, postgresEndpointId } from './hosted-endpoint.ts'
import { HistoryRecorder } from './history-recorder.ts'
import type { HostOptions } from './host-options.ts'
import type { HostParts } from './host-parts.ts'
import { HostSampler } from './host-sampler.ts'
import { createInsights } from './create-insights.ts'
import { createWeb } from './create-web.ts'
import { InstanceArchives } from './instance-archives.ts'
import { InstanceCopies } from './instance-copies.ts'
import { InstanceSnapshots } from './instance-snapshots.ts'
import { InstanceExtensions } from './instance-extensions.ts'
import { InstanceOpening } from './instance-opening.ts'
import { InstanceRegistry } from './instance-registry.ts'
import { RemoteRegistry } from './remote-registry.ts'
import { defaultDurationMinMs, ResultCaches } from './result-caches.ts'
import { Transfers } from './transfers.ts'
import { SnapshotSchedule } from './snapshot-schedule.ts'
import { StatementGuard } from './statement-guard.ts'
import { WireWatches } from './wire-guard.ts'
import { WireServers } from './wire-servers.ts'
import { WorkspaceClaims } from './workspace-claims.ts'

/** As the contract has it. */
const noticesMax = 20

/** What a host stands on. */
export interface HostGround {
  readonly holder: LockHolder
  /** Open. */
  readonly storage: StorageClient
  /** Where the store was damaged: where it is now. */
  readonly setAsidePath: string | null
  readonly engines: EngineFactory
}

/** Throws `permission-denied` and the like. */
export async function createParts(
  options: HostOptions,
  { holder, storage, setAsidePath, engines }: HostGround,
): Promise<HostParts> {
  const { clock, dataDirectory, shell } = options
  const log = createLog(options)
  const parser = new ParserClient()
  const statistics = await createStatistics({ clock, dataDirectory, log, parser, storage })
  const factory = new CountedEngines(engines, statistics)
  const remotes: RemoteRegistry = new RemoteRegistry({
    ...{ dataDirectory, secrets: new SecretFiles(options.sealer), clock },
    isTaken: (name) => instances.hasName(name),
  })
  const instances = new InstanceRegistry({ dataDirectory, factory, holder, clock, log, remotes })
  const all = new AllInstances(instances, remotes)
  const problems = [...(await instances.load()), ...(await remotes.load())]
  const notices = setAsidePath === null ? problems : [damageNotice(setAsidePath), ...problems]
  for (const notice of notices) log.warn(notice)
  const files = new SnapshotClient()
  const copies = new InstanceCopies({ instances, factory, files, clock })
  const snapshots = new InstanceSnapshots({ instances, copies, files, clock, log })
  const guard = new StatementGuard({ instances, snapshots, parser, clock })
  const durationMinMs = options.cacheDurationMinMs ?? defaultDurationMinMs
  const caches = new ResultCaches({ instances, remotes, clock, durationMinMs })
  const sessions = new SessionRegistry(clock, guard, caches)
  const kept = await storage.call('endpoint.get', { endpointId: postgresEndpointId })
  const wireServers = new WireServers({
    ...{ instances, copies, factory, clock },
    guard: new WireWatches({ guard, snapshots, clock }),
    onFailure: (error) => log.error('The database postgres did not end in order', error),
    forkBytesMax: options.forkBytesMax ?? forkBytesMax(),
  })
  const archives = new ArchiveClient()
  const endpoint = new HostedEndpoint({ dataDirectory, storage, wireServers, clock, log, kept })
  const web = await createWeb({ dataDirectory, instances, wireServers, storage, clock, log })
  const watched = { instances, sessions, endpoint, web, wireServers, storage, parser, caches }
  const version = productVersion()
  return {
    ...{ clock, log, storage, factory, instances, remotes, all, sessions, wireServers, endpoint, files },
    ...{ copies, snapshots, caches, statistics },
    web,
    loans: new EndpointLoans({ endpoint, instances, clock }),
    description: {
      ...{ version, shell, dataDirectory, processId: process.pid },
      nodeVersion: process.versions.node,
      notices: notices.slice(0, noticesMax),
    },
    archives,
    instanceArchives: new InstanceArchives({ dataDirectory, instances, copies, files, archives, clock }),
    opening: new InstanceOpening({ instances, copies, files, holder }),
    extensions: new InstanceExtensions(instances, clock),
    catalog: new Catalog(all, sessions),
    insights: createInsights({ all, instances, remotes, sessions, endpoint, web, parser, clock }),
    ...{ parser, guard, schedule: new SnapshotSchedule({ instances, snapshots, clock, log }) },
    transfers: new Transfers({ instances, remotes, snapshots, factory, clock }),
    history: new HistoryRecorder(storage, log),
    workspaces: new WorkspaceClaims(storage, clock),
    sampler: new HostSampler(clock),
    ...(await createMonitoring({ ...watched, clock, log, dataDirectory, version, statistics })),
    didChangeSettings: new Emitter<Settings>(),
  }
}

function damageNotice(setAsidePath: string): string {
  return (
    `The file with your tabs, history and settings was damaged. It was set aside as ${setAsidePath}, and a new ` +
    'one was begun. Your databases are not affected'
  )
}
