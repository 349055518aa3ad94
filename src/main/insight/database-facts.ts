/**
 * What every answer says of the database that it was read in, and the sum of what its counters tell. From the catalogs
 * of Postgres 13 and later; what only later ones have is asked by name and missing otherwise.
 */

import type { Clock } from '../../base/clock.ts'
import type { HealthInsight, InsightRead } from '../../contract/insight.ts'
import type { Ask } from './insight-session.ts'
import { asJson, count, known, namedRows, text, type NamedRow } from './row-fields.ts'

export interface DatabaseFacts {
  /** Such as `18.1`. */
  readonly serverVersion: string
  /** Such as 180001. */
  readonly versionNumber: number
  readonly pageBytes: number
  readonly countedSinceMs: number | null
}

const factsQuery = asJson(`
  SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
    current_setting('server_version_num') AS number, current_setting('block_size') AS page,
    (SELECT round(extract(epoch FROM stats_reset) * 1000) FROM pg_stat_database
      WHERE datname = current_database()) AS since`)

export async function readFacts(ask: Ask): Promise<DatabaseFacts> {
  const [row = {}] = namedRows(await ask(factsQuery))
  return {
    serverVersion: text(row, 'version'),
    versionNumber: count(row, 'number'),
    pageBytes: count(row, 'page'),
    countedSinceMs: known(row, 'since'),
  }
}

/** The head of an answer that took until now. */
export function readNow(
  clock: Clock,
  startedMs: number,
  { facts, remarks }: { facts: DatabaseFacts; remarks: readonly string[] },
): InsightRead {
  const { serverVersion, countedSinceMs } = facts
  return {
    ...{ readAtMs: clock.nowMs(), tookMs: clock.monotonicMs() - startedMs, heldBy: null },
    ...{ serverVersion, countedSinceMs, remarks },
  }
}

/** Counters of the database (PostgreSQL 18 documentation, section 27.2), and what they say of its caches. */
const healthQuery = asJson(`
  SELECT pg_database_size(d.datid) AS size, d.blks_hit, d.blks_read, d.xact_commit, d.xact_rollback, d.deadlocks,
    d.temp_files, d.temp_bytes,
    current_setting('shared_buffers') AS buffers, pg_size_bytes(current_setting('shared_buffers')) AS buffer_bytes,
    t.heap_hit, t.heap_read, t.idx_hit, t.idx_read,
    (SELECT greatest(0, 2147483647 - 3000000 - max(age(relfrozenxid))) FROM pg_class
      WHERE relkind IN ('r', 'm', 't') AND relfrozenxid <> '0') AS transactions_left
  FROM pg_stat_database AS d,
    (SELECT sum(heap_blks_hit) AS heap_hit, sum(heap_blks_read) AS heap_read, sum(idx_blks_hit) AS idx_hit,
      sum(idx_blks_read) AS idx_read FROM pg_statio_user_tables) AS t
  WHERE d.datname = current_database()`)

/** Its columns moved in Postgres 17 from one view to another (its release notes, “Monitoring”). */
function checkpointQuery(versionNumber: number): string {
  return versionNumber >= 170_000
    ? asJson('SELECT num_timed AS timed, num_requested AS requested FROM pg_stat_checkpointer')
    : asJson('SELECT checkpoints_timed AS timed, checkpoints_req AS requested FROM pg_stat_bgwriter')
}

export async function readHealth(
  ask: Ask,
  facts: DatabaseFacts,
): Promise<{ health: Omit<HealthInsight, 'read'>; remarks: string[] }> {
  const [row = {}] = namedRows(await ask(healthQuery))
  const [checkpoints = {}] = namedRows(await ask(checkpointQuery(facts.versionNumber)))
  const hasWal = facts.versionNumber >= 140_000
  const wal = hasWal ? namedRows(await ask(asJson('SELECT wal_bytes FROM pg_stat_wal'))) : []
  return {
    health: { ...countersOf(row), ...ofServer(checkpoints, wal[0] ?? {}) },
    remarks: hasWal
      ? []
      : [`Postgres ${facts.serverVersion} does not count what it writes to its log (14 does)`],
  }
}

type Counters = Omit<HealthInsight, 'read' | 'checkpointsTimed' | 'checkpointsRequested' | 'walBytes'>

function countersOf(row: NamedRow): Counters {
  return {
    databaseBytes: count(row, 'size'),
    bufferHits: count(row, 'blks_hit'),
    bufferReads: count(row, 'blks_read'),
    indexHits: count(row, 'idx_hit'),
    indexReads: count(row, 'idx_read'),
    tableHits: count(row, 'heap_hit'),
    tableReads: count(row, 'heap_read'),
    commits: count(row, 'xact_commit'),
    rollbacks: count(row, 'xact_rollback'),
    deadlocks: count(row, 'deadlocks'),
    temporaryFiles: count(row, 'temp_files'),
    temporaryBytes: count(row, 'temp_bytes'),
    sharedBuffersBytes: count(row, 'buffer_bytes'),
    transactionsLeft: known(row, 'transactions_left'),
  }
}

function ofServer(
  checkpoints: NamedRow,
  wal: NamedRow,
): Pick<HealthInsight, 'checkpointsTimed' | 'checkpointsRequested' | 'walBytes'> {
  return {
    checkpointsTimed: known(checkpoints, 'timed'),
    checkpointsRequested: known(checkpoints, 'requested'),
    walBytes: known(wal, 'wal_bytes'),
  }
}
