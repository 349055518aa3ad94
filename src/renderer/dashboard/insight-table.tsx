/** Rows that are all here, as a table that sorts by any column. */

import { useState, type ReactElement } from 'react'
import { Cell, Column, Row, Table, TableBody, TableHeader, type SortDescriptor } from 'react-aria-components'
import { classes } from '../widgets/class-names.ts'
import { SortedTitle } from '../widgets/sorted-title.tsx'
import styles from './statements.module.css'

export interface InsightColumn<T> {
  readonly id: string
  readonly title: string
  /** What is sorted by: texts from A first, numbers from the largest. null is last. */
  value(row: T): string | number | null
  /** What is shown; unless given, the value. */
  text?(row: T): string
}

interface InsightTableProps<T> {
  readonly label: string
  readonly columns: readonly InsightColumn<T>[]
  readonly rows: readonly T[]
  keyOf(row: T): string
}

export function InsightTable<T>({ label, columns, rows, keyOf }: InsightTableProps<T>): ReactElement {
  const [sort, setSort] = useState<SortDescriptor | null>(null)
  const sorting = columns.find(({ id }) => id === sort?.column)
  const shown = sorting && sort ? sorted(rows, sorting, sort.direction === 'ascending') : rows
  const [first] = columns
  const firstSort = ({ column }: SortDescriptor): SortDescriptor => {
    const chosen = columns.find(({ id }) => id === column)
    return { column, direction: chosen && isNumber(chosen, rows) ? 'descending' : 'ascending' }
  }
  return (
    <div className={styles['tablePlace']}>
      <Table
        className={styles['table'] ?? ''}
        aria-label={label}
        {...(sort ? { sortDescriptor: sort } : {})}
        onSortChange={(wanted) => setSort(wanted.column === sort?.column ? wanted : firstSort(wanted))}
      >
        <TableHeader>
          {columns.map((column) => (
            <Column
              key={column.id}
              id={column.id}
              allowsSorting
              isRowHeader={column === first}
              className={classes(styles['column'], isNumber(column, rows) && styles['number'])}
            >
              {({ sortDirection }) => <SortedTitle title={column.title} direction={sortDirection} />}
            </Column>
          ))}
        </TableHeader>
        <TableBody items={shown.map((row) => ({ id: keyOf(row), row }))}>
          {({ id, row }) => (
            <Row id={id} className={styles['row'] ?? ''}>
              {columns.map((column) => (
                <Cell key={column.id} className={cellClass(column, rows, column === first)}>
                  <span title={column === first ? textOf(column, row) : undefined}>
                    {textOf(column, row)}
                  </span>
                </Cell>
              ))}
            </Row>
          )}
        </TableBody>
      </Table>
    </div>
  )
}

function cellClass<T>(column: InsightColumn<T>, rows: readonly T[], isFirst: boolean): string {
  return classes(styles['cell'], isFirst && styles['text'], isNumber(column, rows) && styles['number'])
}

function isNumber<T>(column: InsightColumn<T>, rows: readonly T[]): boolean {
  return rows.some((row) => typeof column.value(row) === 'number')
}

function textOf<T>(column: InsightColumn<T>, row: T): string {
  const value = column.value(row)
  if (value === null) return '–'
  if (column.text) return column.text(row)
  return typeof value === 'number' ? value.toLocaleString('en') : value
}

function sorted<T>(rows: readonly T[], column: InsightColumn<T>, isAscending: boolean): T[] {
  const sign = isAscending ? 1 : -1
  return [...rows].sort((a, b) => {
    const [one, other] = [column.value(a), column.value(b)]
    // What is not known is last either way.
    if (one === null || other === null) return Number(one === null) - Number(other === null)
    if (typeof one === 'number' && typeof other === 'number') return sign * (one - other)
    return sign * String(one).localeCompare(String(other))
  })
}
