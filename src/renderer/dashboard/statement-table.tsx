/** Statements as a table that the host sorts; a row opens what is known of it. */

import type { ReactElement } from 'react'
import { Cell, Column, Row, Table, TableBody, TableHeader } from 'react-aria-components'
import type { StatementRow, StatementTotals } from '../../contract/statistics.ts'
import type { StatementKey, StatementOrder } from '../state/statement-list.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { classes } from '../widgets/class-names.ts'
import { SortedTitle } from '../widgets/sorted-title.tsx'
import { Sparkline } from './sparkline.tsx'
import { changeWords, countText, oneLine, shortMs } from './statement-words.ts'
import styles from './statements.module.css'

interface StatementColumn {
  readonly id: string
  readonly title: string
  /** What the host sorts by; null for what it does not. */
  readonly order: StatementOrder | null
}

const columns: readonly StatementColumn[] = [
  { id: 'text', title: 'Statement', order: null },
  { id: 'course', title: 'Over time', order: null },
  { id: 'total', title: 'Total', order: 'totalTime' },
  { id: 'mean', title: 'Mean', order: 'meanTime' },
  { id: 'p95', title: 'p95', order: null },
  { id: 'max', title: 'Longest', order: 'maxTime' },
  { id: 'calls', title: 'Calls', order: 'calls' },
  { id: 'rows', title: 'Rows', order: 'rows' },
  { id: 'growth', title: 'Growth', order: 'growth' },
  { id: 'errors', title: 'Errors', order: 'errors' },
]

interface StatementTableProps {
  readonly rows: readonly StatementRow[]
  readonly totals: StatementTotals
  readonly order: StatementOrder
  /** Not given where it cannot be sorted otherwise. */
  readonly onOrder?: (order: StatementOrder) => void
  readonly onOpen: (key: StatementKey) => void
}

export function StatementTable(props: StatementTableProps): ReactElement {
  const { rows, totals, order, onOrder, onOpen } = props
  const sorted = columns.find((column) => column.order === order)
  return (
    <div className={styles['tablePlace']}>
      <Table
        className={styles['table'] ?? ''}
        aria-label="Statements"
        {...(sorted ? { sortDescriptor: { column: sorted.id, direction: 'descending' as const } } : {})}
        onSortChange={({ column }) => {
          const chosen = columns.find(({ id }) => id === column)?.order
          if (chosen) onOrder?.(chosen)
        }}
        onRowAction={(key) => {
          const row = rows.find((each) => keyOf(each) === key)
          if (row) onOpen({ instanceId: row.instanceId, fingerprint: row.fingerprint })
        }}
      >
        <TableHeader>
          {columns.map(({ id, title, order: sortsBy }) => (
            <Column
              key={id}
              id={id}
              allowsSorting={sortsBy !== null && onOrder !== undefined}
              isRowHeader={id === 'text'}
              className={classes(styles['column'], styles[id])}
            >
              {({ sortDirection }) => <SortedTitle title={title} direction={sortDirection} />}
            </Column>
          ))}
        </TableHeader>
        <TableBody items={rows.map((row) => ({ id: keyOf(row), row }))}>
          {({ id, row }) => (
            <Row id={id} className={styles['row'] ?? ''} textValue={oneLine(row.text)}>
              <StatementCells row={row} totalMs={totals.totalMs} />
            </Row>
          )}
        </TableBody>
      </Table>
    </div>
  )
}

function keyOf({ instanceId, fingerprint }: StatementRow): string {
  return `${instanceId} ${fingerprint}`
}

interface StatementCellsProps {
  readonly row: StatementRow
  readonly totalMs: number
}

function StatementCells({ row, totalMs }: StatementCellsProps): ReactElement {
  const { dashboard, instances } = useWorkbench()
  const isOfAll = dashboard.view.scopeId.value === null
  const share = totalMs > 0 ? row.totalMs / totalMs : 0
  const cell = (id: string, isQuiet = false): string =>
    classes(styles['cell'], styles[id], isQuiet && styles['quiet'])
  return (
    <>
      <Cell className={cell('text')}>
        <span title={row.text}>{oneLine(row.text)}</span>
        {isOfAll ? (
          <span className={styles['where']}>{instances.find(row.instanceId)?.name ?? 'deleted'}</span>
        ) : null}
      </Cell>
      <Cell className={cell('course')}>
        <Sparkline values={row.sparkline} />
      </Cell>
      <Cell className={cell('total')}>
        <span className={styles['share']} aria-hidden>
          <span style={{ width: `${Math.round(share * 100)}%` }} />
        </span>
        <span title={`${(share * 100).toFixed(1)} % of the time of all statements`}>
          {shortMs(row.totalMs)}
        </span>
      </Cell>
      <Cell className={cell('mean')}>{shortMs(row.meanMs)}</Cell>
      <Cell className={cell('p95')}>{shortMs(row.p95Ms)}</Cell>
      <Cell className={cell('max')}>{shortMs(row.maxMs)}</Cell>
      <Cell className={cell('calls')}>{countText(row.calls)}</Cell>
      <Cell className={cell('rows', row.rows === 0)}>{countText(row.rows)}</Cell>
      <Cell className={cell('growth', row.growth <= 0)}>{changeWords(row.growth)}</Cell>
      <Cell className={classes(cell('errors', row.errors === 0), row.errors > 0 && styles['failed'])}>
        {countText(row.errors)}
      </Cell>
    </>
  )
}
