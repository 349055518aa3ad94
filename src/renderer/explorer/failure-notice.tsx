/** In place of the tree: what could not be done and why, to be read, selected and copied, and the next step. */

import { Copy, TriangleAlert } from 'lucide-react'
import type { ReactElement } from 'react'
import { useWorkbench } from '../state/workbench-context.ts'
import { copyText } from '../widgets/copy-text.ts'
import { TextButton } from '../widgets/text-button.tsx'
import { unbreakablePieces } from './breakable-text.ts'
import styles from './failure-notice.module.css'

interface FailureNoticeProps {
  readonly title: string
  readonly reason: string
  /** The next step. */
  readonly children: ReactElement
}

export function FailureNotice({ title, reason, children }: FailureNoticeProps): ReactElement {
  const workbench = useWorkbench()
  return (
    <section className={styles['notice']} aria-label={title}>
      <p className={styles['title']}>
        <TriangleAlert size={14} className={styles['icon']} aria-hidden />
        <strong>{title}</strong>
      </p>
      <p className={styles['reason']}>
        {unbreakablePieces(reason).map((piece, at) =>
          piece.trim() === '' ? piece : <span key={at}>{piece}</span>,
        )}
      </p>
      <div className={styles['actions']}>
        {children}
        <TextButton onPress={() => workbench.attempt(() => copyText(`${title}: ${reason}`))}>
          <Copy size={14} aria-hidden /> Copy
        </TextButton>
      </div>
    </section>
  )
}
