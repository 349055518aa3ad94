/**
 * The trial of a console, below the editor: what is being done, what the script would change, and applying it. Shows;
 * the state tries and applies.
 */

import { Check, CircleSlash, Copy, FlaskConical, TriangleAlert } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components'
import type { TryReport } from '../../contract/try-report.ts'
import type { TabTrial, TrialPhase } from '../state/tab-trial.ts'
import { useStore, useTick } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { copyText } from '../widgets/copy-text.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { TrialRows } from './trial-rows.tsx'
import { TrialSchema } from './trial-schema.tsx'
import { TrialStatements } from './trial-statements.tsx'
import { TrialSummary } from './trial-summary.tsx'
import {
  appliedWords,
  consequenceWords,
  reportText,
  timeWords,
  trialFraction,
  trialProgressWords,
  verdictWords,
} from './trial-words.ts'
import styles from './trial.module.css'

/** Tenths of a second are shown. */
const tickMs = 100

export function TrialView({ trial }: { readonly trial: TabTrial }): ReactElement {
  const phase = useStore(trial.phase)
  const report = 'report' in phase ? phase.report : null
  if (phase.kind === 'none') {
    return (
      <EmptyState icon={FlaskConical} title="Try a script before you run it">
        <p>It runs on a copy that is thrown away, and you see here what it would change.</p>
      </EmptyState>
    )
  }
  if (phase.kind === 'trying') return <Busy trial={trial} phase={phase} />
  return (
    <div className={styles['view']}>
      {phase.kind === 'applying' ? <Busy trial={trial} phase={phase} /> : null}
      {phase.kind === 'failed' ? <Failure trial={trial} phase={phase} /> : null}
      {phase.kind === 'applied' ? <Applied trial={trial} phase={phase} /> : null}
      {phase.kind === 'tried' ? <Verdict trial={trial} report={phase.report} /> : null}
      {report ? <ReportTabs report={report} trial={trial} /> : null}
    </div>
  )
}

interface BusyProps {
  readonly trial: TabTrial
  readonly phase: Extract<TrialPhase, { kind: 'trying' | 'applying' }>
}

function Busy({ trial, phase }: BusyProps): ReactElement {
  const { clock } = useWorkbench()
  useTick(true, tickMs)
  const words = trialProgressWords(phase.progress, clock.monotonicMs() - phase.startedAtMs)
  return (
    <div className={styles['busy']} data-kind={phase.kind}>
      <div className={styles['bar']}>
        <ProgressBar label={words} fraction={trialFraction(phase.progress)} />
      </div>
      <TextButton onPress={() => trial.cancel()}>Cancel</TextButton>
    </div>
  )
}

interface FailureProps {
  readonly trial: TabTrial
  readonly phase: Extract<TrialPhase, { kind: 'failed' }>
}

/** The trial, or applying, did not come about. */
function Failure({ trial, phase }: FailureProps): ReactElement {
  const { error, report } = phase
  const isStale = error.code === 'conflict' && report !== null
  const isCancelled = error.code === 'cancelled'
  return (
    <NoticeCard
      kind={isCancelled || isStale ? 'warning' : 'failure'}
      actions={
        <>
          <TextButton kind="primary" onPress={() => void trial.again()}>
            Try again
          </TextButton>
          {isStale ? (
            <TextButton onPress={() => void trial.apply({ despiteWrites: true })}>
              Apply all the same
            </TextButton>
          ) : null}
          <TextButton onPress={() => trial.discard()}>Discard</TextButton>
        </>
      }
    >
      <p>{error.message}</p>
    </NoticeCard>
  )
}

interface AppliedProps {
  readonly trial: TabTrial
  readonly phase: Extract<TrialPhase, { kind: 'applied' }>
}

