/** The parts of a running host, for those that connect clients to them. Data only. */

import type { Clock } from '../../base/clock.ts'
import type { Emitter } from '../../base/event.ts'
import type { ResultOf } from '../../contract/contract-table.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { Settings } from '../../contract/workspace.ts'
import type { ArchiveClient } from '../archive/archive-client.ts'
import type { EngineFactory } from '../engine/engine.ts'
import type { Insights } from '../insight/insights.ts'
import type { HostLogger } from '../log/host-logger.ts'
import type { ParserClient } from '../parser/parser-client.ts'
import type { SessionRegistry } from '../session/session-registry.ts'
import type { SnapshotClient } from '../snapshots/snapshot-client.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { AllInstances } from './all-instances.ts'
import type { Catalog } from './catalog.ts'
import type { EndpointLoans } from './endpoint-loans.ts'
import type { HistoryRecorder } from './history-recorder.ts'
import type { HostedEndpoint } from './hosted-endpoint.ts'
import type { HostedWebEndpoint } from './hosted-web-endpoint.ts'
import type { HostOperations } from './host-operations.ts'
import type { HostMonitor } from './host-monitor.ts'
import type { HostSampler } from './host-sampler.ts'
import type { InstanceArchives } from './instance-archives.ts'
import type { InstanceCopies } from './instance-copies.ts'
import type { InstanceSnapshots } from './instance-snapshots.ts'
import type { InstanceExtensions } from './instance-extensions.ts'
import type { InstanceOpening } from './instance-opening.ts'
import type { InstanceRegistry } from './instance-registry.ts'
import type { RemoteRegistry } from './remote-registry.ts'
import type { ResultCaches } from './result-caches.ts'
import type { Transfers } from './transfers.ts'
import type { SnapshotSchedule } from './snapshot-schedule.ts'
import type { StatementStatistics } from '../statistics/statement-statistics.ts'
import type { StatementGuard } from './statement-guard.ts'
import type { WireServers } from './wire-servers.ts'
import type { WorkspaceClaims } from './workspace-claims.ts'

export interface HostParts {
  readonly clock: Clock
  readonly log: HostLogger
  readonly description: ResultOf<WorkbenchContract['host.describe']>
  readonly factory: EngineFactory
  readonly storage: StorageClient
  readonly parser: ParserClient
  /** Those here. */
  readonly instances: InstanceRegistry
  /** Those on servers elsewhere. */
  readonly remotes: RemoteRegistry
  readonly all: AllInstances
  readonly sessions: SessionRegistry
  /** Reads and writes files of instances. */
  readonly files: SnapshotClient
  readonly copies: InstanceCopies
  readonly snapshots: InstanceSnapshots
  readonly guard: StatementGuard
  readonly caches: ResultCaches
  readonly schedule: SnapshotSchedule
  readonly archives: ArchiveClient
  readonly instanceArchives: InstanceArchives
  readonly opening: InstanceOpening
  readonly extensions: InstanceExtensions
  readonly wireServers: WireServers
  readonly transfers: Transfers
  readonly endpoint: HostedEndpoint
  readonly web: HostedWebEndpoint
  readonly loans: EndpointLoans
  readonly catalog: Catalog
  readonly insights: Insights
  readonly history: HistoryRecorder
  readonly statistics: StatementStatistics
  readonly workspaces: WorkspaceClaims
  readonly sampler: HostSampler
  readonly monitor: HostMonitor
  readonly operations: HostOperations
  readonly didChangeSettings: Emitter<Settings>
}
