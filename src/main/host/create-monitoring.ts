/** Makes the parts of a host that look at it: its log, its statistics, its monitor, and what other tools are told. */

import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { defaultLogSettings, HostLogger } from '../log/host-logger.ts'
import type { ParserClient } from '../parser/parser-client.ts'
import { StatementStatistics } from '../statistics/statement-statistics.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { HostMonitor, type HostMonitorOptions } from './host-monitor.ts'
import { HostOperations } from './host-operations.ts'
import type { HostLog, HostOptions } from './host-options.ts'
import type { HostParts } from './host-parts.ts'

/** As it is set from the start; the monitor tells it what the user has set. */
export function createLog({ dataDirectory, log, shell }: HostOptions): HostLogger {
  // A command is over soon, and tells its user everything itself.
  const path = shell === 'command' ? null : join(dataDirectory, 'logs', 'wardian.jsonl')
  return new HostLogger({ shell: log, path, settings: defaultLogSettings })
}

interface StatisticsParts {
  readonly clock: Clock
  readonly dataDirectory: string
  readonly log: HostLog
  readonly parser: ParserClient
  readonly storage: StorageClient
}

/** Throws what the store throws. */
export async function createStatistics({
  dataDirectory,
  storage,
  ...parts
}: StatisticsParts): Promise<StatementStatistics> {
  return new StatementStatistics({
    ...{ ...parts, storage, settings: await storage.call('statistics.settings', null) },
    slowLogFile: join(dataDirectory, 'logs', 'slow-statements.jsonl'),
  })
}

/** Throws what the store throws. */
export async function createMonitoring(
  options: HostMonitorOptions & { readonly statistics: StatementStatistics },
): Promise<Pick<HostParts, 'monitor' | 'operations'>> {
  const { clock, dataDirectory, instances, statistics, storage, version } = options
  const monitor = await HostMonitor.create(options)
  const operations = new HostOperations({
    ...{ clock, dataDirectory, version, monitor, instances, statistics, storage },
  })
  return { monitor, operations }
}
