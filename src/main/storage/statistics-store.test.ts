/** The store of statements in a real file. */
import type Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { openDatabaseFile } from './database-file.ts'
import { StatisticsQueries } from './statistics-queries.ts'
import type { StatementPart } from './statistics-rows.ts'
import { StatisticsStore } from './statistics-store.ts'

const hourMs = 3_600_000
const nowMs = 1_000 * hourMs
const all = { instanceId: null, fromMs: 0, toMs: nowMs + hourMs, search: '', limit: 500 } as const

describe('StatisticsStore', () => {
  const path = temporaryDirectory()
  let count = 0
  let database: Database.Database
  let store: StatisticsStore
  let queries: StatisticsQueries
  beforeEach(() => {
    database = openDatabaseFile(path(`statistics-${count++}.db`), 'now').database
    store = new StatisticsStore(database)
    queries = new StatisticsQueries(database)
  })
  afterEach(() => database.close())

  function partOf(change: Partial<StatementPart>): StatementPart {
    const startMs = change.startMs ?? nowMs
    return {
      ...{ instanceId: 'i1', fingerprint: 'f1', text: 'select $1', startMs, lengthMs: 60_000 },
      ...{ firstSeenMs: startMs, lastSeenMs: startMs, calls: 1, errors: 0, rows: 2, bytes: 30 },
      ...{ cacheHits: 0, totalMs: 4, maxMs: 4, waitMs: 1, errorCodes: [], example: null, stepNumbers: 2 },
      callers: [{ application: 'psql', endpoint: 'wire', user: 'postgres', calls: 1, totalMs: 4 }],
      ...change,
    }
  }

  /** In transactions, as the worker has them. */
  const add = (...parts: readonly StatementPart[]): void => {
    const steps = Float64Array.from(parts.flatMap(() => [1_600, 1]))
    database.transaction(() => store.add(parts, steps))()
  }
  const tidy = (retentionMs = 10_000 * hourMs): void => {
    while (database.transaction(() => store.tidy(nowMs, retentionMs))()) continue
  }
  const partCount = (): number =>
    database.prepare<[], number>('SELECT count(*) FROM statement_part').pluck().get() ?? 0

  it('adds what comes for the same part to what is there', () => {
    const error = { errors: 1, errorCodes: [{ sqlState: '22012', count: 1 }] }
    add(partOf({}), partOf({ ...error, maxMs: 9 }), partOf(error))
    expect(partCount()).toBe(1)
    const wish = { instanceId: 'i1', fingerprint: 'f1', fromMs: 0, toMs: nowMs + 1 }
    const { row, errorCodes, callers, histogram } = queries.statement(wish)
    expect(row).toMatchObject({ calls: 3, errors: 2, rows: 6, bytes: 90, totalMs: 12, waitMs: 3, maxMs: 9 })
    expect(errorCodes).toEqual([{ sqlState: '22012', count: 2 }])
    expect(callers).toMatchObject([{ application: 'psql', calls: 3, totalMs: 12 }])
    expect(histogram).toMatchObject([{ count: 3 }])
  })

  it('puts old parts together without losing a call', () => {
    const minutes = Array.from({ length: 300 }, (_, index) => nowMs - 60 * hourMs + index * 60_000)
    add(...minutes.map((startMs) => partOf({ startMs })))
    const before = queries.top({ ...all, orderBy: 'calls' })
    tidy()
    expect(partCount()).toBe(5)
    const { rows, totals } = queries.top({ ...all, orderBy: 'calls' })
    expect(totals).toEqual(before.totals)
    expect(rows[0]).toMatchObject({ calls: 300, p99Ms: before.rows[0]?.p99Ms, maxMs: 4 })
    tidy()
    expect(partCount()).toBe(5)
  })

  it('forgets what is older than it is to be kept, and statements that nothing is left of', () => {
    add(partOf({ startMs: nowMs - 30 * hourMs, fingerprint: 'old' }), partOf({ fingerprint: 'new' }))
    tidy(24 * hourMs)
    expect(queries.top({ ...all, orderBy: 'calls' }).rows.map(({ fingerprint }) => fingerprint)).toEqual([
      'new',
    ])
  })

  it('forgets the oldest when there is more than it may keep, in bytes and in statements', () => {
    store = new StatisticsStore(database, { statementsMax: 10, partBytesMax: 5_000 })
    const starts = Array.from({ length: 100 }, (_, index) => nowMs - (100 - index) * 60_000)
    add(...starts.map((startMs) => partOf({ startMs })))
    tidy()
    const kept = partCount()
    expect(kept).toBeGreaterThan(5)
    expect(kept).toBeLessThan(40)
    expect(queries.top({ ...all, orderBy: 'calls' }).rows[0]?.lastSeenMs).toBe(starts.at(-1))
    const many = Array.from({ length: 30 }, (_, index) => `f${index}`)
    store = new StatisticsStore(database, { statementsMax: 10, partBytesMax: 1e6 })
    add(...many.map((fingerprint, index) => partOf({ fingerprint, lastSeenMs: nowMs + index })))
    tidy()
    const left = queries.top({ ...all, orderBy: 'calls' }).rows.map(({ fingerprint }) => fingerprint)
    expect(left.sort()).toEqual(many.slice(-10).sort())
  })

  it('compares before and after a moment, of which a part that goes over it is neither', () => {
    const minuteMs = 60_000
    add(
      partOf({ startMs: nowMs - 2 * minuteMs, calls: 2, totalMs: 20 }),
      partOf({ startMs: nowMs - minuteMs, calls: 5, totalMs: 500 }),
      partOf({ startMs: nowMs, calls: 4, totalMs: 8 }),
    )
    const compared = (atMs: number): readonly unknown[] => {
      const ranges = { before: { fromMs: 0, toMs: atMs }, after: { fromMs: atMs, toMs: nowMs + hourMs } }
      const [pair] = queries.compare({ instanceId: 'i1', fingerprint: 'f1', limit: 5, ...ranges })
      return [pair?.before?.calls, pair?.after?.calls, pair?.changeMs]
    }
    expect(compared(nowMs - minuteMs / 2)).toEqual([2, 4, (2 - 10) * 4])
    expect(compared(nowMs)).toEqual([7, 4, (2 - 520 / 7) * 4])
    expect(compared(nowMs - minuteMs)).toEqual([2, 9, (508 / 9 - 10) * 9])
  })

  it('orders by what is asked for, finds by words, and counts all of them beside', () => {
    add(
      partOf({ fingerprint: 'often', calls: 50, totalMs: 50, text: 'select often' }),
      partOf({
        fingerprint: 'long',
        calls: 2,
        totalMs: 400,
        maxMs: 300,
        rows: 1,
        errors: 2,
        text: 'Select LONG',
      }),
      partOf({ fingerprint: 'elsewhere', instanceId: 'i2', rows: 900, text: 'table t' }),
    )
    const first = (orderBy: Parameters<typeof queries.top>[0]['orderBy']): string | undefined =>
      queries.top({ ...all, orderBy, limit: 1 }).rows[0]?.fingerprint
    const orders = ['totalTime', 'meanTime', 'maxTime', 'calls', 'rows', 'errors'] as const
    expect(orders.map(first)).toEqual(['long', 'long', 'long', 'often', 'elsewhere', 'long'])
    const found = queries.top({ ...all, orderBy: 'calls', search: 'long', instanceId: 'i1' })
    expect(found.rows.map(({ text }) => text)).toEqual(['Select LONG'])
    expect(found).toMatchObject({ statementCount: 1, totals: { calls: 2, totalMs: 400 } })
  })

  it('tells what grows, and how its time was spread', () => {
    const [early, late] = [nowMs - 10 * 60_000, nowMs - 60_000]
    add(
      partOf({ fingerprint: 'grows', startMs: early, totalMs: 1 }),
      partOf({ fingerprint: 'grows', startMs: late, totalMs: 5 }),
      partOf({ fingerprint: 'shrinks', startMs: early, totalMs: 9 }),
    )
    const range = { ...all, fromMs: early, toMs: nowMs }
    const { rows } = queries.top({ ...range, orderBy: 'growth' })
    expect(rows.map(({ fingerprint, growth }) => [fingerprint, growth])).toEqual([
      ['grows', 4],
      ['shrinks', -9],
    ])
    expect(rows[0]?.sparkline.filter((ms) => ms > 0)).toEqual([1, 5])
  })

  it('forgets one statement, or those of an instance', () => {
    add(partOf({}), partOf({ fingerprint: 'f2' }), partOf({ instanceId: 'i2' }))
    store.reset('i1', 'f2')
    expect(queries.top({ ...all, orderBy: 'calls' }).statementCount).toBe(2)
    store.reset('i1', null)
    expect(queries.top({ ...all, orderBy: 'calls' }).rows.map(({ instanceId }) => instanceId)).toEqual(['i2'])
    store.reset(null, null)
    expect(partCount()).toBe(0)
    expect(database.prepare('SELECT count(*) FROM statement_detail').pluck().get()).toBe(0)
  })
})
