/**
 * The history of statements: kept in order, bounded, searched by words. Synchronous, for the storage worker.
 * Knows no session.
 */

import type Database from 'better-sqlite3'
import {
  integer,
  nullable,
  object,
  oneOf,
  string,
  finite,
  boolean,
  type Infer,
} from '../../contract/schema.ts'
import { historyTextLengthMax } from '../../contract/limits.ts'
import type { HistoryEntry, historyFilterSchema } from '../../contract/workspace.ts'
import { isCorruption } from './storage-error.ts'

/** What is known when a statement starts. `key` names it until it has finished. */
export const historyStartSchema = object({
  key: string(64, 1),
  text: string(historyTextLengthMax),
  isTextCut: boolean,
  instanceName: string(256),
  startedAtMs: integer(0),
})
export type HistoryStart = Infer<typeof historyStartSchema>

export const historyFinishSchema = object({
  key: string(64, 1),
  status: oneOf('ok', 'cut', 'failed', 'cancelled'),
  durationMs: finite,
  rowCount: nullable(integer(0)),
  commandTag: nullable(string(64)),
  errorCode: nullable(string(64)),
  errorMessage: nullable(string(65_536)),
})
export type HistoryFinish = Infer<typeof historyFinishSchema>

export type HistoryFilter = Infer<typeof historyFilterSchema>

export interface HistoryPage {
  readonly entries: HistoryEntry[]
  readonly hasMore: boolean
}

export interface HistoryBounds {
  readonly entriesMax: number
  /** Sum of the texts, in UTF-16 code units. */
  readonly textLengthMax: number
}

/** Years of work by hand; the index over the texts takes about twice their size. */
export const historyBounds: HistoryBounds = { entriesMax: 100_000, textLengthMax: 128 << 20 }

/** Texts of one page, in code units: the host passes a page on without blocking for more than a few ms. */
const pageTextLengthMax = 1 << 20

/** Words shorter than this are not in the trigram index (https://sqlite.org/fts5.html, section 4.3.5). */
const indexedWordLengthMin = 3

interface HistoryRow extends Omit<HistoryEntry, 'isTextCut'> {
  readonly isTextCut: number
}

const columns = `h.id, h.text, h.is_text_cut AS isTextCut, h.instance_name AS instanceName,
  h.started_at_ms AS startedAtMs, h.status, h.duration_ms AS durationMs, h.row_count AS rowCount,
  h.command_tag AS commandTag, h.error_code AS errorCode, h.error_message AS errorMessage`

export class HistoryStore {
  readonly #database: Database.Database
  readonly #bounds: HistoryBounds
  readonly #running = new Map<string, number>()
  #entryCount: number
  #textLength: number

  /** Entries that were running when the last host ended become `interrupted`. */
  constructor(database: Database.Database, bounds: HistoryBounds = historyBounds) {
    this.#database = database
    this.#bounds = bounds
    database.exec(`UPDATE history SET status = 'interrupted' WHERE status = 'running'`)
    database.function('contains_folded', { deterministic: true }, (text, word) =>
      String(text).toLowerCase().includes(String(word)) ? 1 : 0,
    )
    const sums = database
      .prepare<[], { entries: number; length: number }>(
        'SELECT count(*) AS entries, coalesce(sum(text_length), 0) AS length FROM history',
      )
      .get()
    this.#entryCount = sums?.entries ?? 0
    this.#textLength = sums?.length ?? 0
  }

  /** Answers the id of the new entry. */
  start(entry: HistoryStart): number {
    const { lastInsertRowid } = this.#database
      .prepare(
        `INSERT INTO history (instance_name, started_at_ms, status, is_text_cut, text_length, text)
         VALUES (?, ?, 'running', ?, ?, ?)`,
      )
      .run(entry.instanceName, entry.startedAtMs, entry.isTextCut ? 1 : 0, entry.text.length, entry.text)
    const id = Number(lastInsertRowid)
    this.#running.set(entry.key, id)
    this.#entryCount++
    this.#textLength += entry.text.length
    this.#prune()
    return id
  }

