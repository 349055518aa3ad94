/**
 * One example for each row of the workbench contract, with every optional part filled. The type makes a new row
 * without an example an error of the compiler.
 */

import type { ChunkOf, ParamsOf, PayloadOf, ResultOf } from '../../src/contract/contract-table.ts'
import type { Endpoint, EndpointClient, EndpointConnection } from '../../src/contract/endpoint.ts'
import { defaultInstanceOptions } from '../../src/contract/instance-options.ts'
import type { Instance, SessionState } from '../../src/contract/instance.ts'
import type { StatementEvent, StatementOutcome } from '../../src/contract/statement.ts'
import type { RemoteConnection } from '../../src/contract/remote-server.ts'
import type { WorkbenchContract } from '../../src/contract/workbench-contract.ts'
import type { HistoryEntry, Settings, Tab } from '../../src/contract/workspace.ts'
import { cacheExamples } from './cache-examples.ts'
import { insightExamples } from './insight-examples.ts'
import { lifecycleExamples } from './lifecycle-examples.ts'
import { everySqlField } from './probe-server.ts'
import { statisticsExamples } from './statistics-examples.ts'
import { transferExamples } from './transfer-examples.ts'
import { snapshotExamples } from './snapshot-examples.ts'
import { monitorExamples } from './monitor-examples.ts'
import { exampleTryApplied, exampleTryReport } from './try-examples.ts'
import { webExamples } from './web-examples.ts'

type ExampleOf<S> = S extends { kind: 'call' }
  ? { readonly params: ParamsOf<S>; readonly result: ResultOf<S> }
  : S extends { kind: 'stream' }
    ? { readonly params: ParamsOf<S>; readonly chunks: readonly ChunkOf<S>[]; readonly result: ResultOf<S> }
    : { readonly payload: PayloadOf<S> }

export type WorkbenchExamples = { readonly [N in keyof WorkbenchContract]: ExampleOf<WorkbenchContract[N]> }

const instance: Instance = {
  id: 'i1',
  name: 'playground',
  engine: 'pglite',
  storage: 'directory',
  state: 'failed',
  failure: 'The data directory is not readable',
  serverVersion: '18.6',
  engineVersion: '0.5.16',
  sizeBytes: 41_000_000,
  createdAtMs: 1_790_000_000_000,
  directory: '/data/instances/i1',
  options: {
    durability: 'relaxed',
    extensions: ['vector'],
    settings: [{ name: 'work_mem', value: '16MB' }],
  },
  needsRestart: true,
  remote: {
    host: 'db.example.org',
    port: 5432,
    database: 'orders',
    user: 'ada',
    tlsMode: 'verify-full',
    encryption: 'TLSv1.3',
    isReadOnly: true,
    label: 'production',
    colour: 'clay',
  },
}

const crash = {
  atMs: 1_790_000_000_000,
  message: 'The thread of the database engine ended unexpectedly',
  log: ['FATAL:  out of memory'],
}

const remoteConnection: RemoteConnection = {
  ...{ host: 'db.example.org', port: 5432, database: 'orders', user: 'ada', tlsMode: 'verify-full' },
  ...{ caFile: '/etc/ca.pem', certificateFile: '/etc/ada.pem', keyFile: '/etc/ada.key' },
  ...{ isReadOnly: true, label: 'production', colour: 'clay', connectionsMax: 20 },
}

const session: SessionState = {
  sessionId: 's1',
  instanceId: 'i1',
  title: 'Console 1 \u{1d11e} \ud800',
  activity: 'waiting',
  transaction: 'failed',
  waitingFor: 'Console 2',
  wasReset: true,
  resetReason: 'The connection was lost',
}

const endpoint: Endpoint = {
  id: 'postgres',
  kind: 'postgres',
  state: 'failed',
  failure: { code: 'in-use', message: 'Another program listens on port 5433 already' },
  address: '127.0.0.1',
  port: 5433,
  socketPath: '/run/db/.s.PGSQL.5433',
  clientCount: 2,
  mode: 'shared',
  options: {
    startsWithHost: true,
    port: 5433,
    socketDirectory: '/run/db',
    idleTransactionMs: 60_000,
    tls: 'required',
    certificate: { certificatePath: '/etc/db.crt', keyPath: '/etc/db.key' },
    clientCertificates: { authorityPath: '/etc/ca.crt', use: 'log-in' },
    connectionsMax: 100,
    stalledClientMs: 30_000,
    mode: 'fork',
  },
}

const connection: EndpointConnection = {
  host: '127.0.0.1',
  port: 5433,
  role: 'postgres',
  password: 'se cret',
  database: 'playground',
  socketPath: '/run/db/.s.PGSQL.5433',
  forms: [{ kind: 'url', text: 'postgres://postgres:se%20cret@127.0.0.1:5433/playground' }],
}

