/** A state as a dot whose shape differs with its colour, and a word for those who see neither. */

import type { ReactElement } from 'react'
import { classes } from './class-names.ts'
import styles from './state-dot.module.css'

export type DotKind = 'ok' | 'waiting' | 'failed' | 'idle'

interface StateDotProps {
  readonly kind: DotKind
  readonly label: string
}

export function StateDot({ kind, label }: StateDotProps): ReactElement {
  return <span className={classes(styles['dot'], styles[kind])} role="img" aria-label={label} title={label} />
}