  /** Answers the id of the entry; null if it is not known (removed, or never started). */
  finish(entry: HistoryFinish): number | null {
    const id = this.#running.get(entry.key)
    this.#running.delete(entry.key)
    if (id === undefined) return null
    this.#database
      .prepare(
        `UPDATE history SET status = ?, duration_ms = ?, row_count = ?, command_tag = ?, error_code = ?,
           error_message = ? WHERE id = ?`,
      )
      .run(
        ...[entry.status, entry.durationMs, entry.rowCount, entry.commandTag],
        ...[entry.errorCode, entry.errorMessage, id],
      )
    return id
  }

  /** The newest entries that the filter lets through. A damaged word index is built anew first. */
  search(filter: HistoryFilter): HistoryPage {
    try {
      return this.#search(filter)
    } catch (error) {
      if (!isCorruption(error)) throw error
      this.#database.exec(`INSERT INTO history_words (history_words) VALUES ('rebuild')`)
      return this.#search(filter)
    }
  }

  #search(filter: HistoryFilter): HistoryPage {
    const { sql, parameters } = searchStatement(filter)
    const entries: HistoryEntry[] = []
    let textLength = 0
    let hasMore = false
    for (const row of this.#database.prepare<unknown[], HistoryRow>(sql).iterate(...parameters)) {
      textLength += row.text.length
      hasMore = entries.length === filter.limit || (entries.length > 0 && textLength > pageTextLengthMax)
      if (hasMore) break
      entries.push({ ...row, isTextCut: row.isTextCut === 1 })
    }
    return { entries, hasMore }
  }

  remove(entryId: number): void {
    const removed = this.#database
      .prepare<[number], { length: number }>(
        'DELETE FROM history WHERE id = ? RETURNING text_length AS length',
      )
      .get(entryId)
    if (!removed) return
    this.#entryCount--
    this.#textLength -= removed.length
  }

  #prune(): void {
    const oldest = this.#database.prepare<[], { id: number }>('SELECT min(id) AS id FROM history')
    while (this.#entryCount > this.#bounds.entriesMax || this.#textLength > this.#bounds.textLengthMax) {
      const row = oldest.get()
      if (!row || this.#entryCount <= 1) return
      this.remove(row.id)
    }
  }
}

/** Words of three characters and more go through the index, shorter ones are looked for in what that leaves. */
function searchStatement(filter: HistoryFilter): { sql: string; parameters: unknown[] } {
  const words = filter.search
    .replaceAll('\0', ' ')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const indexed = words.filter((word) => lengthOf(word) >= indexedWordLengthMin)
  const short = words.filter((word) => lengthOf(word) < indexedWordLengthMin)
  const conditions = ['true']
  const parameters: unknown[] = []
  const where = (condition: string, ...values: unknown[]): void => {
    conditions.push(condition)
    parameters.push(...values)
  }
  if (indexed.length > 0) where('history_words MATCH ?', indexed.map(quoteWord).join(' '))
  if (filter.beforeId !== null) where('h.id < ?', filter.beforeId)
  if (filter.instanceName !== null) where('h.instance_name = ?', filter.instanceName)
  if (filter.failedOnly) where(`h.status = 'failed'`)
  for (const word of short) where('contains_folded(h.text, ?)', word)
  const source = indexed.length > 0 ? 'history_words w JOIN history h ON h.id = w.rowid' : 'history h'
  const order = indexed.length > 0 ? 'w.rowid' : 'h.id'
  return {
    sql: `SELECT ${columns} FROM ${source} WHERE ${conditions.join(' AND ')} ORDER BY ${order} DESC`,
    parameters,
  }
}

/** In code points, which the index is made of. */
function lengthOf(word: string): number {
  return Array.from(word).length
}

/** A word as an FTS5 string (https://sqlite.org/fts5.html, section 3.1). */
function quoteWord(word: string): string {
  return `"${word.replaceAll('"', '""')}"`
}
