/** The lines of a chart by name, with their numbers under the cursor, or the last ones; each can be switched off. */

import { memo, type ReactElement } from 'react'
import { Button } from 'react-aria-components'
import { nearestIndex, type TimeSeries } from '../state/time-series.ts'
import { useStore } from '../state/use-store.ts'
import { classes } from '../widgets/class-names.ts'
import type { ChartGroup } from './chart-group.ts'
import { clockTime } from './clock-time.ts'
import { colourOf, type ChartSpec } from './chart-model.ts'
import { formatValue } from './chart-units.ts'
import styles from './chart.module.css'

interface ChartLegendProps {
  readonly spec: ChartSpec
  readonly series: TimeSeries
  readonly group: ChartGroup
  readonly hidden: ReadonlySet<string>
  readonly onToggle: (name: string) => void
}

export function ChartLegend({ spec, series, group, hidden, onToggle }: ChartLegendProps): ReactElement {
  const cursorMs = useStore(group.cursorMs)
  const index = cursorMs === null ? series.timesMs.length - 1 : (nearestIndex(series.timesMs, cursorMs) ?? -1)
  return (
    <div
      className={classes(
        styles['legend'],
        spec.lines.length > 2 && styles[spec.lines.length > 3 ? 'many' : 'some'],
      )}
    >
      {cursorMs === null || spec.lines.length > 1 ? null : (
        <span className={styles['cursorTime']}>{clockTime(cursorMs)}</span>
      )}
      {spec.lines.map(({ name, label }, line) => (
        <LegendEntry
          key={name}
          {...{ name, label, onToggle }}
          colour={colourOf(spec, line)}
          text={formatValue(series.columns.get(name)?.[index] ?? Number.NaN, spec.unit)}
          isShown={!hidden.has(name)}
          isAlone={spec.lines.length === 1}
        />
      ))}
    </div>
  )
}

interface LegendEntryProps {
  readonly name: string
  readonly label: string
  readonly colour: number
  readonly text: string
  readonly isShown: boolean
  /** Nothing to tell apart, and nothing left when it is off. */
  readonly isAlone: boolean
  readonly onToggle: (name: string) => void
}

const LegendEntry = memo(function LegendEntry(props: LegendEntryProps): ReactElement {
  const { name, label, colour, text, isShown, isAlone, onToggle } = props
  if (isAlone) return <span className={styles['value']}>{text}</span>
  return (
    <Button
      className={classes(styles['entry'], !isShown && styles['off'])}
      aria-pressed={isShown}
      aria-label={`${label} ${text}`}
      onPress={() => onToggle(name)}
    >
      <svg className={classes(styles['swatch'], styles[`line${colour}`])} aria-hidden>
        <line x1="0" x2="14" y1="5" y2="5" />
      </svg>
      {label}
      <span className={styles['value']}>{text}</span>
    </Button>
  )
})