const endpointClient: EndpointClient = {
  id: 'c1',
  processId: 4711,
  role: 'app',
  database: 'playground',
  applicationName: 'psql',
  address: '127.0.0.1',
  port: 50_123,
  isEncrypted: true,
  isFork: true,
  connectedAtMs: 1_790_000_000_000,
  state: 'waiting',
  stateSinceMs: 1_790_000_000_500,
  statement: 'select pg_sleep(10)',
  waitingFor: 'Console 1',
}

const outcome: StatementOutcome = {
  status: 'failed',
  commandTag: 'SELECT 5',
  rowCount: 5,
  resultBytes: 120,
  durationMs: 0.25,
  error: { code: 'sql-error', message: 'syntax error at or near "selec"', sql: everySqlField },
  transaction: 'open',
  cached: { savedMs: 12.5, storedAtMs: 1_790_000_000_000 },
}

const statementEvents: readonly StatementEvent[] = [
  { kind: 'waiting', holder: 'Console 2', holderInTransaction: true },
  { kind: 'started', index: 0, count: 2, start: 0, length: 8 },
  {
    kind: 'columns',
    index: 0,
    columns: [
      {
        name: '?column?',
        typeOid: 1700,
        typeModifier: -1,
        typeName: 'numeric(10,2)',
        kind: 6,
        tableOid: 0,
        columnNumber: 0,
      },
    ],
  },
  { kind: 'batch', index: 0, firstRow: 0, rowCount: 5 },
  { kind: 'notice', index: 0, notice: { ...everySqlField, severity: 'NOTICE', position: null, hint: null } },
  { kind: 'completed', index: 1, outcome },
  { kind: 'completed', index: 1, outcome: { ...outcome, error: null, commandTag: null, status: 'cut' } },
]

const tab: Tab = {
  id: 't1',
  title: 'Query 1',
  instanceId: 'i1',
  textLength: 9,
  version: 3,
  cursorOffset: 9,
}

const settings: Settings = { theme: 'high-contrast', rowHeight: 'compact', editorFontSizePx: 13 }

const historyEntry: HistoryEntry = {
  id: 1,
  text: 'select 1',
  isTextCut: false,
  instanceName: 'playground',
  startedAtMs: 1_790_000_000_000,
  status: 'failed',
  durationMs: 1.5,
  rowCount: 1,
  commandTag: 'SELECT 1',
  errorCode: '42601',
  errorMessage: 'syntax error',
}

