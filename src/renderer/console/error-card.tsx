/** An error as a card: what happened, where, what to do, the rest folded; all of it can be copied. */

import { Copy, Crosshair } from 'lucide-react'
import type { ReactElement } from 'react'
import type { WireError } from '../../contract/error.ts'
import type { TextSpan } from '../state/error-position.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { copyText } from '../widgets/copy-text.ts'
import { TextButton } from '../widgets/text-button.tsx'
import { errorText, foldedFields } from './error-fields.ts'
import styles from './messages.module.css'

interface ErrorCardProps {
  readonly error: WireError
  readonly statement: string
  /** Where in the document, when that is known. */
  readonly mark: TextSpan | null
  /** Such as `Statement 3`; null for a run of one statement. */
  readonly title: string | null
}

export function ErrorCard({ error, statement, mark, title }: ErrorCardProps): ReactElement {
  const workbench = useWorkbench()
  const { sql } = error
  const folded = foldedFields(sql)
  return (
    <article className={styles['card']} aria-label="Error">
      <p className={styles['headline']}>
        {title === null ? null : <span className={styles['index']}>{title}</span>}
        <strong className={styles['problem']}>{sql?.message ?? error.message}</strong>
      </p>
      {sql === null || sql.hint === null ? null : <p className={styles['hint']}>{sql.hint}</p>}
      {sql === null || sql.detail === null ? null : <p className={styles['quiet']}>{sql.detail}</p>}
      <div className={styles['actions']}>
        <code className={styles['code']}>{sql ? `${sql.severity} ${sql.code}` : error.code}</code>
        {mark === null ? null : (
          <TextButton onPress={() => workbench.consoles.editor.current?.reveal(mark.start, mark.length)}>
            <Crosshair size={14} aria-hidden /> Show in editor
          </TextButton>
        )}
        <TextButton onPress={() => workbench.attempt(() => copyText(errorText(error, statement)))}>
          <Copy size={14} aria-hidden /> Copy
        </TextButton>
      </div>
      {folded.length === 0 ? null : (
        <details className={styles['folded']}>
          <summary>All fields</summary>
          <dl>
            {folded.map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </article>
  )
}
