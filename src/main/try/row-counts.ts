/**
 * How many rows of a table a script would insert, update and delete. Rows that are there afterwards and were
 * not, and rows that were there and are not, are counted by their versions, exactly; which of them are one row
 * before and after an update follows from what Postgres has counted, or else from their keys. Reads no values
 * but keys.
 */

import type { TextRow } from '../session/session-query.ts'
import { compareContents } from './row-contents.ts'
import {
  commonKey,
  isNewRow,
  keyJoin,
  quoteName,
  unlessRefused,
  type Comparison,
  type TableChange,
} from './table-change.ts'
import type { SurveyedTable } from './table-survey.ts'

export interface RowCounts {
  readonly rowsBefore: number
  readonly rowsAfter: number
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
  /** False where updated rows could not be told from others. */
  readonly isExact: boolean
  readonly isRewritten: boolean
}

/** Keys that are looked up to tell updated rows from inserted ones: a few seconds of work at most. */
const keysMax = 100_000
/** Keys asked for at once: an array of a megabyte or so. */
const keysPerQuery = 10_000

/** What Postgres has counted between the two surveys. */
export function writesOf({ before, after }: TableChange): SurveyedTable['writes'] {
  const [old, now] = [before?.writes, after?.writes]
  const grown = (name: 'inserted' | 'updated' | 'deleted'): number => (now?.[name] ?? 0) - (old?.[name] ?? 0)
  return { inserted: grown('inserted'), updated: grown('updated'), deleted: grown('deleted') }
}

export async function countRows(comparison: Comparison, change: TableChange): Promise<RowCounts> {
  const { before, after, signal } = comparison
  const rowsBefore = change.before ? await countAll(before, change.before, signal) : 0
  const rowsAfter = change.after ? await countAll(after, change.after, signal) : 0
  const totals = { rowsBefore, rowsAfter, isExact: true, isRewritten: false }
  if (rowsBefore === 0 || rowsAfter === 0) {
    return { ...totals, inserted: rowsAfter, updated: 0, deleted: rowsBefore }
  }
  if (change.before?.fileNode !== change.after?.fileNode) {
    return { ...totals, isRewritten: true, ...(await compareContents(comparison, change, totals)) }
  }
  const fresh = await countNew(comparison, change)
  const removed = rowsBefore - (rowsAfter - fresh)
  const { updated, isExact } = await countUpdated(comparison, { change, fresh, removed })
  return { ...totals, isExact, inserted: fresh - updated, updated, deleted: removed - updated }
}

async function countAll(
  engine: Comparison['after'],
  table: SurveyedTable,
  signal: AbortSignal,
): Promise<number> {
  if (!table.isPopulated) return 0
  return numberOf(await engine.rows(`select count(*)::text from only ${table.name} t`, [], signal))
}

async function countNew(
  { after, firstTransaction, signal }: Comparison,
  change: TableChange,
): Promise<number> {
  const sql = `select count(*)::text from only ${change.after?.name} t where ${isNewRow}`
  return numberOf(await after.rows(sql, [firstTransaction], signal))
}

/** An update removes one version of a row and makes a new one, and so do a deletion and an insertion. */
async function countUpdated(
  comparison: Comparison,
  { change, fresh, removed }: { change: TableChange; fresh: number; removed: number },
): Promise<{ updated: number; isExact: boolean }> {
  const writes = writesOf(change)
  // What was rolled back is counted, too: these are bounds.
  const least = Math.max(0, fresh - writes.inserted, removed - writes.deleted)
  const most = Math.min(fresh, removed, writes.updated)
  if (least === most) return { updated: least, isExact: true }
  const known = fresh <= keysMax ? await countKnownKeys(comparison, change) : null
  if (known === null) return { updated: Math.max(least, most), isExact: false }
  return { updated: Math.min(known, fresh, removed), isExact: true }
}

/** New rows whose key was there before; null without a key. */
async function countKnownKeys(comparison: Comparison, change: TableChange): Promise<number | null> {
  const key = commonKey(change)
  if (key.length === 0 || !change.before || !change.after) return null
  const { before, after, firstTransaction, signal } = comparison
  const cells = key.map(({ name }) => `t.${quoteName(name)}::text`).join(', ')
  const sql = `select ${cells} from only ${change.after.name} t where ${isNewRow}`
  const keys = await after.rows(sql, [firstTransaction], signal)
  let known = 0
  for (let at = 0; at < keys.length; at += keysPerQuery) {
    const part = keys.slice(at, at + keysPerQuery)
    const { join, parameters } = keyJoin(key, part)
    const found = `select count(*)::text from only ${change.before.name} t join ${join}`
    const counted = await unlessRefused(() => before.rows(found, parameters, signal))
    if (counted === null) return null
    known += numberOf(counted)
  }
  return known
}

function numberOf([row]: readonly TextRow[]): number {
  return Number(row?.[0] ?? 0)
}
