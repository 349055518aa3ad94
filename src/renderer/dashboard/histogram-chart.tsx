/** How the calls of a statement are spread over durations: a bar for each step of a logarithmic scale. */

import { ChartColumn, Table2 } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import type { StatementDetails, StatementRow } from '../../contract/statistics.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { countText, shortMs } from './statement-words.ts'
import { foldHistogram } from './fold-histogram.ts'
import chartStyles from './chart.module.css'
import styles from './statements.module.css'

interface HistogramChartProps extends Pick<StatementDetails, 'histogram'> {
  readonly row: StatementRow
}

/** In units of the drawing; it is stretched to the place. */
const width = 1_000
const height = 300

export function HistogramChart({ histogram, row }: HistogramChartProps): ReactElement {
  const [isTable, setIsTable] = useState(false)
  const bars = foldHistogram(histogram)
  const max = Math.max(1, ...bars.map(({ count }) => count))
  const [first, last] = [bars[0]?.fromMs ?? 0, bars.at(-1)?.toMs ?? 0]
  const words =
    bars.length === 0
      ? 'Nothing was counted.'
      : `Half of the calls took less than ${shortMs(row.p50Ms)}, 95 of 100 less than ` +
        `${shortMs(row.p95Ms)}, the longest ${shortMs(row.maxMs)}.`
  return (
    <figure className={chartStyles['chart']} aria-label="Spread of durations">
      <header className={chartStyles['head']}>
        <h3 className={chartStyles['title']}>Spread of durations</h3>
        <span className={chartStyles['legend']} />
        <IconButton
          icon={isTable ? ChartColumn : Table2}
          label={isTable ? 'Spread of durations: as a chart' : 'Spread of durations: as numbers'}
          isPressed={isTable}
          onPress={() => setIsTable(!isTable)}
        />
      </header>
      {isTable ? (
        <HistogramTable histogram={histogram} />
      ) : (
        <>
          <svg
            className={styles['histogram']}
            viewBox={`0 0 ${width} ${height}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={words}
          >
            {bars.map(({ fromMs, toMs, count }, index) => {
              const barWidth = width / bars.length
              // A single call among thousands is still seen.
              const barHeight = count === 0 ? 0 : Math.max(3, (count / max) * height)
              return (
                <rect
                  key={fromMs}
                  x={index * barWidth + barWidth * 0.08}
                  y={height - barHeight}
                  width={barWidth * 0.84}
                  height={barHeight}
                >
                  <title>{`${shortMs(fromMs)} – ${shortMs(toMs)}: ${countText(count)}`}</title>
                </rect>
              )
            })}
          </svg>
          <div className={styles['histogramAxis']} aria-hidden>
            <span>{shortMs(first)}</span>
            <span>{bars.length > 0 ? shortMs(Math.sqrt(Math.max(first, 1e-3) * last)) : ''}</span>
            <span>{shortMs(last)}</span>
          </div>
        </>
      )}
      <figcaption className={chartStyles['hidden']}>{words}</figcaption>
    </figure>
  )
}

function HistogramTable({ histogram }: Pick<StatementDetails, 'histogram'>): ReactElement {
  return (
    <div className={chartStyles['numbers']} tabIndex={0} role="region" aria-label="Numbers of the spread">
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Calls</th>
          </tr>
        </thead>
        <tbody>
          {histogram.map(({ fromMs, toMs, count }) => (
            <tr key={fromMs}>
              <th scope="row">{shortMs(fromMs)}</th>
              <td>{shortMs(toMs)}</td>
              <td>{countText(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
