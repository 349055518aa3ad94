/** How the dashboard asks the host for numbers over time: statement statistics and the resource monitor. */

import type { WorkbenchClient } from '../client/workbench-client.ts'
import type { DashboardSources } from './dashboard-view.ts'
import type { SeriesReader } from './series-feed.ts'
import { decodeSeries, type TimeSeries } from './time-series.ts'

/** What is shown of the host, by the monitor's names. */
export const hostMetrics = [
  ...['rss', 'wasmTotal', 'heapUsed', 'external', 'cpu', 'storageCpu', 'parserCpu', 'loopDelayP99'],
  ...['loopDelayMax', 'endpointBytesIn', 'endpointBytesOut', 'webBytesIn', 'webBytesOut', 'sessions'],
  ...['endpointClients', 'diskFree'],
] as const

/** What is shown of an instance. */
export const instanceMetrics = [
  ...['wasmMemory', 'engineHeap', 'engineExternal', 'engineCpu', 'queueDepth', 'bufferHitRatio', 'disk'],
  ...['walDisk', 'tableBytes', 'indexBytes', 'walWritten', 'bytesIn', 'bytesOut', 'instanceSessions'],
  ...['clients', 'commits', 'rollbacks', 'deadRows', 'checkpoints', 'tempBytes'],
] as const

export function dashboardSources(client: WorkbenchClient): DashboardSources {
  return {
    statements: (instanceId) => statementReader(client, { instanceId, fingerprint: null }),
    resources: (instanceId) => resourceReader(client, instanceId),
  }
}

/** Of all statements, or of one. */
export interface StatementScope {
  readonly instanceId: string | null
  readonly fingerprint: string | null
}

export function statementReader(client: WorkbenchClient, scope: StatementScope): SeriesReader {
  return async ({ fromMs, toMs }, pointsMax) => {
    const params = { ...scope, fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs), pointsMax }
    const { value, buffers } = await client.callWithBuffers('statistics.overTime', params)
    const series = decodeSeries(buffers[0] ?? new ArrayBuffer(0), value.names)
    return withHitRate(atStarts(series, value.intervalMs))
  }
}

function resourceReader(client: WorkbenchClient, instanceId: string | null): SeriesReader {
  const metrics = instanceId === null ? hostMetrics : instanceMetrics
  return async ({ fromMs, toMs }, pointsMax) => {
    const range = { fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs), pointsMax }
    const { buffers } = await client.callWithBuffers('monitor.series', { instanceId, metrics, ...range })
    return decodeSeries(buffers[0] ?? new ArrayBuffer(0), metrics)
  }
}

/**
 * The host names the end of each part, which for the last one is still to come; its beginning is not, and stays
 * the same while the part grows.
 */
function atStarts({ timesMs, columns }: TimeSeries, intervalMs: number): TimeSeries {
  return { timesMs: timesMs.map((endMs) => endMs - intervalMs), columns, partMs: intervalMs }
}

/** Hits are no calls: the engine did not run. Where nothing ran there is no rate. */
function withHitRate({ timesMs, columns, partMs }: TimeSeries): TimeSeries {
  const [calls, hits] = [columns.get('calls'), columns.get('hits')]
  const rate = Float64Array.from(timesMs, (_, index) => {
    const hit = hits?.[index] ?? 0
    return hit / (hit + (calls?.[index] ?? 0))
  })
  return { timesMs, columns: new Map([...columns, ['hitRate', rate]]), partMs }
}
