/** The few statements that take most of the time, at the end of the overview. */

import { useEffect, type ReactElement } from 'react'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { TextButton } from '../widgets/text-button.tsx'
import { StatementTable } from './statement-table.tsx'
import styles from './dashboard.module.css'

const shownMax = 5

export function TopStatements(): ReactElement | null {
  const { view, statements } = useWorkbench().dashboard
  const list = useStore(statements.rows)
  const order = useStore(statements.order)
  useEffect(() => {
    const looking = statements.look()
    return () => looking.dispose()
  }, [statements])
  if (!list || list.rows.length === 0) return null
  return (
    <section className={styles['section']} aria-label="Top statements">
      <header className={styles['sectionHead']}>
        <h2 className={styles['sectionTitle']}>Top statements</h2>
        <TextButton onPress={() => view.tab.set('statements')}>All statements</TextButton>
      </header>
      <StatementTable
        rows={list.rows.slice(0, shownMax)}
        totals={list.totals}
        order={order}
        onOpen={(key) => {
          statements.select(key)
          view.tab.set('statements')
        }}
      />
    </section>
  )
}
