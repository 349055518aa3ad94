/**
 * Some of the rows that a script would insert, update and delete, with what is in them before and after. Reads
 * a bounded part of a table; of rows that were removed it finds where they lay by comparing which places are
 * still taken. Counts nothing.
 */

import { trySampleColumnsMax, trySampleRowsMax, type TrySample } from '../../contract/try-report.ts'
import type { TextRow } from '../session/session-query.ts'
import type { RowCounts } from './row-counts.ts'
import {
  arrayLiteral,
  commonColumns,
  commonKey,
  isNewRow,
  keyJoin,
  quoteName,
  type Comparison,
  type TableChange,
} from './table-change.ts'
import type { SurveyedColumn, SurveyedTable } from './table-survey.ts'

/** Characters of a cell that are shown. */
const cellLengthMax = 200
/** Rows looked at to find samples of each kind. */
const candidatesMax = 500
/** Pages whose places are compared at once: up to some 30,000 rows, 300 kB. */
const pagesPerQuery = 128
/** Pages looked through for removed rows: 256 MB of a table. */
const pagesMax = 32_768

type Cells = readonly (string | null)[]

export interface SampledRows {
  readonly columns: readonly string[]
  readonly samples: readonly TrySample[]
}

/** One side's way to a table. */
interface Side {
  readonly engine: Comparison['after']
  readonly table: SurveyedTable
}

export async function sampleRows(
  comparison: Comparison,
  change: TableChange,
  counts: RowCounts,
): Promise<SampledRows> {
  const sampler = new RowSampler(comparison, change, counts)
  return { columns: sampler.columns, samples: await sampler.sample() }
}

class RowSampler {
  readonly #comparison: Comparison
  readonly #change: TableChange
  readonly #counts: RowCounts
  readonly #columns: readonly SurveyedColumn[]
  readonly #key: readonly SurveyedColumn[]

  constructor(comparison: Comparison, change: TableChange, counts: RowCounts) {
    this.#comparison = comparison
    this.#change = change
    this.#counts = counts
    this.#columns = commonColumns(change).slice(0, trySampleColumnsMax)
    this.#key = commonKey(change)
  }

  get columns(): readonly string[] {
    return this.#columns.map(({ name }) => name)
  }

  async sample(): Promise<readonly TrySample[]> {
    const { inserted, updated, deleted, isRewritten } = this.#counts
    const { before, after } = this.#change
    const old = before && { engine: this.#comparison.before, table: before }
    const now = after && { engine: this.#comparison.after, table: after }
    if (!old || !now) return this.#whole(old ?? now, old ? 'deleted' : 'inserted')
    if (inserted + deleted + updated === 0) return []
    if (
      updated + inserted === 0 &&
      now.table.fileNode !== old.table.fileNode &&
      this.#counts.rowsAfter === 0
    ) {
      return this.#whole(old, 'deleted')
    }
    // Rows of a table that was written anew have no version of their own to be told by, but keys.
    if (isRewritten) return this.#key.length === 0 ? [] : this.#byKey(old, now)
    const written = await this.#written(old, now)
    return deleted === 0 ? written : [...written, ...(await this.#deleted(old, now))]
  }

  async #whole(side: Side | null, change: 'inserted' | 'deleted'): Promise<TrySample[]> {
    if (!side) return []
    const rows = await this.#rows(side, `order by t.ctid limit ${trySampleRowsMax}`, [])
    return rows.map(({ cells }) => toSample(change, cells))
  }

  /** New versions of rows, each with the old one of its key. */
  async #written(old: Side, now: Side): Promise<TrySample[]> {
    const { firstTransaction } = this.#comparison
    const { inserted, updated } = this.#counts
    if (inserted + updated === 0) return []
    const filter = `where ${isNewRow} order by t.ctid limit ${candidatesMax}`
    const rows = await this.#rows(now, filter, [firstTransaction])
    if (this.#key.length === 0) {
      // Without a key the old version of a row is not found; of both kinds together none is told from the other.
      if (inserted > 0 && updated > 0) return []
      const change = updated > 0 ? 'updated' : 'inserted'
      return rows.slice(0, trySampleRowsMax).map(({ cells }) => toSample(change, cells))
    }
    return this.#pair(old, rows)
  }

  async #pair(old: Side, rows: readonly FoundRow[]): Promise<TrySample[]> {
    const before = await this.#named(old, rows)
    const pairs = rows.map(({ key, cells }): TrySample => {
      const known = before.get(key)
      return known ? { change: 'updated', before: known, after: cells } : toSample('inserted', cells)
    })
    return [...some(pairs, 'inserted'), ...some(pairs, 'updated')]
  }

  /** The rows of `side` with the keys of `rows`, by key. */
  async #named(side: Side, rows: readonly FoundRow[]): Promise<Map<string, Cells>> {
    const { join, parameters } = keyJoin(
      this.#key,
      rows.map(({ keyCells }) => keyCells),
    )
    const found = await this.#rows(side, `join ${join}`, parameters)
    return new Map(found.map(({ key, cells }) => [key, cells]))
  }

