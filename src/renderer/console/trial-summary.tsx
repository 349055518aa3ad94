/** A trial at a glance: what went wrong, what to know, and everything that would be different, a line each. */

import type { ReactElement } from 'react'
import type { TryReport, TryTable } from '../../contract/try-report.ts'
import type { TabTrial } from '../state/tab-trial.ts'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { ErrorCard } from './error-card.tsx'
import { failureMark } from './trial-place.ts'
import { tableSizeWords } from './trial-words.ts'
import styles from './trial.module.css'

interface TrialSummaryProps {
  readonly report: TryReport
  readonly trial: TabTrial
  readonly onShow: (part: string) => void
}

/** Lines of each part; the others are on the part's own page. */
const linesMax = 12

export function TrialSummary({ report, trial, onShow }: TrialSummaryProps): ReactElement {
  const { failure, remarks, statements, objects, tables, sequences } = report
  const outside = statements.filter((statement) => statement.outside !== null)
  return (
    <div className={styles['summary']}>
      {failure ? (
        <ErrorCard
          error={failure.error}
          statement={failure.statement}
          mark={trial.request ? failureMark(trial.request, failure) : null}
          title={`Line ${failure.line}, column ${failure.column}`}
        />
      ) : null}
      {remarks.length + outside.length === 0 ? null : (
        <NoticeCard kind="warning">
          {remarks.map((remark) => (
            <p key={remark}>{remark}</p>
          ))}
          {outside.slice(0, linesMax).map(({ index, outside: what }) => (
            <p key={index}>
              Statement {index + 1} {what}.
            </p>
          ))}
        </NoticeCard>
      )}
      <Part
        title="Rows"
        isEmpty={tables.length === 0}
        empty="No row would be different."
        onMore={() => onShow('rows')}
      >
        <RowCounts tables={tables.slice(0, linesMax)} />
      </Part>
      <Part
        title="Schema"
        isEmpty={objects.length === 0}
        empty="The schema would stay as it is."
        onMore={() => onShow('schema')}
      >
        <ul className={styles['lines']}>
          {objects.slice(0, linesMax).map(({ kind, name, change }) => (
            <li key={`${kind} ${name}`}>
              <span className={styles['change']} data-change={change}>
                {change}
              </span>{' '}
              {kind} <code>{name}</code>
            </li>
          ))}
        </ul>
      </Part>
      {sequences.length === 0 ? null : (
        <Part title="Sequences" isEmpty={false} empty="">
          <ul className={styles['lines']}>
            {sequences.slice(0, linesMax * 4).map(({ name, before, after }) => (
              <li key={name}>
                <code>{name}</code> {before ?? 'not used'} → {after ?? 'not used'}
              </li>
            ))}
          </ul>
        </Part>
      )}
    </div>
  )
}

interface PartProps {
  readonly title: string
  readonly isEmpty: boolean
  readonly empty: string
  readonly onMore?: () => void
  readonly children: ReactElement
}

function Part({ title, isEmpty, empty, onMore, children }: PartProps): ReactElement {
  return (
    <section className={styles['part']} aria-label={title}>
      <h3>
        {title}
        {onMore && !isEmpty ? (
          <button type="button" className={styles['link']} onClick={onMore}>
            Show {title.toLowerCase()}
          </button>
        ) : null}
      </h3>
      {isEmpty ? <p className={styles['quiet']}>{empty}</p> : children}
    </section>
  )
}

function RowCounts({ tables }: { readonly tables: readonly TryTable[] }): ReactElement {
  return (
    <table className={styles['counts']}>
      <thead>
        <tr>
          <th scope="col">Table</th>
          <th scope="col">Inserted</th>
          <th scope="col">Updated</th>
          <th scope="col">Deleted</th>
          <th scope="col">Size</th>
        </tr>
      </thead>
      <tbody>
        {tables.map((table) => (
          <tr key={table.name}>
            <th scope="row">
              <code>{table.name}</code>
            </th>
            <Count change="inserted" count={table.inserted} />
            <Count change="updated" count={table.updated} />
            <Count change="deleted" count={table.deleted} />
            <td className={styles['quiet']}>{tableSizeWords(table)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Count({ change, count }: { readonly change: string; readonly count: number }): ReactElement {
  return (
    <td className={styles['number']} data-change={count === 0 ? undefined : change}>
      {count === 0 ? '–' : count.toLocaleString('en')}
    </td>
  )
}
