/**
 * Compares a table that was written anew by what is in its rows: those that both sides have are the same ones, and
 * of rows with the same key and other values one is the other updated. Holds a digest a row, up to a bound.
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TextRow } from '../session/session-query.ts'
import { commonColumns, commonKey, quoteName, type Comparison, type TableChange } from './table-change.ts'

/** Rows of one side that are compared; of larger tables only the counts are told. Some 20 MB a side. */
const rowsMax = 100_000
/** Digests handled in one turn of the event loop: a few milliseconds. */
const rowsPerTurn = 5_000

interface Differences {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
  readonly isExact: boolean
}

export async function compareContents(
  comparison: Comparison,
  change: TableChange,
  { rowsBefore, rowsAfter }: { readonly rowsBefore: number; readonly rowsAfter: number },
): Promise<Differences> {
  const { before, after, signal } = comparison
  const [oldName = '', newName = ''] = [change.before?.name, change.after?.name]
  const key = commonKey(change).map(({ name }) => name)
  const columns = commonColumns(change).map(({ name }) => name)
  const grown = rowsAfter - rowsBefore
  if (grown === 0) {
    const [old] = await before.rows(sumSql(oldName, columns), [], signal)
    const [now] = await after.rows(sumSql(newName, columns), [], signal)
    if (old?.[0] === now?.[0]) return { inserted: 0, updated: 0, deleted: 0, isExact: true }
  }
  if (Math.max(rowsBefore, rowsAfter) > rowsMax) {
    return { inserted: Math.max(0, grown), updated: 0, deleted: Math.max(0, -grown), isExact: false }
  }
  const old = await before.rows(digestSql(oldName, key, columns), [], signal)
  const now = await after.rows(digestSql(newName, key, columns), [], signal)
  return match(old, now, { hasKey: key.length > 0, signal })
}

function rowText(columns: readonly string[]): string {
  return `row(${columns.map((column) => `t.${quoteName(column)}::text`).join(', ')})::text`
}

/** The same where all rows are, in whatever order. */
function sumSql(name: string, columns: readonly string[]): string {
  return `select sum(hashtextextended(${rowText(columns)}, 0))::text from only ${name} t`
}

/** Key and digest of each row; the digest is the key where there is none. */
function digestSql(name: string, key: readonly string[], columns: readonly string[]): string {
  const digest = `md5(${rowText(columns)})`
  const id = key.length === 0 ? digest : rowText(key)
  return `select ${id}, ${digest} from only ${name} t`
}

async function match(
  old: readonly TextRow[],
  now: readonly TextRow[],
  { hasKey, signal }: { readonly hasKey: boolean; readonly signal: AbortSignal },
): Promise<Differences> {
  const left = new Map<string, string[]>()
  for (const [at, [id, digest]] of old.entries()) {
    const same = left.get(id ?? '')
    if (same) same.push(digest ?? '')
    else left.set(id ?? '', [digest ?? ''])
    if (at % rowsPerTurn === 0) await nextTurn(undefined, { signal })
  }
  let [updated, kept] = [0, 0]
  for (const [at, [id, digest]] of now.entries()) {
    const before = left.get(id ?? '')?.pop()
    if (before === digest) kept += 1
    else if (before !== undefined) updated += 1
    if (at % rowsPerTurn === 0) await nextTurn(undefined, { signal })
  }
  const [inserted, deleted] = [now, old].map(({ length }) => length - kept - updated)
  return {
    inserted: inserted ?? 0,
    updated,
    deleted: deleted ?? 0,
    isExact: hasKey || inserted === 0 || deleted === 0,
  }
}