  async #deleted(old: Side, now: Side): Promise<TrySample[]> {
    const { deleted, updated } = this.#counts
    if (updated > 0 && this.#key.length === 0) return []
    const samples: TrySample[] = []
    const wanted = Math.min(trySampleRowsMax, deleted)
    const pages = Math.min(pagesMax, await this.#pageCount(old))
    for (let page = 0; page < pages && samples.length < wanted; page += pagesPerQuery) {
      const removed = await this.#removedPlaces(old, now, page)
      if (removed.length === 0) continue
      const places = arrayLiteral(removed.slice(0, candidatesMax))
      const rows = await this.#rows(old, 'where t.ctid = any($1::text[]::tid[])', [places])
      const kept = updated > 0 ? await this.#named(now, rows) : new Map<string, Cells>()
      samples.push(...rows.filter(({ key }) => !kept.has(key)).map(({ cells }) => toSample('deleted', cells)))
    }
    return samples.slice(0, wanted)
  }

  async #pageCount({ engine, table }: Side): Promise<number> {
    const sql = `select (pg_relation_size($1::oid) / current_setting('block_size')::int)::text`
    const [row] = await engine.rows(sql, [table.oid], this.#comparison.signal)
    return Number(row?.[0] ?? 0)
  }

  /** Places of rows before, from `page` on, that no row has kept. */
  async #removedPlaces(old: Side, now: Side, page: number): Promise<string[]> {
    const { firstTransaction, signal } = this.#comparison
    const range = `t.ctid >= '(${page},0)'::tid and t.ctid < '(${page + pagesPerQuery},0)'::tid`
    const select = `select coalesce(string_agg(t.ctid::text, ' '), '')`
    const before = await old.engine.rows(`${select} from only ${old.table.name} t where ${range}`, [], signal)
    const after = await now.engine.rows(
      `${select} from only ${now.table.name} t where ${range} and not (${isNewRow})`,
      [firstTransaction],
      signal,
    )
    const kept = new Set(after[0]?.[0]?.split(' '))
    return (before[0]?.[0] ?? '').split(' ').filter((place) => place !== '' && !kept.has(place))
  }

  /** A table that was written anew: its first rows, each with the other side's of its key. */
  async #byKey(old: Side, now: Side): Promise<TrySample[]> {
    const order = `order by ${this.#key.map(({ name }) => `t.${quoteName(name)}`).join(', ')} limit ${candidatesMax}`
    const rows = await this.#rows(now, order, [])
    const gone = await this.#rows(old, order, [])
    const kept = await this.#named(now, gone)
    const pairs = await this.#pair(old, rows)
    const changed = pairs.filter(({ before, after }) => before?.join('\n') !== after?.join('\n'))
    const deleted = gone.filter(({ key }) => !kept.has(key)).map(({ cells }) => toSample('deleted', cells))
    return [...changed, ...deleted.slice(0, trySampleRowsMax)]
  }

  async #rows(side: Side, rest: string, parameters: readonly string[]): Promise<FoundRow[]> {
    const keys = this.#key.map(({ name }) => `t.${quoteName(name)}::text`)
    const cells = this.#columns.map(({ name }) => `left(t.${quoteName(name)}::text, ${cellLengthMax})`)
    const sql = `select ${[...keys, ...cells].join(', ')} from only ${side.table.name} t ${rest}`
    const rows = await side.engine.rows(sql, parameters, this.#comparison.signal)
    return rows.map((row) => toFound(row, keys.length))
  }
}

interface FoundRow {
  readonly key: string
  readonly keyCells: TextRow
  readonly cells: Cells
}

function toFound(row: TextRow, keyLength: number): FoundRow {
  const keyCells = row.slice(0, keyLength)
  return { key: JSON.stringify(keyCells), keyCells, cells: row.slice(keyLength).map(shown) }
}

/** What is longer than it is shown ends in an ellipsis. */
function shown(cell: string | null): string | null {
  return cell !== null && cell.length >= cellLengthMax ? `${cell.slice(0, cellLengthMax - 1)}…` : cell
}

function toSample(change: TrySample['change'], cells: Cells): TrySample {
  return change === 'deleted'
    ? { change, before: cells, after: null }
    : { change, before: null, after: cells }
}

function some(samples: readonly TrySample[], change: TrySample['change']): TrySample[] {
  return samples.filter((sample) => sample.change === change).slice(0, trySampleRowsMax)
}
