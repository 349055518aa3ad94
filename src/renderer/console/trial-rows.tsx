/** Which rows would be different: a table each, with its counts and some of its rows before and after. */

import type { ReactElement } from 'react'
import type { TrySample, TryTable } from '../../contract/try-report.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { Unfolding } from './trial-unfolding.tsx'
import { tableSizeWords } from './trial-words.ts'
import styles from './trial.module.css'

/** Tables that are open at first. */
const openMax = 5

const kinds = ['inserted', 'updated', 'deleted'] as const

interface TrialRowsProps {
  readonly tables: readonly TryTable[]
  readonly leftOut: number
}

export function TrialRows({ tables, leftOut }: TrialRowsProps): ReactElement {
  if (tables.length === 0) return <EmptyState title="No row would be different" />
  return (
    <div className={styles['part']}>
      {tables.map((table, index) => (
        <Unfolding key={table.name} isOpenAtFirst={index < openMax} head={<TableHead table={table} />}>
          <Samples table={table} />
        </Unfolding>
      ))}
      {leftOut > 0 ? <p className={styles['quiet']}>{leftOut} more tables are not shown.</p> : null}
    </div>
  )
}

function TableHead({ table }: { readonly table: TryTable }): ReactElement {
  return (
    <>
      <code>{table.name}</code>
      {kinds.map((kind) =>
        table[kind] === 0 ? null : (
          <span key={kind} className={styles['change']} data-change={kind}>
            {table[kind].toLocaleString('en')} {kind}
          </span>
        ),
      )}
      <span className={styles['quiet']}>{tableSizeWords(table)}</span>
    </>
  )
}

function Samples({ table }: { readonly table: TryTable }): ReactElement {
  const { columns, samples, isExact, isRewritten } = table
  return (
    <div className={styles['samples']}>
      {isExact ? null : (
        <p className={styles['quiet']}>
          {isRewritten ? 'The table was written anew' : 'Much of the table was changed'}: its rows could not
          be compared one by one, because they have no key or are too many.
        </p>
      )}
      {samples.length === 0 ? (
        <p className={styles['quiet']}>No rows to show.</p>
      ) : (
        <div className={styles['scroll']} tabIndex={0} role="region" aria-label={`Rows of ${table.name}`}>
          <table className={styles['rows']}>
            <thead>
              <tr>
                <th scope="col">Change</th>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {samples.map((sample, index) => (
                <SampleRow key={`${index}`} sample={sample} columns={columns} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <ShownOf table={table} />
    </div>
  )
}

/** Says that these are some of them. */
function ShownOf({ table }: { readonly table: TryTable }): ReactElement | null {
  const { inserted, updated, deleted, samples } = table
  const total = inserted + updated + deleted
  if (samples.length === 0 || samples.length >= total) return null
  return (
    <p className={styles['quiet']}>
      {samples.length} of {total.toLocaleString('en')} rows are shown.
    </p>
  )
}

interface SampleRowProps {
  readonly sample: TrySample
  readonly columns: readonly string[]
}

function SampleRow({ sample, columns }: SampleRowProps): ReactElement {
  const { change, before, after } = sample
  return (
    <tr data-change={change === 'updated' ? undefined : change}>
      <th scope="row" className={styles['change']} data-change={change}>
        {change}
      </th>
      {columns.map((column, at) => {
        const [old, now] = [before?.[at] ?? null, after?.[at] ?? null]
        const isChanged = before !== null && after !== null && old !== now
        return (
          <td key={column} data-changed={isChanged || undefined}>
            {isChanged ? (
              <>
                <del>{cellText(old)}</del> <ins>{cellText(now)}</ins>
              </>
            ) : (
              <Cell value={after === null ? old : now} />
            )}
          </td>
        )
      })}
    </tr>
  )
}

function Cell({ value }: { readonly value: string | null }): ReactElement {
  if (value === null) return <span className={styles['null']}>NULL</span>
  if (value === '') return <span className={styles['null']}>''</span>
  return <>{value}</>
}

function cellText(value: string | null): string {
  return value === null ? 'NULL' : value === '' ? "''" : value
}
