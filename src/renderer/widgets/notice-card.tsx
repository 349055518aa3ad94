/** Something that must be known about what stands below it: what happened, what to do, and buttons for that. */

import { Info, TriangleAlert } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { classes } from './class-names.ts'
import styles from './notice-card.module.css'

interface NoticeCardProps {
  readonly kind: 'failure' | 'warning'
  readonly children: ReactNode
  /** Buttons at its end. */
  readonly actions?: ReactNode
}

export function NoticeCard({ kind, children, actions }: NoticeCardProps): ReactElement {
  const Icon = kind === 'failure' ? TriangleAlert : Info
  return (
    <div className={classes(styles['card'], styles[kind])} role={kind === 'failure' ? 'alert' : 'status'}>
      <Icon size={14} className={styles['icon']} aria-hidden />
      <div className={styles['text']}>{children}</div>
      {actions ? <div className={styles['actions']}>{actions}</div> : null}
    </div>
  )
}
