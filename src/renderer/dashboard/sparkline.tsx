/** A course in the size of a word. For eyes alone: the numbers stand beside it. */

import type { ReactElement } from 'react'
import styles from './dashboard.module.css'

const widthPx = 72
const heightPx = 16

export function Sparkline({ values }: { readonly values: readonly number[] }): ReactElement | null {
  if (values.length < 2) return null
  const max = Math.max(...values)
  const x = (index: number): string => ((index / (values.length - 1)) * widthPx).toFixed(1)
  const y = (value: number): string =>
    (heightPx - 1 - (max > 0 ? value / max : 0) * (heightPx - 2)).toFixed(1)
  const line = values.map((value, index) => `${x(index)},${y(value)}`).join(' ')
  return (
    <svg
      className={styles['sparkline']}
      viewBox={`0 0 ${widthPx} ${heightPx}`}
      width={widthPx}
      height={heightPx}
      aria-hidden
    >
      <polygon points={`0,${heightPx} ${line} ${widthPx},${heightPx}`} />
      <polyline points={line} />
    </svg>
  )
}
