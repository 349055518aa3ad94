/**
 * What is asked of the statements that ran: the top ones, one of them, all over time, two ranges beside each other.
 * A part of the time counts for a range when they overlap. Synchronous, for the storage worker; changes nothing.
 */

import type Database from 'better-sqlite3'
import type { ParamsOf, ResultOf } from '../../contract/contract-table.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { statisticsCalls } from '../../contract/statistics-calls.ts'
import { sparklineParts, type StatementRow, type TimeRange } from '../../contract/statistics.ts'
import { statementExampleSchema } from '../../contract/statistics.ts'
import { LatencyHistogram } from '../statistics/latency-histogram.ts'
import { mergeCallers, mergeCodes, readCallers, readCodes } from './statistics-merge.ts'

type Calls = typeof statisticsCalls
type TopWish = ParamsOf<Calls['statistics.top']>
type Top = ResultOf<Calls['statistics.top']>
type StatementWish = ParamsOf<Calls['statistics.statement']>
type Details = ResultOf<Calls['statistics.statement']>
type CompareWish = ParamsOf<Calls['statistics.compare']>
type Comparison = ResultOf<Calls['statistics.compare']>

/** Longest part, so that the index by start finds those that overlap. */
const partLengthMaxMs = 3_600_000

const shares = [0.5, 0.9, 0.95, 0.99, 0.999]

const orderings: Readonly<Record<TopWish['orderBy'], string>> = {
  totalTime: 'totalMs',
  meanTime: 'totalMs / max(calls, 1)',
  maxTime: 'maxMs',
  calls: 'calls',
  rows: 'rows',
  growth: 'growth',
  errors: 'errors',
}

const inRange = `p.start_ms < @toMs AND p.start_ms > @fromMs - ${partLengthMaxMs}
  AND p.start_ms + p.length_ms > @fromMs
  AND NOT (p.start_ms < @splitMs AND p.start_ms + p.length_ms > @splitMs)`
const chosen = `(@instanceId IS NULL OR s.instance_id = @instanceId)
  AND (@fingerprint IS NULL OR s.fingerprint = @fingerprint)
  AND (@search = '' OR instr(lower(s.text), lower(@search)) > 0)`
const from = 'FROM statement_part p JOIN statement s ON s.id = p.statement_id'

const sums = `sum(p.calls) AS calls, sum(p.errors) AS errors, sum(p.rows) AS rows, sum(p.bytes) AS bytes,
  sum(p.cache_hits) AS cacheHits, sum(p.total_ms) AS totalMs, sum(p.wait_ms) AS waitMs`

/** A statement without what takes longer to read. */
export interface StatementSums extends Omit<StatementRow, 'text' | 'meanMs' | 'sparkline' | `p${number}Ms`> {
  readonly id: number
}

const totalNames = ['calls', 'errors', 'rows', 'bytes', 'cacheHits', 'totalMs', 'waitMs'] as const

/** A range, and a moment within parts that are of no use, since nobody knows what of them came before it. */
interface Stretch extends TimeRange {
  readonly splitMs?: number
}
/** Within no part. */
const noSplitMs = -1

interface Choice extends Stretch {
  readonly instanceId: string | null
  readonly fingerprint: string | null
  readonly search: string
}

export class StatisticsQueries {
  readonly #database: Database.Database

  constructor(database: Database.Database) {
    this.#database = database
  }

  top(wish: TopWish): Top {
    const { found, ...rest } = this.topSums(wish)
    return { ...rest, rows: this.rowsOf(found, wish) }
  }

  /** The sums of all that ran, and of the top ones each; their details are read by `rowsOf`, as many as one likes. */
  topSums({
    orderBy,
    limit,
    ...wish
  }: TopWish): Omit<Top, 'rows'> & { readonly found: readonly StatementSums[] } {
    const all = this.#sums({ ...wish, fingerprint: null }, `ORDER BY ${orderings[orderBy]} DESC, id`)
    const totals = { calls: 0, errors: 0, rows: 0, bytes: 0, cacheHits: 0, totalMs: 0, waitMs: 0 }
    for (const row of all) for (const name of totalNames) totals[name] += row[name]
    return { found: all.slice(0, limit), statementCount: all.length, totals }
  }

