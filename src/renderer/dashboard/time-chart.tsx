/**
 * A chart over time with its title, its legend that tells the numbers under the cursor, a summary in words and a table
 * of its numbers. Props in, events out: it asks nobody for data.
 */

import { ChartLine, Table2 } from 'lucide-react'
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactElement } from 'react'
import { panWindow, zoomWindow, type TimeWindow } from '../state/time-range.ts'
import type { TimeSeries } from '../state/time-series.ts'
import { Store } from '../state/store.ts'
import { useStore } from '../state/use-store.ts'
import { classes } from '../widgets/class-names.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { ChartLegend } from './chart-legend.tsx'
import type { ChartGroup } from './chart-group.ts'
import { hasNumbers, summaryWords, wordsAt, type ChartMark, type ChartSpec } from './chart-model.ts'
import { useChartPlot } from './use-chart-plot.ts'
import { NumberTable } from './number-table.tsx'
import { clockTime } from './clock-time.ts'
import { keyMove } from './chart-keys.ts'
import styles from './chart.module.css'

export interface TimeChartProps {
  readonly spec: ChartSpec
  readonly series: TimeSeries
  readonly window: TimeWindow
  readonly group: ChartGroup
  readonly marks?: readonly ChartMark[]
  /** Whether the numbers are of another time or place than is asked for; they are then dimmed. */
  readonly isStale?: boolean
  /** What is said where nothing was recorded. */
  readonly emptyWords?: string
  readonly onZoom: (window: TimeWindow) => void
  readonly onZoomBack: () => void
}

const noMarks: readonly ChartMark[] = []
const noCursor = new Store<number | null>(null)

export function TimeChart(props: TimeChartProps): ReactElement {
  const { spec, series, window, group, marks = noMarks, isStale = false } = props
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set<string>())
  const [isTable, setIsTable] = useState(false)
  const summaryId = useId()
  const isEmpty = useMemo(() => !hasNumbers(spec, series, window), [spec, series, window])
  const toggle = (name: string): void => {
    const next = new Set(hidden)
    if (!next.delete(name)) next.add(name)
    setHidden(next)
  }
  const isAlone = spec.lines.length === 1
  const legend = <ChartLegend {...{ spec, series, group, hidden }} onToggle={toggle} />
  return (
    <figure className={classes(styles['chart'], isStale && styles['stale'])} aria-label={spec.title}>
      <header className={styles['head']}>
        <h3 className={styles['title']} title={spec.help}>
          {spec.title}
        </h3>
        {isAlone ? legend : <CursorTime group={group} />}
        <IconButton
          icon={isTable ? ChartLine : Table2}
          label={isTable ? `${spec.title}: as a chart` : `${spec.title}: as numbers`}
          isPressed={isTable}
          onPress={() => setIsTable(!isTable)}
        />
      </header>
      {isAlone ? null : legend}
      {isTable ? (
        <NumberTable spec={spec} series={series} window={window} />
      ) : (
        <PlotArea {...props} marks={marks} hidden={hidden} isEmpty={isEmpty} summaryId={summaryId} />
      )}
      <figcaption id={summaryId} className={styles['hidden']}>
        {`${spec.help} ${summaryWords(spec, series, window)}`}
      </figcaption>
    </figure>
  )
}

/** The moment under the cursor. */
function CursorTime({ group }: Pick<TimeChartProps, 'group'>): ReactElement {
  const cursorMs = useStore(group.cursorMs)
  return <span className={styles['cursorTime']}>{cursorMs === null ? '' : clockTime(cursorMs)}</span>
}

interface PlotAreaProps extends TimeChartProps {
  readonly marks: readonly ChartMark[]
  readonly hidden: ReadonlySet<string>
  readonly isEmpty: boolean
  readonly summaryId: string
}

/** The plot as a slider of time: arrow keys move the cursor of all charts, and the numbers there are spoken. */
function PlotArea(props: PlotAreaProps): ReactElement {
  const { spec, series, window, group, marks, hidden, isEmpty, summaryId, onZoom, onZoomBack } = props
  const element = useRef<HTMLDivElement>(null)
  // Of all charts only the one that has the focus speaks: the others are not drawn again at each move.
  const [isFocused, setIsFocused] = useState(false)
  const cursorMs = useStore(isFocused ? group.cursorMs : noCursor)
  const content = useMemo(() => ({ series, window, marks, hidden }), [series, window, marks, hidden])
  const listener = {
    onZoom,
    onZoomBack,
    onWheelZoom: (aroundMs: number, factor: number) => onZoom(zoomWindow(window, aroundMs, factor)),
    onPan: (share: number) => onZoom(panWindow(window, share)),
  }
  useChartPlot({ element, spec, group, listener, content })
  useEffect(() => () => group.pointAt(null), [group])
  const atMs = cursorMs ?? window.toMs
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = keyMove(event, { window, atMs, timesMs: series.timesMs })
    if (!move) return
    event.preventDefault()
    if (move.kind === 'point') group.pointAt(move.atMs)
    else if (move.kind === 'zoom') onZoom(move.window)
    else onZoomBack()
  }
  const time = clockTime(atMs)
  return (
    <div className={styles['place']}>
      <div
        ref={element}
        className={styles['plot']}
        role="slider"
        tabIndex={0}
        aria-label={`${spec.title}: moment`}
        aria-describedby={summaryId}
        aria-valuemin={Math.round(window.fromMs / 1_000)}
        aria-valuemax={Math.round(window.toMs / 1_000)}
        aria-valuenow={Math.round(atMs / 1_000)}
        aria-valuetext={`${time}: ${wordsAt(spec, series, atMs)}`}
        onKeyDown={onKeyDown}
        onFocus={() => setIsFocused(true)}
        onBlur={() => {
          setIsFocused(false)
          group.pointAt(null)
        }}
      />
      {isEmpty ? (
        <p className={styles['empty']}>{props.emptyWords ?? 'Nothing was recorded in this time'}</p>
      ) : null}
    </div>
  )
}
