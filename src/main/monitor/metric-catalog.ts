/**
 * All metrics that there are: what each is called here and in what Prometheus reads, its unit and its meaning. Data
 * only; measures nothing. The numbers stand in stored samples and are never given to another metric.
 */

import type { Metric } from '../../contract/monitor.ts'

export interface MetricDefinition extends Omit<Metric, 'name'> {
  readonly number: number
  readonly name: string
  /** `counter`: what is read only grows, and its course is the growth a second. */
  readonly kind: 'gauge' | 'counter'
  /** Beside `database` for metrics of instances. */
  readonly labels?: Readonly<Record<string, string>>
}

const host = { scope: 'host', kind: 'gauge', exposedAs: null } as const
const instance = { scope: 'instance', kind: 'gauge', exposedAs: null } as const
const hostCounter = { ...host, kind: 'counter' } as const
const counter = { ...instance, kind: 'counter' } as const

const hostMetrics = [
  {
    ...{ ...host, number: 1, name: 'rss', unit: 'bytes', title: 'Resident memory' },
    help: 'Memory of the whole process that is in RAM, engines included.',
    exposedAs: 'wardian_resident_memory_bytes',
  },
  {
    ...{ ...host, number: 2, name: 'heapUsed', unit: 'bytes', title: 'JavaScript heap' },
    help: "Used heap of the host's own thread.",
    exposedAs: 'wardian_heap_used_bytes',
  },
  {
    ...{ ...host, number: 3, name: 'external', unit: 'bytes', title: 'Buffers' },
    help: "Memory of buffers outside of the heap that the host's own thread holds.",
    exposedAs: 'wardian_external_memory_bytes',
  },
  {
    ...{ ...hostCounter, number: 4, name: 'cpu', unit: 'cores', title: 'CPU' },
    help: 'CPU time of the whole process, all threads together.',
    exposedAs: 'wardian_cpu_seconds_total',
  },
  {
    ...{ ...host, number: 5, name: 'loopUtilization', unit: 'ratio', title: 'Event loop busy' },
    help: "Part of the time in which the host's event loop was busy.",
    exposedAs: 'wardian_event_loop_utilization_ratio',
  },
  {
    ...{ ...host, number: 6, name: 'loopDelayMax', unit: 'ms', title: 'Event loop delay, longest' },
    help: "The longest time for which the host's event loop was held up since the last look.",
    exposedAs: 'wardian_event_loop_delay_max_seconds',
  },
  {
    ...{ ...host, number: 7, name: 'loopDelayP99', unit: 'ms', title: 'Event loop delay, p99' },
    help: "99 of 100 turns of the host's event loop came with less delay since the last look.",
    exposedAs: 'wardian_event_loop_delay_p99_seconds',
  },
  {
    ...{ ...hostCounter, number: 8, name: 'storageCpu', unit: 'cores', title: 'CPU of the store' },
    help: "CPU time of the thread of the workbench's own file.",
    exposedAs: 'wardian_storage_thread_cpu_seconds_total',
  },
  {
    ...{ ...hostCounter, number: 9, name: 'parserCpu', unit: 'cores', title: 'CPU of the parser' },
    help: 'CPU time of the thread that parses SQL.',
    exposedAs: 'wardian_parser_thread_cpu_seconds_total',
  },
  {
    ...{ ...host, number: 10, name: 'wasmTotal', unit: 'bytes', title: 'WebAssembly memory' },
    help: 'Memory of the engines of all instances together, copies for connections not included.',
    exposedAs: 'wardian_wasm_memory_bytes',
  },
  {
    ...{ ...host, number: 11, name: 'instancesRunning', unit: 'count', title: 'Running instances' },
    help: 'Instances whose engine runs.',
    exposedAs: 'wardian_instances_running',
  },
  {
    ...{ ...host, number: 12, name: 'windows', unit: 'count', title: 'Windows' },
    help: 'Windows and commands that are connected to the host.',
    exposedAs: 'wardian_workbench_clients',
  },
  {
    ...{ ...host, number: 13, name: 'sessions', unit: 'count', title: 'Sessions of consoles' },
    help: 'Sessions that windows and commands have open, of all instances.',
    exposedAs: 'wardian_console_sessions',
  },
  {
    ...{ ...host, number: 14, name: 'endpointClients', unit: 'count', title: 'Clients of the endpoint' },
    help: 'Programs and pages that are connected over the Postgres and the web endpoint.',
    exposedAs: 'wardian_endpoint_clients',
  },
  {
    ...{ ...hostCounter, number: 15, name: 'endpointBytesIn', unit: 'bytes/s', title: 'Postgres, received' },
    help: 'Bytes that clients of an endpoint have sent; of Postgres and the web after they had logged in.',
    exposedAs: 'wardian_endpoint_received_bytes_total',
    labels: { endpoint: 'postgres' },
  },
  {
    ...{ ...hostCounter, number: 16, name: 'endpointBytesOut', unit: 'bytes/s', title: 'Postgres, sent' },
    help: 'Bytes that clients of an endpoint were sent; of Postgres and the web after they had logged in.',
    exposedAs: 'wardian_endpoint_sent_bytes_total',
    labels: { endpoint: 'postgres' },
  },
  {
    ...{ ...hostCounter, number: 17, name: 'windowBytesIn', unit: 'bytes/s', title: 'Windows, received' },
    help: 'Bytes that browsers and commands have sent over HTTP and WebSocket.',
    exposedAs: 'wardian_endpoint_received_bytes_total',
    labels: { endpoint: 'workbench' },
  },
  {
    ...{ ...hostCounter, number: 18, name: 'windowBytesOut', unit: 'bytes/s', title: 'Windows, sent' },
    help: 'Bytes that browsers and commands were sent over HTTP and WebSocket.',
    exposedAs: 'wardian_endpoint_sent_bytes_total',
    labels: { endpoint: 'workbench' },
  },
  {
    ...{ ...host, number: 19, name: 'forks', unit: 'count', title: 'Copies for connections' },
    help: 'Copies of instances that connections have for themselves.',
    exposedAs: 'wardian_forks',
  },
  {
    ...{ ...host, number: 20, name: 'forkBytes', unit: 'bytes', title: 'Memory of copies' },
    help: 'Memory that copies of instances for connections are counted with.',
    exposedAs: 'wardian_fork_memory_bytes',
  },
  {
    ...{ ...host, number: 21, name: 'diskFree', unit: 'bytes', title: 'Free disk' },
    help: 'Free space, for its user, on the disk that the data directory is on.',
    exposedAs: 'wardian_disk_free_bytes',
  },
  {
    ...{ ...hostCounter, number: 22, name: 'webBytesIn', unit: 'bytes/s', title: 'Web, received' },
    help: 'Bytes that clients of the web endpoint have sent after they had shown a token.',
    exposedAs: 'wardian_endpoint_received_bytes_total',
    labels: { endpoint: 'web' },
  },
  {
    ...{ ...hostCounter, number: 23, name: 'webBytesOut', unit: 'bytes/s', title: 'Web, sent' },
    help: 'Bytes that clients of the web endpoint were sent after they had shown a token.',
    exposedAs: 'wardian_endpoint_sent_bytes_total',
    labels: { endpoint: 'web' },
  },
] as const satisfies readonly MetricDefinition[]

