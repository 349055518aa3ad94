/** All statements that ran in the time that is looked at, and the slow ones of late; or one of them in detail. */

import { ListX, ScrollText } from 'lucide-react'
import { useEffect, type ReactElement } from 'react'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import type { StatementRows } from '../state/statement-list.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { SearchBox } from '../widgets/search-box.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { SlowStatements } from './slow-statements.tsx'
import { StatementDetail } from './statement-detail.tsx'
import { StatementTable } from './statement-table.tsx'
import { countText, shortMs } from './statement-words.ts'
import styles from './dashboard.module.css'

export function StatementsPart(): ReactElement {
  const { statements } = useWorkbench().dashboard
  const selected = useStore(statements.selected)
  useEffect(() => {
    const looking = statements.look()
    return () => looking.dispose()
  }, [statements])
  if (selected) return <StatementDetail statement={selected} />
  return (
    <div className={styles['overview']}>
      <ListFailure />
      <StatementListing />
      <SlowStatements />
    </div>
  )
}

function ListFailure(): ReactElement | null {
  const { statements } = useWorkbench().dashboard
  const error = useStore(statements.error)
  if (!error) return null
  return (
    <NoticeCard
      kind="failure"
      actions={<TextButton onPress={() => statements.refresh()}>Try again</TextButton>}
    >
      <p>{error.message}</p>
    </NoticeCard>
  )
}

function StatementListing(): ReactElement {
  const { dashboard } = useWorkbench()
  const { statements, question } = dashboard
  const list = useStore(statements.rows)
  const search = useStore(statements.search)
  return (
    <section className={styles['section']} aria-label="All statements">
      <header className={styles['sectionHead']}>
        <h2 className={styles['sectionTitle']}>Statements</h2>
        <span className={styles['quiet']}>{list ? totalsWords(list) : ''}</span>
        <span className={styles['space']} />
        <SearchBox
          label="Search statements"
          placeholder="Search in their texts"
          value={search}
          className={styles['search']}
          onChange={(text) => statements.setSearch(text)}
        />
        <TextButton onPress={() => question.set('reset')}>
          <ListX size={14} aria-hidden /> Forget…
        </TextButton>
      </header>
      <Rows list={list} isSearched={search !== ''} />
    </section>
  )
}

interface RowsProps {
  readonly list: StatementRows | null
  readonly isSearched: boolean
}

function Rows({ list, isSearched }: RowsProps): ReactElement {
  const { statements, monitor } = useWorkbench().dashboard
  const order = useStore(statements.order)
  const settings = useStore(monitor.statistics)
  if (!list) return <ProgressBar label="Reading what has run" />
  if (list.rows.length === 0) {
    return (
      <EmptyState
        icon={ScrollText}
        title={isSearched ? 'No statement has that in its text' : 'No statement ran in this time'}
      >
        <p>
          {settings?.isOn === false
            ? 'Statements are not counted: turn that on in the settings above.'
            : 'Whatever consoles and programs run appears here: how often, how long, for whom.'}
        </p>
      </EmptyState>
    )
  }
  return (
    <StatementTable
      rows={list.rows}
      totals={list.totals}
      order={order}
      onOrder={(chosen) => statements.setOrder(chosen)}
      onOpen={(key) => statements.select(key)}
    />
  )
}

function totalsWords({ rows, statementCount, totals }: StatementRows): string {
  const shown =
    rows.length < statementCount ? `${rows.length} of ${countText(statementCount)}` : statementCount
  return `${shown} · ${countText(totals.calls)} calls · ${shortMs(totals.totalMs)} · ${countText(totals.errors)} errors`
}
