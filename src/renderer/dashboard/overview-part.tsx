/** The overview: the numbers of now, and charts of everything over time, which share cursor and zoom. */

import { Activity } from 'lucide-react'
import { useEffect, useMemo, useState, type ReactElement } from 'react'
import type { WireError } from '../../contract/error.ts'
import { isOn } from './recording.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import type { FeedContent } from '../state/series-feed.ts'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { ChartGroup } from './chart-group.ts'
import type { ChartMark } from './chart-model.ts'
import { HeadNumbers } from './head-numbers.tsx'
import { sectionsFor, type ChartSection, type ChartSource } from './overview-charts.ts'
import { TimeChart } from './time-chart.tsx'
import { marksOf } from './threshold-marks.ts'
import { TopStatements } from './top-statements.tsx'
import { useQuiet } from './use-quiet.ts'
import styles from './dashboard.module.css'

export function OverviewPart({ instanceId }: { readonly instanceId: string | null }): ReactElement {
  const { dashboard, instances } = useWorkbench()
  const { view, monitor } = dashboard
  useStore(instances.instances)
  const isElsewhere = instances.find(instanceId)?.storage === 'remote'
  const statements = useQuiet(useStore(view.statements.content))
  const resources = useStore(view.resources.content)
  const contents = useMemo(() => ({ statements, resources }), [statements, resources])
  const settings = useStore(monitor.settings)
  const unknown = useStore(monitor.error)
  const [group] = useState(() => new ChartGroup())
  useEffect(() => () => group.rest(), [group])
  const sections = sectionsFor(instanceId, isElsewhere)
  const marks = useMemo(() => marksOf(settings?.thresholds ?? [], instanceId), [settings, instanceId])
  return (
    <div className={styles['overview']}>
      <RecordingNotices />
      <FailureNotices contents={contents} unknown={unknown} />
      {isElsewhere ? <ElsewhereNotice /> : null}
      <HeadNumbers {...{ instanceId, isElsewhere, contents, group }} />
      {sections.map((section) => (
        <Charts key={section.title} {...{ section, contents, group, marks }} />
      ))}
      <TopStatements />
    </div>
  )
}

/** Its memory, processor and disk are not this machine's. */
function ElsewhereNotice(): ReactElement {
  return (
    <p className={styles['note']}>
      This server is elsewhere: what its machine uses is not measured here. Counted are the statements that
      consoles and commands of Wardian run on it.
    </p>
  )
}

interface ChartsProps {
  readonly section: ChartSection
  readonly contents: Readonly<Record<ChartSource, FeedContent>>
  readonly group: ChartGroup
  readonly marks: ReadonlyMap<string, readonly ChartMark[]>
}

function Charts({ section, contents, group, marks }: ChartsProps): ReactElement {
  const { view } = useWorkbench().dashboard
  const window = useStore(view.window)
  return (
    <section className={styles['section']} aria-label={section.title}>
      <h2 className={styles['sectionTitle']}>{section.title}</h2>
      <div className={styles['charts']}>
        {section.charts.map((chart) => (
          <TimeChart
            key={chart.id}
            spec={chart}
            series={contents[chart.source].series}
            isStale={!contents[chart.source].isCurrent}
            {...{ window, group }}
            {...(marks.get(chart.id) ? { marks: marks.get(chart.id) ?? [] } : {})}
            emptyWords={emptyWords(chart.source, contents[chart.source])}
            onZoom={(to) => view.zoom(to)}
            onZoomBack={() => view.zoomBack()}
          />
        ))}
      </div>
    </section>
  )
}

/** What is said in a chart without a number. */
function emptyWords(source: ChartSource, { error, isCurrent }: FeedContent): string {
  if (error) return 'Could not be read'
  if (!isCurrent) return 'Reading…'
  return source === 'statements' ? 'No statement ran in this time' : 'Not measured in this time'
}

/** Says so where nothing is counted or measured, with the way to change that. */
function RecordingNotices(): ReactElement | null {
  const workbench = useWorkbench()
  const { monitor } = workbench.dashboard
  const settings = useStore(monitor.settings)
  const statistics = useStore(monitor.statistics)
  const off = isOn({ settings, statistics })
  if (off === 'all') return null
  const turnOn = async (): Promise<void> => {
    if (settings?.isOn === false) await monitor.change({ isOn: true })
    if (statistics?.isOn === false) await monitor.changeStatistics({ isOn: true })
  }
  const what = {
    none: 'Nothing is measured',
    resources: 'Statements are not counted',
    statements: 'Resources are not measured',
  }
  return (
    <NoticeCard
      kind="warning"
      actions={
        <TextButton onPress={() => workbench.attempt(turnOn)}>
          <Activity size={14} aria-hidden /> Turn it on
        </TextButton>
      }
    >
      <p>{`${what[off]}: what is shown ends when it was turned off.`}</p>
    </NoticeCard>
  )
}

/** What could not be read, once where both could not for the same reason. */
interface FailureNoticesProps extends Pick<ChartsProps, 'contents'> {
  /** Why settings and alerts are not known. */
  readonly unknown: WireError | null
}

function FailureNotices({ contents, unknown }: FailureNoticesProps): ReactElement {
  const workbench = useWorkbench()
  const messages = new Set(
    [contents.statements.error, contents.resources.error, unknown].flatMap((error) =>
      // What is asked of a server elsewhere and cannot be answered is told apart.
      error && error.code !== 'unsupported' ? [error.message] : [],
    ),
  )
  return (
    <>
      {[...messages].map((message) => (
        <NoticeCard
          key={message}
          kind="failure"
          actions={
            <TextButton onPress={() => workbench.attempt(() => workbench.dashboard.refresh())}>
              Try again
            </TextButton>
          }
        >
          <p>{message}</p>
          <p>What is shown, if anything, was read before.</p>
        </NoticeCard>
      ))}
    </>
  )
}
