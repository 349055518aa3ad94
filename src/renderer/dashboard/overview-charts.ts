/** Which charts there are, of which metrics, in which order. Data alone; monitor and statistics name the columns. */

import type { ChartSpec } from './chart-model.ts'

/** Whose columns a chart draws. */
export type ChartSource = 'statements' | 'resources'

export interface OverviewChart extends ChartSpec {
  readonly source: ChartSource
}

export interface ChartSection {
  readonly title: string
  readonly charts: readonly OverviewChart[]
}

const statements: ChartSection = {
  title: 'Statements',
  charts: [
    {
      ...{ id: 'latency', source: 'statements', title: 'Latency', unit: 'ms' },
      help: 'How long statements took, without waiting for their turn.',
      lines: [
        { name: 'p50', label: 'p50' },
        { name: 'p95', label: 'p95' },
        { name: 'p99', label: 'p99' },
      ],
    },
    {
      ...{ id: 'throughput', source: 'statements', title: 'Throughput', unit: '1/s', isFilled: true },
      help: 'Statements that ended in a second.',
      lines: [{ name: 'calls', label: 'statements' }],
    },
    {
      ...{ id: 'errors', source: 'statements', title: 'Errors', unit: '1/s', isFilled: true },
      help: 'Statements that failed in a second.',
      lines: [{ name: 'errors', label: 'errors', colour: 4 }],
    },
    {
      ...{ id: 'wait', source: 'statements', title: 'Queue wait', unit: 'ms', isFilled: true },
      help: 'How long statements waited for their turn, on average.',
      lines: [{ name: 'wait', label: 'wait' }],
    },
    {
      ...{ id: 'rows', source: 'statements', title: 'Rows', unit: '1/s', isFilled: true },
      help: 'Rows that were sent, or written, in a second.',
      lines: [{ name: 'rows', label: 'rows' }],
    },
    {
      ...{ id: 'hits', source: 'statements', title: 'Result cache hit rate', unit: 'ratio', valueMax: 1 },
      help: 'Part of the statements that the result cache answered.',
      isFilled: true,
      lines: [{ name: 'hitRate', label: 'hits' }],
    },
  ],
}

const host: ChartSection = {
  title: 'Host',
  charts: [
    {
      ...{ id: 'memory', source: 'resources', title: 'Memory', unit: 'bytes', isFilled: true },
      help: 'Memory of the whole process, and what of it databases and JavaScript have.',
      lines: [
        { name: 'rss', label: 'resident' },
        { name: 'wasmTotal', label: 'databases' },
        { name: 'heapUsed', label: 'heap' },
        { name: 'external', label: 'buffers' },
      ],
    },
    {
      ...{ id: 'cpu', source: 'resources', title: 'CPU', unit: 'cores', isFilled: true },
      help: 'CPU time in a second: 1 keeps one core busy.',
      lines: [
        { name: 'cpu', label: 'process' },
        { name: 'storageCpu', label: 'store' },
        { name: 'parserCpu', label: 'parser' },
      ],
    },
    {
      ...{ id: 'loop', source: 'resources', title: 'Event loop delay', unit: 'ms' },
      help: 'For how long the host was held up.',
      lines: [
        { name: 'loopDelayP99', label: 'p99' },
        { name: 'loopDelayMax', label: 'longest' },
      ],
    },
    {
      ...{ id: 'network', source: 'resources', title: 'Endpoint traffic', unit: 'bytes/s' },
      help: 'Bytes that clients of the Postgres and the web endpoint sent and were sent.',
      lines: [
        { name: 'endpointBytesIn', label: 'received' },
        { name: 'endpointBytesOut', label: 'sent' },
        { name: 'webBytesIn', label: 'web, received' },
        { name: 'webBytesOut', label: 'web, sent' },
      ],
    },
    {
      ...{ id: 'sessions', source: 'resources', title: 'Sessions', unit: 'count' },
      help: 'Sessions of consoles, and programs that are connected.',
      lines: [
        { name: 'sessions', label: 'consoles' },
        { name: 'endpointClients', label: 'programs' },
      ],
    },
    {
      ...{ id: 'disk', source: 'resources', title: 'Free disk', unit: 'bytes', isFilled: true },
      help: 'Free space on the disk of the data directory.',
      lines: [{ name: 'diskFree', label: 'free' }],
    },
  ],
}

