/**
 * Below the editor: the results of the last run and the pinned ones, its messages, and what runs now. The old
 * results stay, dimmed, until new rows are there.
 */

import { Table2 } from 'lucide-react'
import type { KeyboardEvent, ReactElement, ReactNode } from 'react'
import type { ConsoleTab } from '../state/console-tab.ts'
import type { ResultState } from '../state/result-state.ts'
import { trialPaneId, type TrialPhase } from '../state/tab-trial.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { printCombination } from '../widgets/key-combination.ts'
import { isCancel } from './error-fields.ts'
import { MessagesView } from './messages-view.tsx'
import { ResultTabs, messagesPaneId, type ResultTab, type TrialTabState } from './result-tabs.tsx'
import { ResultView } from './result-view.tsx'
import { RunStatus } from './run-status.tsx'
import { TrialView } from './trial-view.tsx'
import styles from './results.module.css'

/** Draws the rows of a result; null draws none. */
export type RenderRows = (result: ResultState | null, label: string) => ReactNode

interface ResultsAreaProps {
  readonly tab: ConsoleTab
  readonly renderRows: RenderRows
}

export function ResultsArea({ tab, renderRows }: ResultsAreaProps): ReactElement {
  const { trials } = useWorkbench()
  const trial = trials.of(tab)
  const trialTab = trialTabState(useStore(trial.phase))
  const { results, isStale } = useStore(tab.shown)
  const pinned = useStore(tab.pinned)
  const messages = useStore(tab.messages)
  const frontPane = useStore(tab.frontPane)
  const isRunning = useStore(tab.progress).phase !== 'idle'
  const tabs = resultTabs(pinned, results)
  const front = tabs.find(({ result }) => result.id === frontPane) ?? null
  const isTrial = trialTab !== null && frontPane === trialPaneId
  const frontId = isTrial ? trialPaneId : (front?.result.id ?? messagesPaneId)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented || !(tab.isRunning || trial.isBusy)) return
    event.preventDefault()
    if (trial.isBusy) trial.cancel()
    else void tab.cancel()
  }
  const isPast = isStale && front !== null && !pinned.includes(front.result)
  return (
    <section className={styles['area']} data-area="results" aria-label="Results" onKeyDown={onKeyDown}>
      <header className={styles['header']}>
        <ResultTabs
          tabs={tabs}
          frontId={frontId}
          trial={trialTab}
          messageCount={messages.length}
          hasError={messages.some((message) => message.kind === 'failed' && !isCancel(message.error))}
          onShow={(paneId) => tab.frontPane.set(paneId)}
          onPin={({ result, isPinned }) => (isPinned ? tab.unpin(result) : tab.pin(result))}
        />
        <RunStatus tab={tab} />
      </header>
      <div className={styles['body']}>
        <div className={styles['pane']} hidden={front === null} role="tabpanel" aria-label={front?.title}>
          <ResultView
            result={front?.result ?? null}
            isStale={isPast}
            onRefresh={(result) => void tab.refresh(result)}
            rows={renderRows(front?.result ?? null, front?.title ?? 'Result')}
          />
        </div>
        {isTrial ? (
          <div className={styles['pane']} role="tabpanel" aria-label="Try">
            <TrialView trial={trial} />
          </div>
        ) : null}
        {front || isTrial ? null : (
          <div className={styles['pane']} role="tabpanel" aria-label="Messages" data-stale={isStale}>
            {messages.length > 0 ? <MessagesView messages={messages} /> : <Nothing isRunning={isRunning} />}
          </div>
        )}
      </div>
    </section>
  )
}

function trialTabState(phase: TrialPhase): TrialTabState | null {
  switch (phase.kind) {
    case 'none':
      return null
    case 'trying':
    case 'applying':
      return 'busy'
    case 'tried':
      return phase.report.wouldSucceed ? 'good' : 'bad'
    case 'applied':
      return phase.applied.failure === null ? 'done' : 'bad'
    case 'failed':
      return 'stopped'
  }
}

/** Pinned results of earlier runs first, then those of the last run in their order. */
function resultTabs(pinned: readonly ResultState[], results: readonly ResultState[]): ResultTab[] {
  const kept = pinned.filter((result) => !results.includes(result))
  return [
    ...kept.map((result, at) => ({ result, title: `Pinned ${at + 1}`, isPinned: true })),
    ...results.map((result, at) => {
      return { result, title: `Result ${at + 1}`, isPinned: pinned.includes(result) }
    }),
  ]
}

function Nothing({ isRunning }: { readonly isRunning: boolean }): ReactElement {
  if (isRunning) return <EmptyState title="Rows and messages appear here as they arrive" />
  return (
    <EmptyState icon={Table2} title="Results appear here">
      <p>
        <kbd>{printCombination('Mod+Enter')}</kbd> runs the selection, or the statement under the caret;{' '}
        <kbd>{printCombination('Mod+Shift+Enter')}</kbd> runs everything.
      </p>
    </EmptyState>
  )
}
