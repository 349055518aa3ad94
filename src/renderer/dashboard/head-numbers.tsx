/** The numbers of now, large; of the moment under the cursor where there is one. */

import type { ReactElement } from 'react'
import type { FeedContent } from '../state/series-feed.ts'
import { nearestIndex, summarise, type TimeSeries } from '../state/time-series.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import type { ChartGroup } from './chart-group.ts'
import { formatValue, type ChartUnit } from './chart-units.ts'
import type { ChartSource } from './overview-charts.ts'
import styles from './dashboard.module.css'

interface HeadNumber {
  readonly label: string
  readonly source: ChartSource
  readonly name: string
  readonly unit: ChartUnit
}

const statementNumbers: readonly HeadNumber[] = [
  { label: 'Throughput', source: 'statements', name: 'calls', unit: '1/s' },
  { label: 'p95 latency', source: 'statements', name: 'p95', unit: 'ms' },
  { label: 'Errors', source: 'statements', name: 'errors', unit: '1/s' },
  { label: 'Queue wait', source: 'statements', name: 'wait', unit: 'ms' },
  { label: 'Cache hits', source: 'statements', name: 'hitRate', unit: 'ratio' },
]
const hostNumbers: readonly HeadNumber[] = [
  { label: 'Memory', source: 'resources', name: 'rss', unit: 'bytes' },
  { label: 'CPU', source: 'resources', name: 'cpu', unit: 'cores' },
  { label: 'Programs', source: 'resources', name: 'endpointClients', unit: 'count' },
]
const instanceNumbers: readonly HeadNumber[] = [
  { label: 'Memory', source: 'resources', name: 'wasmMemory', unit: 'bytes' },
  { label: 'CPU', source: 'resources', name: 'engineCpu', unit: 'cores' },
  { label: 'Programs', source: 'resources', name: 'clients', unit: 'count' },
]

interface HeadNumbersProps {
  readonly instanceId: string | null
  /** On a server of which only the statements are known. */
  readonly isElsewhere: boolean
  readonly contents: Readonly<Record<ChartSource, FeedContent>>
  readonly group: ChartGroup
}

export function HeadNumbers(props: HeadNumbersProps): ReactElement {
  const { instanceId, isElsewhere, contents, group } = props
  const { view } = useWorkbench().dashboard
  const window = useStore(view.window)
  const cursorMs = useStore(group.cursorMs)
  const resources = instanceId === null ? hostNumbers : instanceNumbers
  const numbers = [...statementNumbers, ...(isElsewhere ? [] : resources)]
  return (
    <dl className={styles['heads']} aria-label="At a glance">
      {numbers.map(({ label, source, name, unit }) => {
        const { series } = contents[source]
        const values = series.columns.get(name)
        const summary = values ? summarise(series.timesMs, values, window) : null
        const now = cursorMs === null ? (summary?.last ?? Number.NaN) : valueAt(series, name, cursorMs)
        return (
          <div key={label} className={styles['headNumber']}>
            <dt>{label}</dt>
            <dd>
              <strong>{formatValue(now, unit)}</strong>
              <span>{summary ? `average ${formatValue(summary.mean, unit)}` : 'nothing yet'}</span>
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

function valueAt(series: TimeSeries, name: string, atMs: number): number {
  const index = nearestIndex(series.timesMs, atMs)
  return index === null ? Number.NaN : (series.columns.get(name)?.[index] ?? Number.NaN)
}