const engineMetrics = [
  {
    ...{ ...instance, number: 40, name: 'wasmMemory', unit: 'bytes', title: 'WebAssembly memory' },
    help: "Memory of the instance's engine. It grows and never shrinks.",
    exposedAs: 'wardian_instance_wasm_memory_bytes',
  },
  {
    ...{ ...instance, number: 41, name: 'engineHeap', unit: 'bytes', title: 'JavaScript heap' },
    help: "Used heap of the engine's thread.",
    exposedAs: 'wardian_instance_heap_used_bytes',
  },
  {
    ...{ ...instance, number: 42, name: 'engineExternal', unit: 'bytes', title: 'Buffers' },
    help: "Memory outside of the heap that the engine's thread holds.",
    exposedAs: 'wardian_instance_external_memory_bytes',
  },
  {
    ...{ ...counter, number: 43, name: 'engineCpu', unit: 'cores', title: 'CPU' },
    help: "CPU time of the engine's thread.",
    exposedAs: 'wardian_instance_cpu_seconds_total',
  },
  {
    ...{ ...instance, number: 44, name: 'disk', unit: 'bytes', title: 'Disk' },
    help: 'Bytes of the files of the instance.',
    exposedAs: 'wardian_instance_disk_bytes',
  },
  {
    ...{ ...instance, number: 45, name: 'walDisk', unit: 'bytes', title: 'Disk of the log' },
    help: 'Bytes of the files of the write-ahead log.',
    exposedAs: 'wardian_instance_wal_disk_bytes',
  },
  {
    ...{ ...instance, number: 46, name: 'instanceSessions', unit: 'count', title: 'Sessions of consoles' },
    help: 'Sessions that windows and commands have open.',
    exposedAs: 'wardian_instance_console_sessions',
  },
  {
    ...{ ...instance, number: 47, name: 'clients', unit: 'count', title: 'Clients' },
    help: 'Programs and pages that are connected over the Postgres and the web endpoint.',
    exposedAs: 'wardian_instance_clients',
  },
  {
    ...{ ...instance, number: 48, name: 'queueDepth', unit: 'count', title: 'Waiting' },
    help: 'Sessions and clients that wait for others to use the backend.',
    exposedAs: 'wardian_instance_queue_depth',
  },
  {
    ...{ ...instance, number: 49, name: 'queueOldest', unit: 'ms', title: 'Longest wait' },
    help: 'How long the one has waited that waits longest at the moment.',
    exposedAs: 'wardian_instance_queue_oldest_wait_seconds',
  },
  {
    ...{ ...counter, number: 50, name: 'queueWait', unit: 'ratio', title: 'Waits' },
    help: 'Seconds for which turns of the backend were waited for, by those who have got them.',
    exposedAs: 'wardian_instance_queue_wait_seconds_total',
  },
  {
    ...{ ...counter, number: 51, name: 'bytesIn', unit: 'bytes/s', title: 'Received' },
    help: 'Bytes that clients of endpoints have sent to this instance.',
    exposedAs: 'wardian_instance_received_bytes_total',
  },
  {
    ...{ ...counter, number: 52, name: 'bytesOut', unit: 'bytes/s', title: 'Sent' },
    help: 'Bytes that clients of endpoints were sent from this instance.',
    exposedAs: 'wardian_instance_sent_bytes_total',
  },
  {
    ...{ ...counter, number: 53, name: 'crashes', unit: '1/s', title: 'Crashes' },
    help: 'How often the engine has ended by itself.',
    exposedAs: 'wardian_instance_engine_crashes_total',
  },
  {
    ...{ ...counter, number: 54, name: 'cacheHits', unit: '1/s', title: 'Cache hits' },
    help: 'Statements that were answered from results that were kept.',
    exposedAs: 'wardian_instance_cache_hits_total',
  },
  {
    ...{ ...counter, number: 55, name: 'cacheMisses', unit: '1/s', title: 'Cache misses' },
    help: 'Statements that could have been answered from kept results, and were run.',
    exposedAs: 'wardian_instance_cache_misses_total',
  },
  {
    ...{ ...instance, number: 56, name: 'cacheHitRatio', unit: 'ratio', title: 'Cache hit rate' },
    help: 'Part of such statements that were answered from kept results, since the look before.',
  },
  {
    ...{ ...instance, number: 57, name: 'cacheBytes', unit: 'bytes', title: 'Cache' },
    help: 'Memory of results that are kept.',
    exposedAs: 'wardian_instance_cache_bytes',
  },
] as const satisfies readonly MetricDefinition[]

