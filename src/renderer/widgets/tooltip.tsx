/** What something is called and which key does it, shown on hover and on keyboard focus. */

import type { ReactElement, ReactNode } from 'react'
import { Tooltip as AriaTooltip, TooltipTrigger } from 'react-aria-components'
import { printCombination } from './key-combination.ts'
import styles from './tooltip.module.css'

interface TooltipProps {
  readonly label: string
  /** As commands write it, such as `Mod+B`. */
  readonly keys?: string | undefined
  readonly placement?: 'top' | 'bottom' | 'left' | 'right'
  /** What it explains; must be focusable by react-aria. */
  readonly children: ReactNode
}

/** Long enough that moving across a toolbar shows nothing. */
const delayMs = 500

export function Tooltip({ label, keys, placement = 'bottom', children }: TooltipProps): ReactElement {
  return (
    <TooltipTrigger delay={delayMs} closeDelay={0}>
      {children}
      <AriaTooltip className={styles['tooltip'] ?? ''} placement={placement} offset={6}>
        {label}
        {keys === undefined ? null : <kbd className={styles['keys']}>{printCombination(keys)}</kbd>}
      </AriaTooltip>
    </TooltipTrigger>
  )
}
