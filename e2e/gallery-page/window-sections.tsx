/** What the window says of itself, in the gallery: tabs and runs in every state, a host that is away, failures. */

import type { ReactElement } from 'react'
import { systemClock } from '../../src/base/clock.ts'
import { ConnectionBanner } from '../../src/renderer/app/connection-banner.tsx'
import { TabButton } from '../../src/renderer/app/tab-button.tsx'
import type { ConnectionStatus } from '../../src/renderer/client/workbench-client.ts'
import { RunStatus } from '../../src/renderer/console/run-status.tsx'
import { FailureNotice } from '../../src/renderer/explorer/failure-notice.tsx'
import { idleProgress, type RunProgress } from '../../src/renderer/state/console-model.ts'
import { ConsoleTab } from '../../src/renderer/state/console-tab.ts'
import { ResultBudget } from '../../src/renderer/state/result-budget.ts'
import { WorkbenchContext } from '../../src/renderer/state/workbench-context.ts'
import { TextButton } from '../../src/renderer/widgets/text-button.tsx'
import { GallerySection, nothing } from './gallery-section.tsx'
import { hostlessClient, hostlessWorkbench } from './hostless-workbench.ts'

const startedAtMs = systemClock.monotonicMs() - 1_234

interface TabState {
  readonly progress?: Partial<RunProgress>
  readonly transaction?: 'idle' | 'open' | 'failed'
}

function consoleTab(title: string, { progress, transaction = 'idle' }: TabState = {}): ConsoleTab {
  const tab = new ConsoleTab({
    client: hostlessClient(),
    clock: systemClock,
    budget: new ResultBudget(),
    tab: { id: title, title, instanceId: 'none', textLength: 0, version: 0, cursorOffset: 0 },
  })
  if (progress) tab.progress.set({ ...idleProgress, startedAtMs, ...progress })
  tab.session.set({
    ...{ sessionId: title, instanceId: 'none', title, activity: 'idle' },
    ...{ transaction, waitingFor: null, wasReset: false, resetReason: null },
  })
  return tab
}

const waiting = { phase: 'waiting', holder: 'console 2' } as const
const tabs = [
  consoleTab('idle'),
  consoleTab('in a transaction', { transaction: 'open' }),
  consoleTab('in a failed transaction', { transaction: 'failed' }),
  consoleTab('opening', { progress: { phase: 'opening' } }),
  consoleTab('waiting', { progress: waiting }),
  consoleTab('waiting for a transaction', { progress: { ...waiting, isHolderInTransaction: true } }),
  consoleTab('running', {
    progress: { phase: 'running', statementIndex: 2, statementCount: 5, rowCount: 1_234_567 },
  }),
  consoleTab('cancelling', { progress: { phase: 'cancelling' } }),
]

/** As it is stored by a host that cannot write: the edit that it does not take stays in the window. */
const unstored = consoleTab('not stored')
unstored.didEdit([{ offset: 0, deleted: 0, inserted: 'select 1' }])

const connections: readonly ConnectionStatus[] = [
  { kind: 'connecting', attempt: 2 },
  { kind: 'waiting', reason: 'Wardian does not answer', retryAtMs: systemClock.monotonicMs() + 4_000 },
  { kind: 'refused', reason: 'This window is not logged in to Wardian' },
]

export function WindowSections(): ReactElement {
  return (
    <>
      <GallerySection title="Console tab" isWide>
        <div role="tablist" aria-label="Consoles" className="items">
          {[...tabs, unstored].map((tab, at) => (
            <TabButton
              {...{ tab, isActive: at === 0, isRenaming: false, onActivate: nothing, onClose: nothing }}
              {...{ onRename: nothing, onContextMenu: nothing, onDropTab: nothing }}
              key={tab.id}
            />
          ))}
          <TabButton
            {...{ tab: consoleTab('renaming'), isActive: false, isRenaming: true, onActivate: nothing }}
            {...{ onClose: nothing, onRename: nothing, onContextMenu: nothing, onDropTab: nothing }}
          />
        </div>
      </GallerySection>
      <GallerySection title="Run status" isWide>
        {tabs.map((tab) => (
          <RunStatus key={tab.id} tab={tab} />
        ))}
      </GallerySection>
      <GallerySection title="Connection banner" isWide>
        {connections.map((connection) => (
          <div key={connection.kind} style={{ width: '100%' }}>
            <WorkbenchContext value={hostlessWorkbench(connection)}>
              <ConnectionBanner />
            </WorkbenchContext>
          </div>
        ))}
      </GallerySection>
      <GallerySection title="Failure notice">
        <FailureNotice
          title="playground could not be opened"
          reason="could not open file /srv/wardian/instances/playground/data/global/pg_control: restore it"
        >
          <TextButton kind="primary">Try again</TextButton>
        </FailureNotice>
      </GallerySection>
    </>
  )
}
