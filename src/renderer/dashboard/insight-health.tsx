/** How well a database gets along: its own counters as numbers, and what of them is worth a look. */

import { useEffect, type ReactElement } from 'react'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { healthNumbers, healthRemarks } from './health-words.ts'
import styles from './dashboard.module.css'

/** What goes wrong is told once, where the tables below are read by the same way. */
export function InsightHealth({ instanceId }: { readonly instanceId: string }): ReactElement | null {
  const { health } = useWorkbench().dashboard.insight
  const state = useStore(health.state)
  useEffect(() => {
    const looking = health.look(instanceId)
    return () => looking.dispose()
  }, [health, instanceId])
  const answer = state.instanceId === instanceId ? state.answer : null
  if (!answer) return null
  return (
    <section className={styles['section']} aria-label="Health">
      <header className={styles['sectionHead']}>
        <h2 className={styles['sectionTitle']}>Health</h2>
      </header>
      <dl className={styles['heads']}>
        {healthNumbers(answer).map(({ label, value, detail }) => (
          <div key={label} className={styles['headNumber']}>
            <dt>{label}</dt>
            <dd>
              <strong>{value}</strong>
              <span title={detail}>{detail}</span>
            </dd>
          </div>
        ))}
      </dl>
      {healthRemarks(answer).map((remark) => (
        <NoticeCard key={remark} kind="warning">
          <p>{remark}</p>
        </NoticeCard>
      ))}
    </section>
  )
}
