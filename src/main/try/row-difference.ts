/**
 * Which tables' rows a script would change, and how: table by table, those that nothing was written to left
 * out. Knows no statement.
 */

import { tryTablesMax, type TryTable } from '../../contract/try-report.ts'
import { countRows, writesOf, type RowCounts } from './row-counts.ts'
import { sampleRows, type SampledRows } from './row-samples.ts'
import { unlessRefused, type Comparison, type TableChange } from './table-change.ts'
import type { SurveyedTable } from './table-survey.ts'

/** Tables of which rows are shown; of the others the counts alone. */
const sampledTablesMax = 100

const noSamples: SampledRows = { columns: [], samples: [] }

export type Survey = ReadonlyMap<string, SurveyedTable>

export interface RowDifferenceOptions {
  readonly surveys: { readonly before: Survey; readonly after: Survey }
  /** False where the script may have switched Postgres's counting off: then every table is looked through. */
  readonly trustsCounts: boolean
  onProgress(index: number, count: number): void
}

/** Tables that something may have been written to, by name. */
export function touchedTables({
  surveys,
  trustsCounts,
}: Omit<RowDifferenceOptions, 'onProgress'>): TableChange[] {
  const oids = new Set([...surveys.before.keys(), ...surveys.after.keys()])
  return [...oids]
    .map((oid) => ({ before: surveys.before.get(oid) ?? null, after: surveys.after.get(oid) ?? null }))
    .filter((change) => isTouched(change) || !trustsCounts)
}

function isTouched(change: TableChange): boolean {
  const { before, after } = change
  if (!before || !after || before.fileNode !== after.fileNode) return true
  const { inserted, updated, deleted } = writesOf(change)
  return inserted !== 0 || updated !== 0 || deleted !== 0
}

export async function rowDifference(
  comparison: Comparison,
  changes: readonly TableChange[],
  onProgress: RowDifferenceOptions['onProgress'],
): Promise<{ readonly tables: readonly TryTable[]; readonly leftOut: number }> {
  const tables: TryTable[] = []
  let leftOut = 0
  for (const [index, change] of changes.entries()) {
    onProgress(index, changes.length)
    const counts = await countRows(comparison, change)
    const isUnchanged = counts.inserted + counts.updated + counts.deleted === 0
    if (isUnchanged && counts.isExact && change.before && change.after) continue
    if (tables.length >= tryTablesMax) leftOut += 1
    else {
      const isSampled = tables.length < sampledTablesMax
      const sampled = isSampled ? await unlessRefused(() => sampleRows(comparison, change, counts)) : null
      tables.push(toTable(change, counts, sampled ?? noSamples))
    }
  }
  return { tables, leftOut }
}

function toTable({ before, after }: TableChange, counts: RowCounts, sampled: SampledRows): TryTable {
  const table = after ?? before
  const fate = before === null ? 'created' : after === null ? 'dropped' : 'kept'
  return { name: table?.name ?? '', kind: table?.kind ?? 'table', fate, ...counts, ...sampled }
}
