/**
 * What Postgres counts itself, asked now and then of an instance that has run something since: in a turn that nobody
 * waits for, and given up as soon as somebody does. Knows no monitor.
 */

import type { Clock } from '../../base/clock.ts'
import { ColumnBatch } from '../../contract/column-batch.ts'
import type { Engine } from '../engine/engine.ts'
import type { DatabaseMetricName, Readings } from '../monitor/metric-catalog.ts'
import type { ReadingGroup } from '../monitor/rate-keeper.ts'
import { textRows } from '../session/session-query.ts'
import type { TurnQueue } from '../session/turn-queue.ts'

/** Whom others are told that they wait for. */
const taker = { title: 'Resource monitor' }
/** Counting the rows of a thousand tables took 10 ms of the processor; beyond this something is wrong. */
const probeBoundMs = 1_000
const answerBytesMax = 1 << 20

/**
 * Of so many tables and indexes, those with the most rows, the size is exact, which takes 0.1 ms of the backend each;
 * of more, what the last VACUUM or ANALYZE has noted has to do.
 */
const exactRelationsMax = 50

/** In the order of the columns below. */
const columns = [
  'walWritten',
  'checkpoints',
  'bufferHits',
  'bufferReads',
  'commits',
  'rollbacks',
  'rowsFetched',
  'rowsWritten',
  'tempBytes',
  'liveRows',
  'deadRows',
  'tableBytes',
  'indexBytes',
] as const satisfies readonly DatabaseMetricName[]

/** 16384 is FirstNormalObjectId (PostgreSQL, access/transam.h): what the user has made. */
const question = `
WITH owned AS (
  SELECT c.oid, c.relkind, c.relpages, row_number() OVER (ORDER BY rows.live DESC) AS place,
    CASE WHEN c.relkind IN ('r', 'm') THEN rows.live ELSE 0 END AS live
  FROM pg_catalog.pg_class c
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
  CROSS JOIN LATERAL (SELECT pg_catalog.pg_stat_get_live_tuples(coalesce(i.indrelid, c.oid)) AS live) rows
  WHERE c.oid >= 16384 AND c.relkind IN ('r', 'm', 't', 'i') AND c.relpersistence <> 't'
), sized AS (
  SELECT oid, relkind, live, CASE WHEN place > ${exactRelationsMax} THEN relpages::int8 * 8192
    ELSE pg_catalog.pg_relation_size(oid) END AS bytes
  FROM owned
), totals AS (
  SELECT coalesce(sum(bytes) FILTER (WHERE relkind <> 'i'), 0) AS table_bytes,
    coalesce(sum(bytes) FILTER (WHERE relkind = 'i'), 0) AS index_bytes,
    coalesce(sum(live), 0) AS live,
    coalesce(sum(pg_catalog.pg_stat_get_dead_tuples(oid)) FILTER (WHERE relkind IN ('r', 'm')), 0) AS dead
  FROM sized
), own AS (
  SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
)
SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')::text,
  (SELECT (num_timed + num_requested)::text FROM pg_catalog.pg_stat_checkpointer),
  pg_catalog.pg_stat_get_db_blocks_hit(oid)::text,
  (pg_catalog.pg_stat_get_db_blocks_fetched(oid) - pg_catalog.pg_stat_get_db_blocks_hit(oid))::text,
  pg_catalog.pg_stat_get_db_xact_commit(oid)::text,
  pg_catalog.pg_stat_get_db_xact_rollback(oid)::text,
  pg_catalog.pg_stat_get_db_tuples_returned(oid)::text,
  (pg_catalog.pg_stat_get_db_tuples_inserted(oid) + pg_catalog.pg_stat_get_db_tuples_updated(oid)
    + pg_catalog.pg_stat_get_db_tuples_deleted(oid))::text,
  pg_catalog.pg_stat_get_db_temp_bytes(oid)::text,
  live::text, dead::text, table_bytes::text, index_bytes::text
FROM totals, own`

const encoder = new TextEncoder()

export class DatabaseProbe {
  readonly #clock: Clock
  readonly #turns: TurnQueue
  #engine: Engine | null = null
  #endCount = -1
  #askedMs = Number.NEGATIVE_INFINITY
  #group: ReadingGroup | null = null

  constructor(turns: TurnQueue, clock: Clock) {
    this.#turns = turns
    this.#clock = clock
  }

  /** What is known. Asks first where it is due and the backend is free; what it answers, `onFailure` hears of. */
  async read(
    engine: Engine,
    options: { intervalMs: number; onFailure(error: unknown): void },
  ): Promise<ReadingGroup | null> {
    if (this.#engine !== engine) {
      this.#engine = engine
      this.#group = null
      this.#endCount = -1
    }
    const nowMs = this.#clock.monotonicMs()
    const isDue = nowMs - this.#askedMs >= options.intervalMs
    const isFree = this.#turns.holder === null && this.#turns.waitingCount === 0
    if (!isDue || !isFree) return this.#group
    this.#askedMs = nowMs
    // Nothing has run: everything is as it was, and rates are zero.
    if (this.#group && this.#turns.endCount === this.#endCount) {
      this.#group = { ...this.#group, readMs: nowMs }
      return this.#group
    }
    try {
      const readings = await this.#ask(engine)
      if (readings) this.#group = { name: 'database', readMs: nowMs, readings }
    } catch (error) {
      options.onFailure(error)
    }
    return this.#group
  }

  /** null where it has given way. */
  async #ask(engine: Engine): Promise<Readings | null> {
    const ticket = this.#turns.request(taker)
    if (!ticket.isGranted) {
      ticket.withdraw()
      return null
    }
    const cancel = (): void => void engine.cancel().catch(() => undefined)
    const watching = this.#turns.onDidChange(() => this.#turns.waitingCount > 0 && cancel())
    const bound = this.#clock.after(probeBoundMs, cancel)
    try {
      return await run(engine)
    } finally {
      bound.dispose()
      watching.dispose()
      this.#turns.release(taker, { inTransaction: false })
      this.#endCount = this.#turns.endCount
    }
  }
}

async function run(engine: Engine): Promise<Readings | null> {
  const statement = { sql: encoder.encode(question), parameters: [], resultBytesMax: answerBytesMax }
  let readings: Readings | null = null
  for await (const event of engine.execute(statement)) {
    if (event.kind === 'batch') {
      const [row = []] = textRows(new ColumnBatch(event.buffer))
      readings = Object.fromEntries(columns.map((name, index) => [name, Number(row[index] ?? 0)]))
    }
    if (event.kind !== 'completed' || event.outcome.status === 'ok') continue
    if (event.outcome.status === 'cancelled') return null
    throw new Error(`The counters of Postgres could not be read: ${event.outcome.error?.message ?? ''}`)
  }
  return readings
}
