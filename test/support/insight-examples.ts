/** One example for each row of insight-calls.ts, with every optional part filled. */

import type {
  Finding,
  HealthInsight,
  IndexesInsight,
  InsightRead,
  PlanInsight,
  TablesInsight,
  WaitParty,
  WaitsInsight,
} from '../../src/contract/insight.ts'

const atMs = 1_790_000_000_000

const read: InsightRead = {
  ...{ readAtMs: atMs, tookMs: 12.5, heldBy: 'console 1', serverVersion: '18.1' },
  ...{
    countedSinceMs: atMs - 86_400_000,
    remarks: ['Postgres 13 does not tell when an index was used last'],
  },
}

const finding: Finding = {
  ...{ kind: 'unused-index', certainty: 'likely', table: 'public.orders', object: 'public.orders_note_idx' },
  ...{ title: 'Nothing has used public.orders_note_idx', why: 'It takes 1.2 MB and was not used once' },
  bytes: 1_200_000,
  repair: {
    sql: 'DROP INDEX public.orders_note_idx;',
    undo: 'CREATE INDEX orders_note_idx ON public.orders USING btree (note);',
  },
}

export const exampleTables: TablesInsight = {
  ...{ read, total: 1, databaseBytes: 9_000_000, bloatSource: 'Estimated', findings: [finding] },
  tables: [
    {
      ...{ oid: 16_384, schema: 'public', name: 'orders', qualifiedName: 'public.orders', kind: 'table' },
      ...{ totalBytes: 3_000_000, heapBytes: 2_000_000, indexBytes: 900_000, toastBytes: 100_000 },
      ...{ rows: 40_000, deadRows: 120, bloatBytes: 300_000, sequentialScans: 7, sequentialRows: 280_000 },
      ...{ indexScans: 1_200, inserted: 40_000, updated: 90, hotUpdated: 60, deleted: 30 },
      ...{ heapHits: 9_000, heapReads: 300, indexHits: 5_000, indexReads: 100 },
      ...{ lastVacuumMs: atMs - 1_000, lastAnalyzeMs: atMs - 500 },
    },
  ],
}

export const exampleIndexes: IndexesInsight = {
  ...{ read, total: 1, bloatSource: 'Estimated', findings: [finding] },
  indexes: [
    {
      ...{ oid: 16_390, qualifiedName: 'public.orders_note_idx', table: 'public.orders', method: 'btree' },
      definition: 'CREATE INDEX orders_note_idx ON public.orders USING btree (note)',
      ...{ bytes: 1_200_000, bloatBytes: 8_192, scans: 3, rowsRead: 40, hits: 10, reads: 2 },
      ...{ lastScanMs: atMs - 9_000, isUnique: false, isPrimary: false, isValid: true },
    },
  ],
}

export const exampleHealth: HealthInsight = {
  ...{ read, databaseBytes: 9_000_000, bufferHits: 9_000, bufferReads: 1_000, indexHits: 5_000 },
  ...{ indexReads: 100, tableHits: 4_000, tableReads: 900, commits: 70, rollbacks: 2, deadlocks: 1 },
  ...{ temporaryFiles: 3, temporaryBytes: 4_000_000, checkpointsTimed: 5, checkpointsRequested: 6 },
  ...{ walBytes: 7_000_000, sharedBuffersBytes: 134_217_728, transactionsLeft: 2_144_000_000 },
}

const party: WaitParty = {
  ...{ title: 'console 1', kind: 'console', sessionId: 's1', clientId: null, processId: 42 },
  ...{ statement: 'update orders set note = $1', transaction: 'open', isRunning: false, sinceMs: atMs },
}

export const exampleWaits: WaitsInsight = {
  ...{ atMs, holders: [party], leftOut: 2 },
  waiters: [
    {
      who: { ...party, title: 'psql', kind: 'client', sessionId: null, clientId: 'c1', transaction: 'none' },
      ...{ for: 'the backend', behind: ['console 1'] },
    },
  ],
}

export const examplePlan: PlanInsight = {
  ...{ read, text: 'select * from orders where id = $1', parameters: ['7', null], mode: 'analyzed' },
  plan: 'Index Scan using orders_pkey on orders',
  planJson: '[{"Plan":{"Node Type":"Index Scan"}}]',
  findings: [finding],
}

const instanceId = 'i1'

export const insightExamples = {
  'insight.tables': { params: { instanceId }, result: exampleTables },
  'insight.indexes': { params: { instanceId }, result: exampleIndexes },
  'insight.health': { params: { instanceId }, result: exampleHealth },
  'insight.waits': { params: { instanceId }, chunks: [exampleWaits], result: null },
  'insight.plan': {
    params: {
      instanceId,
      statement: { kind: 'text', text: 'select * from orders where id = $1', parameters: ['7', null] },
      analyze: true,
    },
    result: examplePlan,
  },
  'insight.report': {
    params: { instanceId, fromMs: atMs - 1, toMs: atMs, format: 'csv', part: 'findings' },
    result: { fileName: 'playground.csv', mediaType: 'text/csv' },
  },
} as const
