/** One result: its rows, drawn by whoever is given, and a line that says how complete they are. */

import { Scissors, TriangleAlert } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import type { ResultState } from '../state/result-state.ts'
import { useStore } from '../state/use-store.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { resultWords } from './run-words.ts'
import styles from './results.module.css'

interface ResultViewProps {
  /** Null while messages are in front: the grid stays, so that it remembers each result as it was left. */
  readonly result: ResultState | null
  readonly rows: ReactNode
  readonly isStale: boolean
  /** Runs the statement of a result that was kept again; absent where it cannot be. */
  readonly onRefresh?: (result: ResultState) => void
}

export function ResultView({ result, rows, isStale, onRefresh }: ResultViewProps): ReactElement {
  return (
    <div className={styles['result']} data-stale={isStale} aria-busy={isStale}>
      <div className={styles['rows']}>
        {rows}
        {result ? <NoRows result={result} /> : null}
        {result ? <Discarded result={result} /> : null}
      </div>
      {result ? <Completeness result={result} onRefresh={onRefresh} /> : null}
    </div>
  )
}

/** Columns without rows could be taken for rows that have not come yet. */
function NoRows({ result }: { readonly result: ResultState }): ReactElement | null {
  const outcome = useStore(result.outcome)
  if (outcome?.status !== 'ok' || outcome.rowCount > 0) return null
  return <p className={styles['none']}>No rows</p>
}

function Discarded({ result }: { readonly result: ResultState }): ReactElement | null {
  if (!useStore(result.isDiscarded)) return null
  return (
    <div className={styles['cover']}>
      <EmptyState title="These rows were let go to make room for newer results">
        Run the statement again to see them.
      </EmptyState>
    </div>
  )
}

interface CompletenessProps {
  readonly result: ResultState
  readonly onRefresh: ResultViewProps['onRefresh'] | undefined
}

function Completeness({ result, onRefresh }: CompletenessProps): ReactElement | null {
  const outcome = useStore(result.outcome)
  const isDiscarded = useStore(result.isDiscarded)
  if (!outcome || isDiscarded) return null
  const { status } = outcome
  const Icon = status === 'failed' ? TriangleAlert : Scissors
  return (
    <p className={styles['note']} data-status={status} role="status">
      {status === 'ok' ? null : <Icon size={14} aria-hidden />}
      <span>{resultWords(outcome, result.rowCount)}</span>
      {outcome.cached && onRefresh ? (
        <button type="button" className={styles['again']} onClick={() => onRefresh(result)}>
          Refresh
        </button>
      ) : null}
    </p>
  )
}
