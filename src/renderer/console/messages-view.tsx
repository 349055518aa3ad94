/** What the last run said: a line for each statement, notices, errors with all they say. Newest at the end. */

import { Check, CircleSlash, Info, Scissors, TriangleAlert } from 'lucide-react'
import { useEffect, useRef, type ReactElement } from 'react'
import type { SqlErrorFields } from '../../contract/error.ts'
import type { StatementOutcome } from '../../contract/statement.ts'
import { SqlLexer } from '../../parser/sql-lexer.ts'
import type { ConsoleMessage } from '../state/console-model.ts'
import { formatDuration } from '../widgets/number-format.ts'
import { isCancel } from './error-fields.ts'
import { ErrorCard } from './error-card.tsx'
import { outcomeWords } from './run-words.ts'
import styles from './messages.module.css'

interface MessagesViewProps {
  readonly messages: readonly ConsoleMessage[]
}

export function MessagesView({ messages }: MessagesViewProps): ReactElement {
  const end = useRef<HTMLLIElement>(null)
  const isScript = messages.some(({ statementIndex }) => statementIndex > 0)
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' })
  }, [messages])
  return (
    <ol className={styles['messages']} role="log" aria-label="Messages" tabIndex={0}>
      {messages.map((message) => (
        <li key={message.id}>
          <Message message={message} isScript={isScript} />
        </li>
      ))}
      <li ref={end} className={styles['end']} aria-hidden />
    </ol>
  )
}

function Message({ message, isScript }: { message: ConsoleMessage; isScript: boolean }): ReactElement {
  const title = isScript ? `#${message.statementIndex + 1}` : null
  switch (message.kind) {
    case 'completed':
      return <Completed outcome={message.outcome} statement={message.statement} title={title} />
    case 'notice':
      return <Notice notice={message.notice} title={title} />
    case 'failed':
      if (isCancel(message.error)) return <Cancelled message={message} title={title} />
      return (
        <ErrorCard error={message.error} statement={message.statement} mark={message.mark} title={title} />
      )
    case 'remark':
      return (
        <p className={styles['line']} data-tone="waiting">
          <Info size={14} aria-hidden />
          <span>{message.text}</span>
        </p>
      )
  }
}

interface CancelledProps {
  readonly message: Extract<ConsoleMessage, { kind: 'failed' }>
  readonly title: string | null
}

/** Somebody wanted it to end: nothing went wrong. */
function Cancelled({ message, title }: CancelledProps): ReactElement {
  const { error, durationMs, statement } = message
  const after = durationMs === null ? '' : ` · ${formatDuration(durationMs)}`
  return (
    <p className={styles['line']} data-tone="waiting">
      <CircleSlash size={14} aria-hidden />
      {title === null ? null : <span className={styles['index']}>{title}</span>}
      <span className={styles['outcome']}>
        {error.sql ? `Cancelled: ${error.sql.message}` : error.message}
        {after}
      </span>
      <code className={styles['statement']} title={statement}>
        {oneLine(statement)}
      </code>
    </p>
  )
}

interface CompletedProps {
  readonly outcome: StatementOutcome
  readonly statement: string
  readonly title: string | null
}

function Completed({ outcome, statement, title }: CompletedProps): ReactElement {
  const Icon = { ok: Check, cut: Scissors, cancelled: CircleSlash, failed: TriangleAlert }[outcome.status]
  return (
    <p className={styles['line']} data-tone={outcome.status === 'ok' ? 'ok' : 'waiting'}>
      <Icon size={14} aria-hidden />
      {title === null ? null : <span className={styles['index']}>{title}</span>}
      <span className={styles['outcome']}>{outcomeWords(outcome)}</span>
      <code className={styles['statement']} title={statement}>
        {oneLine(statement)}
      </code>
    </p>
  )
}

function Notice({ notice, title }: { notice: SqlErrorFields; title: string | null }): ReactElement {
  const more = [notice.detail, notice.hint, notice.where].filter((part) => part !== null)
  return (
    <div className={styles['line']} data-tone={notice.severity === 'WARNING' ? 'waiting' : 'quiet'}>
      <Info size={14} aria-hidden />
      {title === null ? null : <span className={styles['index']}>{title}</span>}
      <span className={styles['notice']}>
        <span className={styles['severity']}>{notice.severity}</span> {notice.message}
        {more.map((part) => (
          <span key={part} className={styles['quiet']}>
            {part}
          </span>
        ))}
      </span>
    </div>
  )
}

/** Enough of a statement to know which one it is. */
const shownStatementLength = 200

/** The beginning of a statement, without the comments above it. */
function oneLine(statement: string): string {
  const lexer = new SqlLexer(statement)
  while (lexer.next() && (lexer.kind === 'space' || lexer.kind === 'comment')) continue
  return statement.slice(lexer.start, lexer.start + shownStatementLength).replaceAll(/\s+/g, ' ')
}
