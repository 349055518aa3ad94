/** A button with words. `primary` is the one next step of a place, `danger` destroys what it names. */

import type { ReactElement, ReactNode } from 'react'
import { Button } from 'react-aria-components'
import { classes } from './class-names.ts'
import styles from './text-button.module.css'

interface TextButtonProps {
  readonly kind?: 'plain' | 'primary' | 'danger'
  readonly children: ReactNode
  readonly isDisabled?: boolean
  readonly autoFocus?: boolean
  readonly type?: 'button' | 'submit'
  readonly onPress?: () => void
}

export function TextButton(props: TextButtonProps): ReactElement {
  const { kind = 'plain', children, isDisabled = false, autoFocus = false, type = 'button', onPress } = props
  return (
    <Button
      type={type}
      className={classes(styles['button'], styles[kind])}
      isDisabled={isDisabled}
      autoFocus={autoFocus}
      {...(onPress ? { onPress } : {})}
    >
      {children}
    </Button>
  )
}
