/** The numbers of a chart as a table, newest first. */

import type { ReactElement } from 'react'
import type { TimeWindow } from '../state/time-range.ts'
import { lowerBound, type TimeSeries } from '../state/time-series.ts'
import type { ChartSpec } from './chart-model.ts'
import { clockTime } from './clock-time.ts'
import { formatValue } from './chart-units.ts'
import styles from './chart.module.css'

/** More is for a file: exporting has all. */
const rowsMax = 300

interface NumberTableProps {
  readonly spec: ChartSpec
  readonly series: TimeSeries
  readonly window: TimeWindow
}

export function NumberTable({ spec, series, window }: NumberTableProps): ReactElement {
  const { timesMs, columns } = series
  const first = lowerBound(timesMs, window.fromMs)
  const end = lowerBound(timesMs, window.toMs + 1)
  const shown = Math.min(rowsMax, end - first)
  const left = end - first - shown
  return (
    <div className={styles['numbers']} tabIndex={0} role="region" aria-label={`Numbers of ${spec.title}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {spec.lines.map(({ name, label }) => (
              <th key={name} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: shown }, (_, back) => {
            const index = end - 1 - back
            return (
              <tr key={timesMs[index]}>
                <th scope="row">{clockTime(timesMs[index] ?? 0)}</th>
                {spec.lines.map(({ name }) => (
                  <td key={name}>{formatValue(columns.get(name)?.[index] ?? Number.NaN, spec.unit)}</td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
      {left > 0 ? <p>{`${left.toLocaleString('en')} earlier ones are in the CSV file (Export)`}</p> : null}
    </div>
  )
}
