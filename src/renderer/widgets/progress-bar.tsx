/** Progress in words, with a bar; indeterminate when nobody knows how much there is. */

import type { ReactElement } from 'react'
import { ProgressBar as AriaProgressBar } from 'react-aria-components'
import { classes } from './class-names.ts'
import styles from './progress-bar.module.css'

interface ProgressBarProps {
  /** What is being done. */
  readonly label: string
  /** From 0 to 1; null when not known. */
  readonly fraction?: number | null
}

export function ProgressBar({ label, fraction = null }: ProgressBarProps): ReactElement {
  return (
    <AriaProgressBar
      className={styles['progress'] ?? ''}
      isIndeterminate={fraction === null}
      value={(fraction ?? 0) * 100}
      aria-label={label}
    >
      <span className={styles['label']}>{label}</span>
      <span className={styles['track']}>
        <span
          className={classes(styles['bar'], fraction === null && styles['unknown'])}
          style={fraction === null ? undefined : { width: `${fraction * 100}%` }}
        />
      </span>
    </AriaProgressBar>
  )
}
