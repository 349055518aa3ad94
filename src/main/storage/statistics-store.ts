/**
 * Statements that ran, part by part of the time: added to, put together when they are old, bounded in number and
 * bytes, and forgotten. Synchronous, for the storage worker. What is asked of them is answered elsewhere.
 */

import type Database from 'better-sqlite3'
import { LatencyHistogram } from '../statistics/latency-histogram.ts'
import type { StatementPart } from './statistics-rows.ts'
import { mergeCallers, mergeCodes, readCallers, readCodes } from './statistics-merge.ts'

export interface StatisticsBounds {
  /** Statements of all instances; those that have not run for longest are forgotten first. */
  readonly statementsMax: number
  /** What is kept of parts, in bytes; the oldest are forgotten first. */
  readonly partBytesMax: number
}

/** A row of each costs about this much besides its details. */
const partOverheadBytes = 160

/**
 * A thousand different statements are a large application. The bytes are read when the file is opened, because it is
 * checked, which takes some 50 ms for these.
 */
export const statisticsBounds: StatisticsBounds = { statementsMax: 5_000, partBytesMax: 32 << 20 }

/** Parts become this long when they are this old: a day is read as some hundred parts of each statement. */
export const partLengths = [
  { ageMs: 48 * 3_600_000, lengthMs: 3_600_000 },
  { ageMs: 2 * 3_600_000, lengthMs: 600_000 },
] as const

/** Parts that one tidying puts together, so that nobody waits longer for the store than some 50 ms. */
const tidiedPartsMax = 2_000

interface PartKey {
  readonly statementId: number
  readonly startMs: number
}

interface DetailRow {
  readonly histogram: Buffer
  readonly errors: string
  readonly callers: string
}

const sums = ['calls', 'errors', 'rows', 'bytes', 'cache_hits', 'total_ms', 'wait_ms'] as const
const added = sums.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')

export class StatisticsStore {
  readonly #database: Database.Database
  readonly #bounds: StatisticsBounds

  constructor(database: Database.Database, bounds: StatisticsBounds = statisticsBounds) {
    this.#database = database
    this.#bounds = bounds
  }

  /** `steps`: the steps and counts of all parts, one part after the other. */
  add(parts: readonly StatementPart[], steps: Float64Array): void {
    let at = 0
    for (const part of parts) {
      this.#addPart(part, steps.subarray(at, at + part.stepNumbers))
      at += part.stepNumbers
    }
  }

  /** Forgets what is too old or too much, and puts together what is old. True when there is more to do. */
  tidy(nowMs: number, retentionMs: number): boolean {
    this.#forgetBefore(nowMs - retentionMs)
    this.#forgetBeyondBytes()
    this.#forgetStatements()
    return partLengths.some(({ ageMs, lengthMs }) => this.#putTogether(nowMs - ageMs, lengthMs))
  }

  /** Of one statement, of an instance, or everything. */
  reset(instanceId: string | null, fingerprint: string | null): void {
    this.#database
      .prepare(
        'DELETE FROM statement WHERE (@instanceId IS NULL OR instance_id = @instanceId) ' +
          'AND (@fingerprint IS NULL OR fingerprint = @fingerprint)',
      )
      .run({ instanceId, fingerprint })
  }

  #addPart(part: StatementPart, steps: Float64Array): void {
    const statementId = this.#statement(part)
    const histogram = new LatencyHistogram()
    histogram.addPairs(steps)
    const { errorCodes, callers } = part
    const key = { statementId, startMs: part.startMs }
    const detailBytes = this.#addDetail(key, { histogram, errorCodes, callers })
    this.#addSums({ ...part, ...key, detailBytes })
  }