function Applied({ trial, phase }: AppliedProps): ReactElement {
  const { applied } = phase
  const Icon = applied.failure ? TriangleAlert : Check
  return (
    <header className={styles['verdict']} data-tone={applied.failure ? 'bad' : 'good'} role="status">
      <Icon size={16} aria-hidden />
      <div className={styles['words']}>
        <strong>{appliedWords(applied)}</strong>
        {applied.failure ? <span>{applied.failure.error.message}</span> : null}
        {applied.snapshotId === null ? null : (
          <span>A snapshot from before it is in the timeline of this database.</span>
        )}
        {applied.remark === null ? null : <span>{applied.remark}</span>}
      </div>
      <div className={styles['actions']}>
        <TextButton onPress={() => trial.discard()}>Close</TextButton>
      </div>
    </header>
  )
}

function Verdict({ trial, report }: { readonly trial: TabTrial; readonly report: TryReport }): ReactElement {
  const workbench = useWorkbench()
  const Icon = report.wouldSucceed ? Check : CircleSlash
  const otherMode = report.mode === 'script' ? 'transaction' : 'script'
  return (
    <header className={styles['verdict']} data-tone={report.wouldSucceed ? 'good' : 'bad'} role="status">
      <Icon size={16} aria-hidden />
      <div className={styles['words']}>
        <strong>{verdictWords(report)}</strong>
        <span>{consequenceWords(report)}</span>
        <span className={styles['quiet']}>{timeWords(report)}</span>
      </div>
      <div className={styles['actions']}>
        {report.wouldSucceed ? (
          <TextButton kind="primary" onPress={() => void trial.apply({ despiteWrites: false })}>
            {report.fitsOneTransaction ? 'Apply' : 'Apply statement by statement'}
          </TextButton>
        ) : (
          <TextButton kind="primary" onPress={() => void trial.again()}>
            Try again
          </TextButton>
        )}
        {report.fitsOneTransaction ? (
          <TextButton onPress={() => void trial.again(otherMode)}>
            {otherMode === 'transaction' ? 'Try as one transaction' : 'Try statement by statement'}
          </TextButton>
        ) : null}
        <TextButton onPress={() => workbench.attempt(() => copyText(reportText(report)))}>
          <Copy size={14} aria-hidden /> Copy
        </TextButton>
        <TextButton onPress={() => trial.discard()}>Discard</TextButton>
      </div>
    </header>
  )
}

function ReportTabs({
  report,
  trial,
}: {
  readonly report: TryReport
  readonly trial: TabTrial
}): ReactElement {
  const [selected, setSelected] = useState('summary')
  const { objects, tables, statements } = report
  return (
    <Tabs
      className={styles['tabs'] ?? ''}
      selectedKey={selected}
      onSelectionChange={(key) => setSelected(String(key))}
    >
      <TabList className={styles['list'] ?? ''} aria-label="What the script would do">
        <PartTab id="summary" title="Summary" />
        <PartTab id="schema" title="Schema" count={objects.length + report.objectsLeftOut} />
        <PartTab id="rows" title="Rows" count={tables.length + report.tablesLeftOut} />
        <PartTab id="statements" title="Statements" count={report.statementsRun} />
      </TabList>
      <TabPanel id="summary" className={styles['panel'] ?? ''}>
        <TrialSummary report={report} trial={trial} onShow={setSelected} />
      </TabPanel>
      <TabPanel id="schema" className={styles['panel'] ?? ''}>
        <TrialSchema objects={objects} leftOut={report.objectsLeftOut} />
      </TabPanel>
      <TabPanel id="rows" className={styles['panel'] ?? ''}>
        <TrialRows tables={tables} leftOut={report.tablesLeftOut} />
      </TabPanel>
      <TabPanel id="statements" className={styles['panel'] ?? ''}>
        <TrialStatements statements={statements} statementsRun={report.statementsRun} trial={trial} />
      </TabPanel>
    </Tabs>
  )
}

interface PartTabProps {
  readonly id: string
  readonly title: string
  readonly count?: number
}

function PartTab({ id, title, count }: PartTabProps): ReactElement {
  return (
    <Tab id={id} className={styles['tab'] ?? ''}>
      {title}
      {count === undefined ? null : <span className={styles['count']}>{count.toLocaleString('en')}</span>}
    </Tab>
  )
}
