/** Who has the database, who waits for it, since when and with which statement; what can be cancelled is. */

import { Hourglass } from 'lucide-react'
import { useEffect, useState, type ReactElement } from 'react'
import type { WaitParty } from '../../contract/insight.ts'
import { useStore, useTick } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { formatDuration } from '../widgets/number-format.ts'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { InsightFailure } from './insight-place.tsx'
import { oneLine } from './statement-words.ts'
import styles from './dashboard.module.css'
import tableStyles from './statements.module.css'

export function InsightWaits({ instanceId }: { readonly instanceId: string | null }): ReactElement | null {
  const { insight } = useWorkbench().dashboard
  const { waits, error } = useStore(insight.waits)
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    if (instanceId === null) return undefined
    const watching = insight.watchWaits(instanceId)
    return () => watching.dispose()
  }, [insight, instanceId, attempt])
  useTick(waits !== null && waits.holders.length > 0, 1_000)
  if (instanceId === null) return null
  if (error) {
    const onRetry = (): void => setAttempt(attempt + 1)
    return (
      <div className={styles['overview']}>
        <InsightFailure {...{ instanceId, error, onRetry }} />
      </div>
    )
  }
  if (!waits) return <ProgressBar label="Looking who waits" />
  const { holders, waiters, leftOut } = waits
  return (
    <div className={styles['overview']}>
      <section className={styles['section']} aria-label="Who has it">
        <h2 className={styles['sectionTitle']}>Who has it</h2>
        {holders.length === 0 ? (
          <EmptyState icon={Hourglass} title="Nobody runs anything">
            <p>
              Whoever runs a statement, or has a transaction open, stands here; whoever waits for it, below.
            </p>
          </EmptyState>
        ) : (
          <Parties label="Who has it" parties={holders.map((who) => ({ who, behind: stateOf(who) }))} />
        )}
      </section>
      {waiters.length === 0 ? null : (
        <section className={styles['section']} aria-label="Who waits">
          <header className={styles['sectionHead']}>
            <h2 className={styles['sectionTitle']}>Who waits</h2>
            <span className={styles['quiet']}>{waiters.length + leftOut}</span>
          </header>
          <Parties
            label="Who waits"
            parties={waiters.map(({ who, behind, for: what }) => ({
              who,
              behind: `for ${what}${behind.length > 0 ? `, behind ${behind.join(', ')}` : ''}`,
            }))}
          />
        </section>
      )}
    </div>
  )
}

function stateOf({ isRunning, transaction }: WaitParty): string {
  if (isRunning) return transaction === 'none' ? 'runs' : 'runs, in a transaction'
  return transaction === 'failed' ? 'failed transaction' : 'open transaction, does nothing'
}

interface PartiesProps {
  readonly label: string
  readonly parties: readonly { readonly who: WaitParty; readonly behind: string }[]
}

function Parties({ label, parties }: PartiesProps): ReactElement {
  const workbench = useWorkbench()
  const nowMs = workbench.clock.nowMs()
  return (
    <div className={tableStyles['tablePlace']}>
      <table className={tableStyles['table']} aria-label={label}>
        <thead>
          <tr>
            {['Statement', 'Who', 'State', 'For', ''].map((title) => (
              <th key={title} scope="col" className={tableStyles['column']}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {parties.map(({ who, behind }, index) => (
            <tr key={`${who.sessionId ?? who.clientId ?? who.processId ?? who.title} ${index}`}>
              <td className={`${tableStyles['cell']} ${tableStyles['text']}`}>
                <span title={who.statement ?? ''}>{oneLine(who.statement ?? '–')}</span>
              </td>
              <td className={tableStyles['cell']}>{who.title}</td>
              <td className={tableStyles['cell']}>{behind}</td>
              <td className={tableStyles['cell']}>
                {who.sinceMs === null ? '–' : formatDuration(Math.max(0, nowMs - who.sinceMs))}
              </td>
              <td className={tableStyles['cell']}>
                <CancelButton who={who} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Of another window's consoles nothing can be ended from here. */
function CancelButton({ who }: { readonly who: WaitParty }): ReactElement | null {
  const workbench = useWorkbench()
  const { consoles, endpoint } = workbench
  const attempt = (action: () => Promise<unknown>): void => workbench.attempt(action)
  const { clientId, sessionId } = who
  const isHeldIdle = !who.isRunning && who.transaction !== 'none'
  if (clientId !== null) {
    return isHeldIdle ? (
      <TextButton kind="danger" onPress={() => attempt(() => endpoint.feed.disconnect(clientId))}>
        Disconnect
      </TextButton>
    ) : (
      <TextButton onPress={() => attempt(() => endpoint.feed.cancel(clientId))}>Cancel</TextButton>
    )
  }
  const tab = consoles.tabs.value.find(({ session }) => session.value?.sessionId === sessionId)
  if (!tab || sessionId === null) return null
  if (isHeldIdle) return <TextButton onPress={() => consoles.activate(tab.id)}>Show</TextButton>
  return <TextButton onPress={() => attempt(() => tab.cancel())}>Cancel</TextButton>
}
