/**
 * A table before and after a script, in two engines, and what its rows are asked with: SQL that is made of its names,
 * and of nothing else. Knows no answer.
 */

import { toWireError } from '../../contract/error.ts'
import type { TextRow } from '../session/session-query.ts'
import type { SurveyedColumn, SurveyedTable } from './table-survey.ts'
import type { TrialEngine } from './trial-engine.ts'

/** What comparing needs of both sides. */
export interface Comparison {
  /** As it was copied. */
  readonly before: TrialEngine
  /** After the script. */
  readonly after: TrialEngine
  /** The first transaction of the script, or a later one. */
  readonly firstTransaction: string
  readonly signal: AbortSignal
}

/** At least one of both is there. */
export interface TableChange {
  readonly before: SurveyedTable | null
  readonly after: SurveyedTable | null
}

/** Row versions that the script has made; of `$1`, its first transaction. */
export const isNewRow =
  'age(t.xmin) <= (select pg_snapshot_xmax(pg_current_snapshot())::text::int8 - $1::int8)'

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Columns that are there before and after, as they are called afterwards. */
export function commonColumns({ before, after }: TableChange): readonly SurveyedColumn[] {
  const [first, second] = [before ?? after, after ?? before]
  const names = new Set(first?.columns.map(({ name }) => name))
  return second?.columns.filter(({ name }) => names.has(name)) ?? []
}

/** The key that both sides have, with the types of afterwards; empty where there is none. */
export function commonKey(change: TableChange): readonly SurveyedColumn[] {
  const key = change.after?.key ?? []
  const isSame = change.before?.key.join('\n') === key.join('\n')
  const columns = commonColumns(change)
  const found = key.map((name) => columns.find((column) => column.name === name))
  return isSame ? found.filter((column) => column !== undefined) : []
}

/** What joins `t` with rows of these keys, which are the parameters from $1 on; `w` has them as k1, k2… */
export function keyJoin(
  key: readonly SurveyedColumn[],
  keys: readonly TextRow[],
): { join: string; parameters: string[] } {
  const arrays = key.map(({ type }, at) => `$${at + 1}::text[]::${type}[]`).join(', ')
  const names = key.map((_, at) => `k${at + 1}`).join(', ')
  const same = key.map(({ name }, at) => `t.${quoteName(name)} = w.k${at + 1}`).join(' and ')
  const parameters = key.map((_, at) => arrayLiteral(keys.map((row) => row[at] ?? null)))
  return { join: `unnest(${arrays}) as w(${names}) on ${same}`, parameters }
}

/**
 * What `ask` answers; null where Postgres refuses, as it does when a key's values are none of its type on the other
 * side: an enumeration's value was renamed, a domain has got another check.
 */
export async function unlessRefused<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    if (toWireError(error).code !== 'sql-error') throw error
    return null
  }
}

/** An array of texts as Postgres reads it (PostgreSQL 18 documentation, section 8.15.2). */
export function arrayLiteral(values: readonly (string | null)[]): string {
  const elements = values.map((value) =>
    value === null ? 'NULL' : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
  )
  return `{${elements.join(',')}}`
}
