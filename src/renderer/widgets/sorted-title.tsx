/** The title of a column that sorts, with an arrow where it does. */

import { ChevronDown, ChevronUp } from 'lucide-react'
import type { ReactElement } from 'react'
import styles from './sorted-title.module.css'

interface SortedTitleProps {
  readonly title: string
  readonly direction: 'ascending' | 'descending' | undefined
}

export function SortedTitle({ title, direction }: SortedTitleProps): ReactElement {
  const Icon = direction === 'descending' ? ChevronDown : ChevronUp
  return (
    <span className={styles['title']}>
      {title}
      {direction === undefined ? null : <Icon size={12} aria-hidden />}
    </span>
  )
}
