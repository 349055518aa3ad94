/** One of several, in a list that opens. */

import { ChevronDown } from 'lucide-react'
import type { ReactElement } from 'react'
import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue } from 'react-aria-components'
import formStyles from '../widgets/form-fields.module.css'
import menuStyles from '../widgets/menu.module.css'
import styles from './alerts.module.css'

interface ChoiceFieldProps {
  readonly label: string
  readonly value: string
  readonly choices: readonly (readonly [value: string, label: string])[]
  readonly onChoose: (value: string) => void
}

export function ChoiceField({ label, value, choices, onChoose }: ChoiceFieldProps): ReactElement {
  return (
    <Select
      className={formStyles['field'] ?? ''}
      value={value}
      onChange={(chosen) => (typeof chosen === 'string' ? onChoose(chosen) : undefined)}
    >
      <Label className={formStyles['label'] ?? ''}>{label}</Label>
      <Button className={styles['select'] ?? ''}>
        <SelectValue className={styles['selected'] ?? ''} />
        <ChevronDown size={14} aria-hidden />
      </Button>
      <Popover className={menuStyles['popover'] ?? ''} offset={4}>
        <ListBox className={menuStyles['menu'] ?? ''}>
          {choices.map(([each, words]) => (
            <ListBoxItem key={each} id={each} className={menuStyles['item'] ?? ''}>
              {words}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  )
}