export const workbenchExamples: WorkbenchExamples = {
  ...cacheExamples,
  ...snapshotExamples(instance),
  'host.describe': {
    params: null,
    result: {
      version: '0.1.0',
      shell: 'serve',
      dataDirectory: '/d',
      processId: 1,
      nodeVersion: '24.21.0',
      notices: [],
    },
  },
  'host.didSample': { payload: { rssBytes: 1, eventLoopDelayMaxMs: 0 } },
  'instance.list': { params: null, result: [instance, { ...instance, failure: null, sizeBytes: null }] },
  ...lifecycleExamples,
  ...webExamples,
  'instance.create': {
    params: {
      name: 'shop',
      storage: 'memory',
      withSample: true,
      options: defaultInstanceOptions,
      extensions: ['hstore'],
    },
    result: instance,
  },
  'instance.start': { params: { instanceId: 'i1' }, result: instance },
  'instance.stop': { params: { instanceId: 'i1' }, result: instance },
  'instance.delete': { params: { instanceId: 'i1' }, result: null },
  'instance.restore': { params: { instanceId: 'i1' }, result: instance },
  'endpoint.lend': {
    params: { endpointId: 'postgres', use: 'copy', instanceId: 'i1', mode: 'fork', port: 0 },
    chunks: [{ instance, connection }],
    result: null,
  },
  'instance.crashes': { params: { instanceId: 'i1' }, result: [crash] },
  'instance.didCrash': {
    payload: { instanceId: 'i1', name: 'playground', crash, next: 'stays-down' },
  },
  'instance.didChange': { payload: { instance, isDeleted: false } },
  'remote.test': {
    params: { connection: remoteConnection, password: 'secret', instanceId: 'i1' },
    result: {
      ...{ serverVersion: '18.0', product: 'PostgreSQL', connectMs: 12.5, roundTripMs: 0.8 },
      ...{ encryption: 'TLSv1.3', isVerified: true },
    },
  },
  'remote.create': {
    params: { name: 'orders', connection: remoteConnection, password: null },
    result: instance,
  },
  'remote.protection': { params: null, result: { isSealed: true } },
  'remote.get': {
    params: { instanceId: 'i1' },
    result: { connection: remoteConnection, hasPassword: true },
  },
  'remote.update': {
    params: { instanceId: 'i1', connection: remoteConnection, password: '' },
    result: instance,
  },

  'session.open': { params: { instanceId: 'i1', title: 'Console 1' }, result: session },
  'session.close': { params: { sessionId: 's1' }, result: null },
  'session.rename': { params: { sessionId: 's1', title: 'Mine' }, result: null },
  'session.cancel': { params: { sessionId: 's1' }, result: null },
  'session.didChange': { payload: { ...session, waitingFor: null } },
  'text.upload': { params: { textId: 'x1', partIndex: 0, isLast: true }, result: null },
  'statement.run': {
    params: {
      sessionId: 's1',
      source: { kind: 'inline', text: 'select 1; select \u0000' },
      mode: 'script',
      resultBytesMax: 1,
      resultsMax: 100,
      useCache: 'refresh',
    },
    chunks: statementEvents,
    result: { statementsRun: 1, statementsTotal: 2, durationMs: 1.25 },
  },
  'catalog.list': {
    params: { instanceId: 'i1', level: 'columns', parentOid: 4_294_967_295, filter: 'na' },
    result: {
      nodes: [
        {
          oid: 16_384,
          kind: 'column',
          name: 'Straße',
          detail: 'character varying(20)',
          rowEstimate: 3,
          isKey: true,
          isNullable: false,
          comment: null,
          qualifiedName: '"Straße"',
        },
      ],
      total: 2_000,
    },
  },
  'catalog.names': {
    params: { instanceId: 'i1' },
    result: {
      relations: [{ schema: 'public', name: 'items', kind: 'table', columns: ['id', 'name'] }],
      functions: [{ schema: 'public', name: 'f', arguments: 'a integer' }],
      searchPath: ['$user', 'public'],
      isComplete: false,
    },
  },
  'history.search': {
    params: { search: 'sel', instanceName: null, failedOnly: true, beforeId: 9, limit: 50 },
    result: {
      entries: [historyEntry, { ...historyEntry, status: 'running', durationMs: null, rowCount: null }],
      hasMore: true,
    },
  },
  'history.remove': { params: { entryId: 1 }, result: null },
  'history.didChange': { payload: { entryId: 1 } },
  'workspace.claim': {
    params: { preferredId: null },
    result: { id: 'w1', tabs: [tab], activeTabId: 't1', layout: '{}' },
  },
  'workspace.setLayout': { params: { layout: '{"a":1}' }, result: null },
  'workspace.setActiveTab': { params: { tabId: null }, result: null },
  'tab.create': { params: { title: 'Query 2', instanceId: null, index: 0 }, result: tab },
  'tab.read': { params: { tabId: 't1' }, result: tab },
  'tab.edit': {
    params: {
      tabId: 't1',
      version: 3,
      edits: [{ offset: 0, deleted: 1, inserted: '\ud800' }],
      cursorOffset: 1,
    },
    result: { version: 4 },
  },
  'tab.replaceText': { params: { tabId: 't1', textId: 'x1' }, result: { version: 5 } },
  'tab.update': { params: { tabId: 't1', title: 'Q', instanceId: 'i1', index: 1 }, result: tab },
  'tab.close': { params: { tabId: 't1' }, result: null },
  'tab.reopen': { params: null, result: null },
  'endpoint.list': { params: null, result: [endpoint] },
  'endpoint.start': {
    params: {
      ...{ endpointId: 'postgres', port: 0, socketDirectory: '/run/db', roleInstanceId: 'i1' },
      ...{ mode: 'fork', tls: 'required', certificate: endpoint.options.certificate },
      clientCertificates: endpoint.options.clientCertificates,
    },
    result: endpoint,
  },
  'endpoint.stop': { params: { endpointId: 'postgres' }, result: endpoint },
  'endpoint.configure': {
    params: { endpointId: 'postgres', options: endpoint.options },
    result: endpoint,
  },
  'endpoint.setPassword': { params: { endpointId: 'postgres', password: 'se cret' }, result: null },
  'endpoint.connection': {
    params: { endpointId: 'postgres', instanceId: 'i1' },
    result: connection,
  },
  'endpoint.watchClients': {
    params: { endpointId: 'postgres' },
    chunks: [{ clients: [endpointClient] }, { clients: [] }],
    result: null,
  },
  'endpoint.cancelClient': { params: { endpointId: 'postgres', clientId: 'c1' }, result: null },
  'endpoint.disconnectClient': { params: { endpointId: 'postgres', clientId: 'c1' }, result: null },
  'endpoint.didChange': { payload: endpoint },
  ...transferExamples,
  ...insightExamples,

  ...monitorExamples,
  'try.run': {
    params: {
      instanceId: 'i1',
      sessionId: 's1',
      source: { kind: 'inline', text: 'select 1' },
      mode: 'script',
    },
    chunks: [
      { kind: 'waiting', holder: 'console 2', holderInTransaction: true },
      { kind: 'step', step: 'running', index: 0, count: 3 },
    ],
    result: exampleTryReport,
  },
  'try.apply': {
    params: {
      ...{ instanceId: 'i1', sessionId: null, source: { kind: 'uploaded', textId: 't1' } },
      ...{ sha256: 'a'.repeat(64), position: '761', inOneTransaction: true, despiteWrites: false },
    },
    chunks: [{ kind: 'step', step: 'applying', index: 0, count: 3 }],
    result: exampleTryApplied,
  },
  ...statisticsExamples,
  'settings.get': { params: null, result: settings },
  'settings.set': { params: settings, result: null },
  'settings.didChange': { payload: settings },
}