/** Of Postgres's own counters, which start again at zero with the engine after a crash. */
const databaseMetrics = [
  {
    ...{ ...counter, number: 60, name: 'walWritten', unit: 'bytes/s', title: 'Log written' },
    help: 'The position in the write-ahead log: bytes that were ever written to it.',
    exposedAs: 'wardian_instance_wal_written_bytes_total',
  },
  {
    ...{ ...counter, number: 61, name: 'checkpoints', unit: '1/s', title: 'Checkpoints' },
    help: 'Checkpoints, asked for or timed.',
    exposedAs: 'wardian_instance_checkpoints_total',
  },
  {
    ...{ ...counter, number: 62, name: 'bufferHits', unit: '1/s', title: 'Buffer hits' },
    help: 'Blocks that were found in shared buffers.',
    exposedAs: 'wardian_instance_buffer_hits_total',
  },
  {
    ...{ ...counter, number: 63, name: 'bufferReads', unit: '1/s', title: 'Blocks read' },
    help: 'Blocks that were not in shared buffers.',
    exposedAs: 'wardian_instance_buffer_reads_total',
  },
  {
    ...{ ...instance, number: 64, name: 'bufferHitRatio', unit: 'ratio', title: 'Buffer hit rate' },
    help: 'Part of the blocks that were found in shared buffers, of those wanted since the look before.',
  },
  {
    ...{ ...counter, number: 65, name: 'commits', unit: '1/s', title: 'Commits' },
    help: 'Transactions that were committed.',
    exposedAs: 'wardian_instance_commits_total',
  },
  {
    ...{ ...counter, number: 66, name: 'rollbacks', unit: '1/s', title: 'Rollbacks' },
    help: 'Transactions that were rolled back.',
    exposedAs: 'wardian_instance_rollbacks_total',
  },
  {
    ...{ ...counter, number: 67, name: 'rowsFetched', unit: '1/s', title: 'Rows fetched' },
    help: 'Rows that scans have returned.',
    exposedAs: 'wardian_instance_rows_fetched_total',
  },
  {
    ...{ ...counter, number: 68, name: 'rowsWritten', unit: '1/s', title: 'Rows written' },
    help: 'Rows that were inserted, updated or deleted.',
    exposedAs: 'wardian_instance_rows_written_total',
  },
  {
    ...{ ...counter, number: 69, name: 'tempBytes', unit: 'bytes/s', title: 'Temporary files' },
    help: 'Bytes that queries have put into temporary files.',
    exposedAs: 'wardian_instance_temporary_bytes_total',
  },
  {
    ...{ ...instance, number: 70, name: 'liveRows', unit: 'count', title: 'Live rows' },
    help: "Rows of the user's tables, as Postgres estimates.",
    exposedAs: 'wardian_instance_live_rows',
  },
  {
    ...{ ...instance, number: 71, name: 'deadRows', unit: 'count', title: 'Dead rows' },
    help: "Rows of the user's tables that are of no use and take space until VACUUM, as Postgres estimates.",
    exposedAs: 'wardian_instance_dead_rows',
  },
  {
    ...{ ...instance, number: 72, name: 'tableBytes', unit: 'bytes', title: 'Tables' },
    help: "Size of the user's tables, TOAST included; beyond the largest ones as of the last VACUUM or ANALYZE.",
    exposedAs: 'wardian_instance_table_bytes',
  },
  {
    ...{ ...instance, number: 73, name: 'indexBytes', unit: 'bytes', title: 'Indexes' },
    help: "Size of the indexes of the user's tables; beyond the largest ones as of the last VACUUM or ANALYZE.",
    exposedAs: 'wardian_instance_index_bytes',
  },
] as const satisfies readonly MetricDefinition[]

const all = [...hostMetrics, ...engineMetrics, ...databaseMetrics] as const

export type MetricName = (typeof all)[number]['name']
export type DatabaseMetricName = (typeof databaseMetrics)[number]['name']

export type NamedMetric = MetricDefinition & { readonly name: MetricName }

export const metricCatalog: readonly NamedMetric[] = all

export const metricByName: ReadonlyMap<string, NamedMetric> = new Map(
  metricCatalog.map((metric) => [metric.name, metric]),
)

/** What was read at one moment: of gauges the value, of counters the sum since whenever. */
export type Readings = Partial<Record<MetricName, number>>
