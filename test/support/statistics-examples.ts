/** Examples of the rows of the contract about statistics of statements. */

import type { StatementRow, StatisticsSettings } from '../../src/contract/statistics.ts'

const counts = { calls: 3, errors: 1, rows: 2, bytes: 512, cacheHits: 1, totalMs: 4.5, waitMs: 0.25 }

export const exampleStatementRow: StatementRow = {
  instanceId: 'i1',
  fingerprint: '50fde20626009aba',
  text: 'select $1',
  ...counts,
  ...{ meanMs: 1.5, maxMs: 3, p50Ms: 1, p90Ms: 3, p95Ms: 3, p99Ms: 3, p999Ms: 3 },
  ...{ firstSeenMs: 1_790_000_000_000, lastSeenMs: 1_790_000_060_000 },
  growth: -1.5,
  sparkline: [1.5, 3],
}

const settings: StatisticsSettings = {
  isOn: true,
  bucketMs: 60_000,
  retentionMs: 86_400_000,
  examples: 'memory',
  slowMs: 250,
  redactsSlow: true,
}

const range = { fromMs: 1_790_000_000_000, toMs: 1_790_000_600_000 }
const key = { instanceId: 'i1', fingerprint: exampleStatementRow.fingerprint }

export const statisticsExamples = {
  'statistics.top': {
    params: { instanceId: null, ...range, orderBy: 'growth', search: 'select', limit: 50 },
    result: { rows: [exampleStatementRow], statementCount: 1, totals: counts },
  },
  'statistics.statement': {
    params: { ...key, ...range },
    result: {
      row: exampleStatementRow,
      histogram: [{ fromMs: 1, toMs: 2, count: 3 }],
      errorCodes: [{ sqlState: '22012', count: 1 }],
      callers: [{ application: 'psql', endpoint: 'wire', user: 'postgres', calls: 3, totalMs: 4.5 }],
      example: { text: 'select $1', parameters: ['1', null], durationMs: 3, atMs: 1_790_000_000_500 },
    },
  },
  'statistics.overTime': {
    params: { ...key, ...range, pointsMax: 600 },
    result: { names: ['calls', 'p95'], intervalMs: 60_000, pointCount: 2 },
  },
  'statistics.compare': {
    params: { ...key, before: range, after: range, limit: 20 },
    result: [{ before: null, after: exampleStatementRow, changeMs: 4.5 }],
  },
  'statistics.slow': {
    params: { instanceId: 'i1', limit: 20 },
    result: [
      {
        ...key,
        ...{ text: 'select $1', durationMs: 300, atMs: 1_790_000_000_500, sqlState: null },
        ...{ application: 'psql', user: 'postgres' },
      },
    ],
  },
  'statistics.reset': { params: { instanceId: 'i1', fingerprint: null }, result: null },
  'statistics.settings': { params: null, result: settings },
  'statistics.setSettings': { params: settings, result: settings },
  'statistics.didChange': { payload: { settings } },
} as const
