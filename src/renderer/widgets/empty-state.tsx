/** An empty place: what it is for, and the one next step. */

import type { LucideIcon } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import styles from './empty-state.module.css'

interface EmptyStateProps {
  readonly icon?: LucideIcon
  readonly title: string
  readonly children?: ReactNode
}

export function EmptyState({ icon: Icon, title, children }: EmptyStateProps): ReactElement {
  return (
    <div className={styles['place']}>
      {Icon ? <Icon size={20} className={styles['icon']} aria-hidden /> : null}
      <p className={styles['title']}>{title}</p>
      <div className={styles['body']}>{children}</div>
    </div>
  )
}
