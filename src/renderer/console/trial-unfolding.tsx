/** A line that opens to show more, which is not drawn before. */

import { ChevronDown, ChevronRight } from 'lucide-react'
import { useId, useState, type ReactElement, type ReactNode } from 'react'
import styles from './trial.module.css'

interface UnfoldingProps {
  readonly head: ReactNode
  readonly isOpenAtFirst?: boolean
  readonly children: ReactNode
}

export function Unfolding({ head, isOpenAtFirst = false, children }: UnfoldingProps): ReactElement {
  const [isOpen, setIsOpen] = useState(isOpenAtFirst)
  const id = useId()
  const Icon = isOpen ? ChevronDown : ChevronRight
  return (
    <div className={styles['unfolding']}>
      <button
        type="button"
        className={styles['fold']}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setIsOpen(!isOpen)}
      >
        <Icon size={14} aria-hidden />
        <span className={styles['foldHead']}>{head}</span>
      </button>
      <div id={id}>{isOpen ? children : null}</div>
    </div>
  )
}