  /** Its id; made when it was not known. */
  #statement(part: StatementPart): number {
    const example = part.example === null ? null : JSON.stringify(part.example)
    const row = this.#database
      .prepare<unknown[], { id: number }>(
        `INSERT INTO statement (instance_id, fingerprint, text, first_seen_ms, last_seen_ms, example)
         VALUES (@instanceId, @fingerprint, @text, @firstSeenMs, @lastSeenMs, @example)
         ON CONFLICT (instance_id, fingerprint) DO UPDATE SET
           first_seen_ms = min(first_seen_ms, excluded.first_seen_ms),
           last_seen_ms = max(last_seen_ms, excluded.last_seen_ms),
           example = coalesce(excluded.example, example)
         RETURNING id`,
      )
      .get({ ...part, example })
    return row?.id ?? 0
  }

  /** Answers how many bytes its details have now. */
  #addDetail(
    key: PartKey,
    more: {
      readonly histogram: LatencyHistogram
      readonly errorCodes: StatementPart['errorCodes']
      readonly callers: StatementPart['callers']
    },
  ): number {
    const known = this.#detail(key)
    if (known) more.histogram.addPacked(known.histogram)
    const histogram = Buffer.from(more.histogram.pack())
    const errors = JSON.stringify(mergeCodes([...readCodes(known?.errors), ...more.errorCodes]))
    const callers = JSON.stringify(mergeCallers([...readCallers(known?.callers), ...more.callers]))
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO statement_detail (statement_id, start_ms, histogram, errors, callers)
         VALUES (?, ?, ?, ?, ?)`,
      )
      .run(key.statementId, key.startMs, histogram, errors, callers)
    return histogram.length + errors.length + callers.length
  }

  #detail({ statementId, startMs }: PartKey): DetailRow | undefined {
    return this.#database
      .prepare<[number, number], DetailRow>(
        'SELECT histogram, errors, callers FROM statement_detail WHERE statement_id = ? AND start_ms = ?',
      )
      .get(statementId, startMs)
  }

  #addSums(part: object): void {
    this.#database
      .prepare(
        `INSERT INTO statement_part (statement_id, start_ms, length_ms, calls, errors, rows, bytes, cache_hits,
           total_ms, max_ms, wait_ms, detail_bytes)
         VALUES (@statementId, @startMs, @lengthMs, @calls, @errors, @rows, @bytes, @cacheHits,
           @totalMs, @maxMs, @waitMs, @detailBytes)
         ON CONFLICT (start_ms, statement_id) DO UPDATE SET ${added},
           max_ms = max(max_ms, excluded.max_ms), length_ms = max(length_ms, excluded.length_ms),
           detail_bytes = excluded.detail_bytes`,
      )
      .run(part)
  }

  #forgetBefore(startMs: number): void {
    this.#database.prepare('DELETE FROM statement_part WHERE start_ms < ?').run(startMs)
  }

  #forgetBeyondBytes(): void {
    const row = this.#database
      .prepare<[number, number], { startMs: number | null }>(
        `SELECT max(start_ms) AS startMs FROM (
           SELECT start_ms, sum(detail_bytes + ?) OVER (ORDER BY start_ms DESC, statement_id) AS bytes
           FROM statement_part) WHERE bytes > ?`,
      )
      .get(partOverheadBytes, this.#bounds.partBytesMax)
    if (row && row.startMs !== null) this.#forgetBefore(row.startMs + 1)
  }

  #forgetStatements(): void {
    this.#database
      .prepare(
        `DELETE FROM statement WHERE id IN (
           SELECT id FROM statement ORDER BY last_seen_ms DESC LIMIT -1 OFFSET ?)
         OR NOT EXISTS (SELECT 1 FROM statement_part p WHERE p.statement_id = statement.id)`,
      )
      .run(this.#bounds.statementsMax)
  }

  /** True when it has done as much as it may at once. */
  #putTogether(beforeMs: number, lengthMs: number): boolean {
    const rows = this.#database
      .prepare<unknown[], PartKey & { lengthMs: number }>(
        `SELECT statement_id AS statementId, start_ms AS startMs, length_ms AS lengthMs FROM statement_part
         WHERE start_ms < @beforeMs AND length_ms < @lengthMs ORDER BY start_ms LIMIT @limit`,
      )
      .all({ beforeMs: beforeMs - (beforeMs % lengthMs), lengthMs, limit: tidiedPartsMax })
    for (const row of rows) this.#moveInto(row, { startMs: row.startMs - (row.startMs % lengthMs), lengthMs })
    return rows.length === tidiedPartsMax
  }

  #moveInto(from: PartKey, to: { readonly startMs: number; readonly lengthMs: number }): void {
    const detail = this.#detail(from)
    const part = this.#database
      .prepare<[number, number], Record<string, number>>(
        'DELETE FROM statement_part WHERE statement_id = ? AND start_ms = ? RETURNING *',
      )
      .get(from.statementId, from.startMs)
    if (!part || !detail) return
    const histogram = new LatencyHistogram()
    histogram.addPacked(detail.histogram)
    const into = { statementId: from.statementId, startMs: to.startMs }
    const callers = readCallers(detail.callers)
    const detailBytes = this.#addDetail(into, { histogram, errorCodes: readCodes(detail.errors), callers })
    this.#addSums({
      ...{ ...into, lengthMs: to.lengthMs, detailBytes, cacheHits: part['cache_hits'] },
      ...{ calls: part['calls'], errors: part['errors'], rows: part['rows'], bytes: part['bytes'] },
      ...{ totalMs: part['total_ms'], maxMs: part['max_ms'], waitMs: part['wait_ms'] },
    })
  }
}
