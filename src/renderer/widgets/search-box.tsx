/** A field to filter what is below it. Esc empties it first, and leaves it when it is empty. */

import { Search, X } from 'lucide-react'
import type { KeyboardEvent, ReactElement, Ref } from 'react'
import { Button, Input, SearchField } from 'react-aria-components'
import { classes } from './class-names.ts'
import styles from './search-box.module.css'

interface SearchBoxProps {
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly inputRef?: Ref<HTMLInputElement>
  readonly className?: string | undefined
  readonly onChange: (value: string) => void
  /** Esc was pressed in the empty field. */
  readonly onLeave?: () => void
  /** Arrow down: on to the list. */
  readonly onDown?: () => void
}

export function SearchBox(props: SearchBoxProps): ReactElement {
  const { label, placeholder, value, onChange, onLeave, onDown } = props
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && value === '') onLeave?.()
    else if (event.key === 'ArrowDown') onDown?.()
    else return
    event.preventDefault()
  }
  return (
    <SearchField
      className={classes(styles['field'], props.className)}
      aria-label={label}
      value={value}
      onChange={onChange}
      onKeyDown={onKeyDown}
    >
      <Search className={styles['icon']} size={14} aria-hidden />
      <Input
        ref={props.inputRef ?? null}
        className={styles['input'] ?? ''}
        placeholder={placeholder}
        data-area-focus
        spellCheck={false}
        autoComplete="off"
      />
      {value === '' ? null : (
        <Button className={styles['clear'] ?? ''} aria-label="Clear">
          <X size={14} aria-hidden />
        </Button>
      )}
    </SearchField>
  )
}
