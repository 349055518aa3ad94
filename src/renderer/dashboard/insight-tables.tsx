/** Tables by size: what they hold, what is dead in them, how they are read, and what could be done. */

import type { ReactElement } from 'react'
import type { TableInsight } from '../../contract/insight.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { formatBytes } from '../widgets/number-format.ts'
import { InsightFindings } from './insight-findings.tsx'
import { InsightHealth } from './insight-health.tsx'
import { InsightPlace } from './insight-place.tsx'
import { InsightTable, type InsightColumn } from './insight-table.tsx'
import styles from './dashboard.module.css'

type BytesName = 'totalBytes' | 'heapBytes' | 'indexBytes' | 'toastBytes' | 'bloatBytes'

const bytes = (id: BytesName, title: string): InsightColumn<TableInsight> => ({
  ...{ id, title },
  value: (row) => row[id],
  text: (row) => formatBytes(row[id] ?? 0),
})
const number = (
  id: 'rows' | 'deadRows' | 'sequentialScans' | 'indexScans',
  title: string,
): InsightColumn<TableInsight> => ({ ...{ id, title }, value: (row) => row[id] })

const columns: readonly InsightColumn<TableInsight>[] = [
  { id: 'name', title: 'Table', value: ({ qualifiedName }) => qualifiedName },
  bytes('totalBytes', 'Total'),
  bytes('heapBytes', 'Heap'),
  bytes('indexBytes', 'Indexes'),
  bytes('toastBytes', 'TOAST'),
  number('rows', 'Rows'),
  number('deadRows', 'Dead'),
  bytes('bloatBytes', 'Not needed'),
  number('sequentialScans', 'Read whole'),
  number('indexScans', 'By index'),
  {
    ...{ id: 'hits', title: 'In buffers' },
    value: ({ heapHits, heapReads }) =>
      heapHits + heapReads === 0 ? null : heapHits / (heapHits + heapReads),
    text: ({ heapHits, heapReads }) => `${((100 * heapHits) / (heapHits + heapReads)).toFixed(1)} %`,
  },
]

export function InsightTables({ instanceId }: { readonly instanceId: string | null }): ReactElement | null {
  const { insight } = useWorkbench().dashboard
  if (instanceId === null) return null
  return (
    <InsightPlace feed={insight.tables} instanceId={instanceId} label="Reading the sizes of tables">
      {({ tables, total, findings, databaseBytes, bloatSource }) => (
        <>
          <InsightHealth instanceId={instanceId} />
          <section className={styles['section']} aria-label="Tables">
            <header className={styles['sectionHead']}>
              <h2 className={styles['sectionTitle']}>Tables</h2>
              <span className={styles['quiet']}>
                {`${tables.length < total ? `the largest ${tables.length} of ${total}` : total} · database ` +
                  formatBytes(databaseBytes)}
              </span>
            </header>
            <InsightTable label="Tables" {...{ columns, rows: tables }} keyOf={({ oid }) => String(oid)} />
            <p className={styles['note']}>{`Not needed: ${bloatSource}`}</p>
          </section>
          <InsightFindings {...{ findings, instanceId }} of="tables" />
        </>
      )}
    </InsightPlace>
  )
}