const instance: ChartSection = {
  title: 'Database',
  charts: [
    {
      ...{ id: 'memory', source: 'resources', title: 'Memory', unit: 'bytes', isFilled: true },
      help: 'Memory of its engine: WebAssembly, JavaScript heap and buffers.',
      lines: [
        { name: 'wasmMemory', label: 'WebAssembly' },
        { name: 'engineHeap', label: 'heap' },
        { name: 'engineExternal', label: 'buffers' },
      ],
    },
    {
      ...{ id: 'cpu', source: 'resources', title: 'CPU', unit: 'cores', isFilled: true },
      help: "CPU time of the engine's thread in a second: 1 keeps one core busy.",
      lines: [{ name: 'engineCpu', label: 'engine' }],
    },
    {
      ...{ id: 'queue', source: 'resources', title: 'Queue', unit: 'count', isFilled: true },
      help: 'Sessions that wait for the backend.',
      lines: [{ name: 'queueDepth', label: 'waiting' }],
    },
    {
      ...{ id: 'buffers', source: 'resources', title: 'Buffer hit rate', unit: 'ratio', valueMax: 1 },
      help: 'Part of the blocks that Postgres found in its buffers.',
      lines: [{ name: 'bufferHitRatio', label: 'hits' }],
    },
    {
      ...{ id: 'disk', source: 'resources', title: 'Disk', unit: 'bytes', isFilled: true },
      help: 'What it takes on disk, and what of that are the write-ahead log, tables and indexes.',
      lines: [
        { name: 'disk', label: 'all' },
        { name: 'walDisk', label: 'log' },
        { name: 'tableBytes', label: 'tables' },
        { name: 'indexBytes', label: 'indexes' },
      ],
    },
    {
      ...{ id: 'wal', source: 'resources', title: 'Write-ahead log', unit: 'bytes/s', isFilled: true },
      help: 'Bytes of write-ahead log written in a second.',
      lines: [{ name: 'walWritten', label: 'written' }],
    },
    {
      ...{ id: 'network', source: 'resources', title: 'Traffic', unit: 'bytes/s' },
      help: 'Bytes that programs sent to it and were sent by it.',
      lines: [
        { name: 'bytesIn', label: 'received' },
        { name: 'bytesOut', label: 'sent' },
      ],
    },
    {
      ...{ id: 'sessions', source: 'resources', title: 'Sessions', unit: 'count' },
      help: 'Sessions of consoles, and programs that are connected.',
      lines: [
        { name: 'instanceSessions', label: 'consoles' },
        { name: 'clients', label: 'programs' },
      ],
    },
    {
      ...{ id: 'transactions', source: 'resources', title: 'Transactions', unit: '1/s' },
      help: 'Transactions that were committed and rolled back in a second.',
      lines: [
        { name: 'commits', label: 'commits' },
        { name: 'rollbacks', label: 'rollbacks', colour: 4 },
      ],
    },
    {
      ...{ id: 'dead', source: 'resources', title: 'Dead rows', unit: 'count', isFilled: true },
      help: 'Rows that are of no use and take space until VACUUM, as Postgres estimates.',
      lines: [{ name: 'deadRows', label: 'rows' }],
    },
    {
      ...{ id: 'checkpoints', source: 'resources', title: 'Checkpoints', unit: '1/s' },
      help: 'Checkpoints in a second.',
      lines: [{ name: 'checkpoints', label: 'checkpoints' }],
    },
    {
      ...{ id: 'temporary', source: 'resources', title: 'Temporary files', unit: 'bytes/s', isFilled: true },
      help: 'Bytes of sorts and hashes that did not fit into memory.',
      lines: [{ name: 'tempBytes', label: 'written' }],
    },
  ],
}

/** The charts of the host, or of one instance. */
/** `isElsewhere`: on a server of which only the statements are known. */
export function sectionsFor(instanceId: string | null, isElsewhere = false): readonly ChartSection[] {
  if (isElsewhere) return [statements]
  return instanceId === null ? [statements, host] : [statements, instance]
}