  rowsOf(found: readonly StatementSums[], range: TimeRange): StatementRow[] {
    return found.map((row) => this.#toRow(row, range))
  }

  /** Throws `not-found`. */
  statement(wish: StatementWish): Details {
    const choice = { ...wish, search: '' }
    const [found] = this.#sums(choice, '')
    if (!found) throw new WorkbenchError('not-found', 'This statement did not run in that time')
    const details = this.#details(found.id, choice)
    return {
      row: this.#toRow(found, choice),
      histogram: details.histogram.bars(),
      errorCodes: mergeCodes(details.errors.flatMap(readCodes)),
      callers: mergeCallers(details.callers.flatMap(readCallers)),
      example: this.example(wish.instanceId, wish.fingerprint),
    }
  }

  /** null where none is kept. */
  example(instanceId: string, fingerprint: string): Details['example'] {
    const text = this.#database
      .prepare<[string, string], string>(
        'SELECT example FROM statement WHERE instance_id = ? AND fingerprint = ?',
      )
      .pluck()
      .get(instanceId, fingerprint)
    return text ? statementExampleSchema.parse(JSON.parse(text), 'example') : null
  }

  compare({ before, after, limit, ...wish }: CompareWish): Comparison {
    const key = (row: StatementRow): string => `${row.instanceId} ${row.fingerprint}`
    const rowsIn = (range: Stretch): Map<string, StatementRow> =>
      new Map(this.#rows({ ...wish, ...range, search: '' }, comparedOrder).map((row) => [key(row), row]))
    const was = rowsIn({ ...before, splitMs: before.toMs })
    const is = rowsIn({ ...after, splitMs: after.fromMs })
    return [...new Set([...was.keys(), ...is.keys()])]
      .map((name) => ({ before: was.get(name) ?? null, after: is.get(name) ?? null }))
      .map((pair) => ({ ...pair, changeMs: changeOf(pair) }))
      .sort((a, b) => Math.abs(b.changeMs) - Math.abs(a.changeMs))
      .slice(0, limit)
  }

  #rows(choice: Choice, order: string): StatementRow[] {
    return this.#sums(choice, order).map((row) => this.#toRow(row, choice))
  }

  #sums(choice: Choice, order: string): StatementSums[] {
    return this.#database
      .prepare<unknown[], StatementSums>(
        `SELECT s.id AS id, s.instance_id AS instanceId, s.fingerprint, s.first_seen_ms AS firstSeenMs,
           s.last_seen_ms AS lastSeenMs, ${sums}, max(p.max_ms) AS maxMs,
           sum(CASE WHEN p.start_ms >= (@fromMs + @toMs) / 2 THEN p.total_ms ELSE -p.total_ms END) AS growth
         ${from} WHERE ${inRange} AND ${chosen} GROUP BY s.id ${order}`,
      )
      .all({ splitMs: noSplitMs, ...choice })
  }

  #toRow({ id, ...row }: StatementSums, range: Stretch): StatementRow {
    const { histogram } = this.#details(id, range)
    const [p50Ms = 0, p90Ms = 0, p95Ms = 0, p99Ms = 0, p999Ms = 0] = histogram.percentiles(shares, row.maxMs)
    const meanMs = row.totalMs / Math.max(row.calls, 1)
    const sparkline = this.#sparkline(id, range)
    const text = this.#text(id)
    return { ...row, text, meanMs, ...{ p50Ms, p90Ms, p95Ms, p99Ms, p999Ms }, sparkline }
  }

  #text(statementId: number): string {
    const found = this.#database.prepare<[number], string>('SELECT text FROM statement WHERE id = ?').pluck()
    return found.get(statementId) ?? ''
  }

  #details(
    statementId: number,
    { fromMs, toMs, splitMs = noSplitMs }: Stretch,
  ): { histogram: LatencyHistogram; errors: string[]; callers: string[] } {
    const histogram = new LatencyHistogram()
    const errors: string[] = []
    const callers: string[] = []
    const rows = this.#database
      .prepare<unknown[], { histogram: Buffer; errors: string; callers: string }>(
        `SELECT d.histogram, d.errors, d.callers FROM statement_part p JOIN statement_detail d
           ON d.start_ms = p.start_ms AND d.statement_id = p.statement_id
         WHERE p.statement_id = @statementId AND ${inRange}`,
      )
      .iterate({ statementId, fromMs, toMs, splitMs })
    for (const row of rows) {
      histogram.addPacked(row.histogram)
      errors.push(row.errors)
      callers.push(row.callers)
    }
    return { histogram, errors, callers }
  }

  #sparkline(statementId: number, { fromMs, toMs, splitMs = noSplitMs }: Stretch): number[] {
    const line = Array.from({ length: sparklineParts }, () => 0)
    const rows = this.#database
      .prepare<unknown[], { part: number; totalMs: number }>(
        `SELECT CAST(max(0, min(${sparklineParts - 1},
           (p.start_ms - @fromMs) * ${sparklineParts} / max(1, @toMs - @fromMs))) AS INTEGER)
           AS part, sum(p.total_ms) AS totalMs
         FROM statement_part p WHERE p.statement_id = @statementId AND ${inRange} GROUP BY part`,
      )
      .all({ statementId, fromMs, toMs, splitMs })
    for (const { part, totalMs } of rows) line[part] = totalMs
    return line
  }
}

/** What nobody ran often or long has not changed anything. */
const comparedOrder = 'ORDER BY totalMs DESC, id LIMIT 500'

function changeOf(pair: { before: StatementRow | null; after: StatementRow | null }): number {
  const { before, after } = pair
  if (!before || !after) return (after?.totalMs ?? 0) - (before?.totalMs ?? 0)
  return (after.meanMs - before.meanMs) * after.calls
}
