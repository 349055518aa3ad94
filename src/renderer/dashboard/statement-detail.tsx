/** What is known of one statement: its text, its numbers, how it fared over time, who called it, and what it would be
 * like before and after a moment. */

import { ArrowLeft, Copy, ListX, SquareTerminal } from 'lucide-react'
import { useEffect, useState, type KeyboardEvent, type ReactElement } from 'react'
import type { StatementDetails } from '../../contract/statistics.ts'
import type { StatementKey } from '../state/statement-list.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { classes } from '../widgets/class-names.ts'
import { copyText } from '../widgets/copy-text.ts'
import { formatMoment } from '../widgets/number-format.ts'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { CallersSection, ErrorsSection, ExampleSection } from './statement-sections.tsx'
import { ChartGroup } from './chart-group.ts'
import { CompareSection } from './compare-section.tsx'
import { HistogramChart } from './histogram-chart.tsx'
import { statementCharts } from './statement-charts.ts'
import { PlanSection } from './insight-plan.tsx'
import { factsOf } from './statement-words.ts'
import { TimeChart } from './time-chart.tsx'
import { useQuiet } from './use-quiet.ts'
import styles from './dashboard.module.css'
import detailStyles from './statements.module.css'

export function StatementDetail({ statement }: { readonly statement: StatementKey }): ReactElement {
  const { statements } = useWorkbench().dashboard
  const details = useStore(statements.details)
  const error = useStore(statements.error)
  const leave = (): void => statements.select(null)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented || event.target instanceof HTMLInputElement) return
    event.preventDefault()
    leave()
  }
  return (
    <div className={styles['overview']} onKeyDown={onKeyDown}>
      <header className={styles['sectionHead']}>
        <TextButton onPress={leave} autoFocus>
          <ArrowLeft size={14} aria-hidden /> All statements
        </TextButton>
        <span className={styles['space']} />
        {details ? <DetailButtons details={details} statement={statement} /> : null}
      </header>
      {error ? (
        <NoticeCard
          kind={error.code === 'not-found' ? 'warning' : 'failure'}
          actions={<TextButton onPress={() => statements.refresh()}>Try again</TextButton>}
        >
          <p>
            {error.code === 'not-found'
              ? 'It did not run in this time. Look at a longer one.'
              : error.message}
          </p>
        </NoticeCard>
      ) : null}
      {details ? (
        <Known details={details} />
      ) : error ? null : (
        <ProgressBar label="Reading what is known of it" />
      )}
    </div>
  )
}

interface KnownProps {
  readonly details: StatementDetails
}

function Known({ details }: KnownProps): ReactElement {
  const { clock, instances } = useWorkbench()
  const { row } = details
  return (
    <>
      <section className={styles['section']} aria-label="Statement">
        <pre className={detailStyles['statement']} tabIndex={0}>
          {row.text}
        </pre>
        <p className={styles['note']}>
          {`In ${instances.find(row.instanceId)?.name ?? 'a deleted database'}, first seen ` +
            `${formatMoment(row.firstSeenMs, clock.nowMs())}, last ${formatMoment(row.lastSeenMs, clock.nowMs())}`}
        </p>
        <dl className={detailStyles['facts']} aria-label="Numbers">
          {factsOf(row).map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
      <Courses details={details} />
      <div className={styles['columns']}>
        <CallersSection callers={details.callers} />
        <ErrorsSection errorCodes={details.errorCodes} calls={row.calls} />
        <ExampleSection example={details.example} instanceId={row.instanceId} />
      </div>
      <PlanSection statement={row} />
      <CompareSection />
    </>
  )
}

/** Over time, and how its calls are spread over durations. */
function Courses({ details }: KnownProps): ReactElement {
  const { view, statements } = useWorkbench().dashboard
  const window = useStore(view.window)
  const { series, isCurrent } = useQuiet(useStore(statements.series.content))
  const [group] = useState(() => new ChartGroup())
  useEffect(() => () => group.rest(), [group])
  return (
    <div className={classes(styles['charts'], styles['dense'])}>
      {statementCharts.map((spec) => (
        <TimeChart
          key={spec.id}
          isStale={!isCurrent}
          {...{ spec, series, window, group }}
          onZoom={(to) => view.zoom(to)}
          onZoomBack={() => view.zoomBack()}
        />
      ))}
      <HistogramChart histogram={details.histogram} row={details.row} />
    </div>
  )
}

interface DetailButtonsProps extends KnownProps {
  readonly statement: StatementKey
}

function DetailButtons({ details, statement }: DetailButtonsProps): ReactElement {
  const workbench = useWorkbench()
  const { text } = details.example ?? details.row
  const open = async (): Promise<void> => {
    await workbench.switchInstance(statement.instanceId)
    await workbench.newTab(text)
    workbench.consoles.editor.focus()
  }
  return (
    <>
      <TextButton onPress={() => workbench.attempt(() => copyText(details.row.text))}>
        <Copy size={14} aria-hidden /> Copy
      </TextButton>
      <TextButton onPress={() => workbench.attempt(open)}>
        <SquareTerminal size={14} aria-hidden /> Open in a console
      </TextButton>
      <TextButton
        kind="danger"
        onPress={() => workbench.attempt(() => workbench.dashboard.statements.reset(statement))}
      >
        <ListX size={14} aria-hidden /> Forget it
      </TextButton>
    </>
  )
}
