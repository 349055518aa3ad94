/** How the script ran on the copy: a line each statement, its plan and what it said below it. */

import { Crosshair } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import type { TryStatement } from '../../contract/try-report.ts'
import type { TabTrial } from '../state/tab-trial.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { formatDuration } from '../widgets/number-format.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { statementMark } from './trial-place.ts'
import { Unfolding } from './trial-unfolding.tsx'
import styles from './trial.module.css'

/** Statements listed before more are asked for. */
const pageLength = 200
/** The only statement's plan is what one wants to see. */
const openMax = 1

interface TrialStatementsProps {
  readonly statements: readonly TryStatement[]
  readonly statementsRun: number
  readonly trial: TabTrial
}

export function TrialStatements({ statements, statementsRun, trial }: TrialStatementsProps): ReactElement {
  const [shownCount, setShownCount] = useState(pageLength)
  const leftOut = statementsRun - statements.length
  return (
    <div className={styles['part']}>
      {statements.slice(0, shownCount).map((statement) => (
        <Statement
          key={statement.index}
          statement={statement}
          trial={trial}
          isOpen={statements.length <= openMax}
        />
      ))}
      {statements.length > shownCount ? (
        <button type="button" className={styles['link']} onClick={() => setShownCount(statements.length)}>
          Show {statements.length - shownCount} more
        </button>
      ) : null}
      {leftOut > 0 ? (
        <p className={styles['quiet']}>{leftOut.toLocaleString('en')} more statements ran.</p>
      ) : null}
    </div>
  )
}

interface StatementProps {
  readonly statement: TryStatement
  readonly trial: TabTrial
  readonly isOpen: boolean
}

function Statement({ statement, trial, isOpen }: StatementProps): ReactElement {
  const { consoles } = useWorkbench()
  const { index, commandTag, status, durationMs, text, notices, noticesLeftOut, plan } = statement
  const { request } = trial
  const show = (): void => {
    if (!request) return
    const { start, length } = statementMark(request, statement)
    consoles.editor.current?.reveal(start, length)
  }
  const head = (
    <>
      <span className={styles['index']}>#{index + 1}</span>
      <span className={styles['outcome']} data-change={status === 'ok' ? undefined : 'deleted'}>
        {status === 'ok' ? (commandTag ?? 'done') : status} · {formatDuration(durationMs)}
      </span>
      <code className={styles['statement']}>{text.replaceAll(/\s+/g, ' ')}</code>
    </>
  )
  return (
    <Unfolding head={head} isOpenAtFirst={isOpen || status !== 'ok'}>
      <div className={styles['samples']}>
        <pre className={styles['code']} tabIndex={0}>
          {text}
        </pre>
        {notices.map((notice, at) => (
          <p key={`${at}`} className={styles['notice']}>
            <span className={styles['quiet']}>{notice.severity}</span> {notice.message}
          </p>
        ))}
        {noticesLeftOut > 0 ? (
          <p className={styles['quiet']}>{noticesLeftOut.toLocaleString('en')} more messages.</p>
        ) : null}
        {plan === null ? null : (
          <pre className={styles['code']} tabIndex={0} aria-label={`Plan of statement ${index + 1}`}>
            {plan}
          </pre>
        )}
        <IconButton icon={Crosshair} label={`Show statement ${index + 1} in the editor`} onPress={show} />
      </div>
    </Unfolding>
  )
}
