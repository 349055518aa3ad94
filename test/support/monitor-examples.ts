/** What the contract tells of resources, with every kind of value once. */

import type { Alert, Metric, MonitorSettings, Stability, Threshold } from '../../src/contract/monitor.ts'

const metric: Metric = {
  ...{ name: 'rss', scope: 'host', unit: 'bytes', title: 'Resident memory' },
  ...{ help: 'Memory of the whole process.', exposedAs: 'wardian_resident_memory_bytes' },
}

const threshold: Threshold = {
  ...{ id: 't1', metric: 'queueOldest', instanceId: null, comparison: 'above' },
  ...{ limit: 1.5, forMs: 10_000, isOn: true },
}

const settings: MonitorSettings = {
  ...{ isOn: true, intervalMs: 1_000, databaseIntervalMs: 15_000, retentionHours: 24 },
  ...{ thresholds: [threshold], webhook: { origin: 'https://example.org' } },
}

const alert: Alert = {
  ...{ id: 'a1', thresholdId: 't1', metric: 'queueOldest', instanceId: 'i1', instanceName: 'shop' },
  ...{ comparison: 'above', limit: 1.5, worst: 2.5, sinceMs: 1_700_000_000_000, endedAtMs: null },
  message: 'Longest wait of shop is 2.5 ms, above 1.5 ms for 10 s',
}

const stability: Stability = {
  ...{ sampleCount: 100, mean: 1.5, least: 1, greatest: 2, standardDeviation: 0.25 },
  ...{ trendPerHour: null, trendChance: 0.5, verdict: 'steady' },
}

const range = { instanceId: null, fromMs: 1_700_000_000_000, toMs: 1_700_000_060_000 }

/** For the rows of `monitor.*`. */
export const monitorExamples = {
  'monitor.metrics': { params: null, result: [metric, { ...metric, exposedAs: null }] },
  'monitor.series': {
    params: { ...range, metrics: ['rss'], pointsMax: 100 },
    result: { names: ['rss'], pointCount: 2, sampleCount: 60, intervalMs: 1_000, oldestMs: null },
  },
  'monitor.live': {
    params: { instanceId: 'i1', metrics: ['engineCpu', 'queueOldest'] },
    chunks: [{ atMs: 1_700_000_000_000, values: [0.5, null] }],
    result: null,
  },
  'monitor.stability': { params: { ...range, metric: 'rss' }, result: stability },
  'monitor.settings': { params: null, result: settings },
  'monitor.setSettings': {
    params: { intervalMs: 2_000, webhook: { url: 'https://example.org/hook', bearerToken: null } },
    result: { ...settings, webhook: null },
  },
  'monitor.didChangeSettings': { payload: settings },
  'monitor.alerts': { params: null, result: [alert, { ...alert, endedAtMs: 1_700_000_060_000 }] },
  'monitor.didAlert': { payload: alert },
  'monitor.exposition': {
    params: { format: 'openmetrics' },
    result: { contentType: 'text/plain', text: 'wardian_instances_running 1' },
  },
  'monitor.tokenFile': { params: null, result: { path: '/d/metrics-token', port: 7437 } },
  'log.settings': { params: null, result: { level: 'info', terminalLevel: 'warn' } },
  'log.setSettings': {
    params: { level: 'trace', terminalLevel: 'error' },
    result: { level: 'trace', terminalLevel: 'error' },
  },
  'log.tail': {
    params: { linesMax: 10 },
    result: { path: '/d/logs/wardian.jsonl', lines: ['{"level":"info"}'] },
  },
  'monitor.testWebhook': {
    params: null,
    result: { isDelivered: false, message: 'https://example.org answered 500' },
  },
} as const
