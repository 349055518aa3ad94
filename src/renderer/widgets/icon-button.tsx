/** A button that is an icon; its tooltip says what it does and names the key. */

import type { LucideIcon } from 'lucide-react'
import type { ReactElement } from 'react'
import { Button } from 'react-aria-components'
import { classes } from './class-names.ts'
import { Tooltip } from './tooltip.tsx'
import styles from './icon-button.module.css'

interface IconButtonProps {
  readonly icon: LucideIcon
  readonly label: string
  readonly keys?: string | undefined
  readonly isPressed?: boolean
  readonly isDisabled?: boolean
  readonly placement?: 'top' | 'bottom' | 'left' | 'right'
  readonly className?: string | undefined
  readonly onPress: () => void
}

export const iconSizePx = 16

export function IconButton(props: IconButtonProps): ReactElement {
  const { icon: Icon, label, keys, isPressed, isDisabled = false, placement = 'bottom', onPress } = props
  return (
    <Tooltip label={label} keys={keys} placement={placement}>
      <Button
        className={classes(styles['button'], isPressed && styles['pressed'], props.className)}
        aria-label={label}
        {...(isPressed === undefined ? {} : { 'aria-pressed': isPressed })}
        isDisabled={isDisabled}
        onPress={onPress}
      >
        <Icon size={iconSizePx} aria-hidden />
      </Button>
    </Tooltip>
  )
}
