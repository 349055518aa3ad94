/** Indexes by size, who uses them, and which are double, unused, broken or missing. */

import type { ReactElement } from 'react'
import type { IndexInsight } from '../../contract/insight.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { formatBytes } from '../widgets/number-format.ts'
import { InsightFindings } from './insight-findings.tsx'
import { InsightPlace } from './insight-place.tsx'
import { InsightTable, type InsightColumn } from './insight-table.tsx'
import styles from './dashboard.module.css'

const columns: readonly InsightColumn<IndexInsight>[] = [
  { id: 'definition', title: 'Index', value: ({ definition }) => definition },
  { id: 'bytes', title: 'Size', value: (row) => row.bytes, text: (row) => formatBytes(row.bytes) },
  {
    ...{ id: 'bloat', title: 'Not needed', value: ({ bloatBytes }) => bloatBytes },
    text: ({ bloatBytes }) => formatBytes(bloatBytes ?? 0),
  },
  { id: 'scans', title: 'Used', value: ({ scans }) => scans },
  { id: 'rowsRead', title: 'Entries read', value: ({ rowsRead }) => rowsRead },
  { id: 'kind', title: 'Kind', value: kindOf },
]

export function InsightIndexes({ instanceId }: { readonly instanceId: string | null }): ReactElement | null {
  const { insight } = useWorkbench().dashboard
  if (instanceId === null) return null
  return (
    <InsightPlace feed={insight.indexes} instanceId={instanceId} label="Reading which indexes are used">
      {({ indexes, total, findings }) => (
        <>
          <InsightFindings {...{ findings, instanceId }} of="indexes" />
          <section className={styles['section']} aria-label="Indexes">
            <header className={styles['sectionHead']}>
              <h2 className={styles['sectionTitle']}>Indexes</h2>
              <span className={styles['quiet']}>
                {indexes.length < total ? `the largest ${indexes.length} of ${total}` : total}
              </span>
            </header>
            <InsightTable label="Indexes" {...{ columns, rows: indexes }} keyOf={({ oid }) => String(oid)} />
          </section>
        </>
      )}
    </InsightPlace>
  )
}

function kindOf({ isPrimary, isUnique, isValid, method }: IndexInsight): string {
  if (!isValid) return 'not valid'
  if (isPrimary) return 'primary key'
  return isUnique ? `unique ${method}` : method
}
