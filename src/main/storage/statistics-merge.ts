/**
 * Counts by SQLSTATE and by caller, added up and bounded, and as they lie in the store. Knows no table.
 */

import type { StatementCaller } from '../../contract/statistics.ts'

export interface ErrorCount {
  readonly sqlState: string
  readonly count: number
}

/** As the contract has it. The rarest are left out where there are more. */
const entriesMax = 64

/** The most frequent first. */
export function mergeCodes(entries: readonly ErrorCount[]): ErrorCount[] {
  const counts = new Map<string, number>()
  for (const { sqlState, count } of entries) counts.set(sqlState, (counts.get(sqlState) ?? 0) + count)
  return [...counts]
    .map(([sqlState, count]) => ({ sqlState, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, entriesMax)
}

/** Who has called most first. */
export function mergeCallers(entries: readonly StatementCaller[]): StatementCaller[] {
  const merged = new Map<string, StatementCaller>()
  for (const entry of entries) {
    const key = JSON.stringify([entry.application, entry.endpoint, entry.user])
    const known = merged.get(key)
    const calls = entry.calls + (known?.calls ?? 0)
    merged.set(key, { ...entry, calls, totalMs: entry.totalMs + (known?.totalMs ?? 0) })
  }
  return [...merged.values()].sort((a, b) => b.calls - a.calls).slice(0, entriesMax)
}

/** What `mergeCodes` has made, as JSON. */
export function readCodes(text: string | undefined): ErrorCount[] {
  return text === undefined ? [] : (JSON.parse(text) as ErrorCount[])
}

/** What `mergeCallers` has made, as JSON. */
export function readCallers(text: string | undefined): StatementCaller[] {
  return text === undefined ? [] : (JSON.parse(text) as StatementCaller[])
}
