/** Everything that a report has, as it was gathered. The JSON report is exactly this. No behaviour. */

import type { HealthInsight, IndexesInsight, TablesInsight } from '../../contract/insight.ts'
import type { StatementRow, StatementTotals } from '../../contract/statistics.ts'

/** Columns over time; null where nothing was measured. */
export interface ReportSeries {
  readonly names: readonly string[]
  /** Milliseconds since 1970. */
  readonly times: readonly number[]
  /** One list for each name, as long as `times`. */
  readonly columns: readonly (readonly (number | null)[])[]
}

export interface ReportData {
  /** Of this form. */
  readonly version: 1
  /** Such as `Wardian 0.1.0`. */
  readonly product: string
  readonly instance: string
  readonly madeAtMs: number
  readonly fromMs: number
  readonly toMs: number
  /** What is missing, and why, in sentences. */
  readonly notes: readonly string[]
  readonly statements: {
    readonly totals: StatementTotals
    readonly count: number
    readonly rows: readonly StatementRow[]
  } | null
  readonly overTime: ReportSeries | null
  /** By the names of the monitor's metrics. */
  readonly resources: ReportSeries | null
  readonly health: HealthInsight | null
  readonly tables: TablesInsight | null
  readonly indexes: IndexesInsight | null
}

/** Columns of a buffer that has the times first, then one after the other. */
export function seriesOf(names: readonly string[], pointCount: number, buffer: ArrayBuffer): ReportSeries {
  const all = new Float64Array(buffer)
  const column = (index: number): Float64Array => all.subarray(index * pointCount, (index + 1) * pointCount)
  return {
    names,
    times: [...column(0)],
    columns: names.map((_, index) =>
      [...column(index + 1)].map((value) => (Number.isFinite(value) ? value : null)),
    ),
  }
}
