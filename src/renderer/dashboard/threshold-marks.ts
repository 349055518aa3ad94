/** Thresholds as lines in the charts of their metrics. Pure. */

import type { Threshold } from '../../contract/monitor.ts'
import type { ChartMark } from './chart-model.ts'
import { formatValue } from './chart-units.ts'
import { sectionsFor } from './overview-charts.ts'

/** By the id of the chart that shows the metric. */
export function marksOf(
  thresholds: readonly Threshold[],
  instanceId: string | null,
): ReadonlyMap<string, readonly ChartMark[]> {
  const marks = new Map<string, readonly ChartMark[]>()
  const charts = sectionsFor(instanceId).flatMap((section) => section.charts)
  for (const threshold of thresholds) {
    const isMeant = threshold.instanceId === null || threshold.instanceId === instanceId
    if (!threshold.isOn || !isMeant) continue
    const chart = charts.find(({ lines }) => lines.some(({ name }) => name === threshold.metric))
    if (!chart) continue
    const label = `alert ${threshold.comparison} ${formatValue(threshold.limit, chart.unit)}`
    marks.set(chart.id, [...(marks.get(chart.id) ?? []), { value: threshold.limit, label }])
  }
  return marks
}
