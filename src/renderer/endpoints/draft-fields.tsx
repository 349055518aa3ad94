/** Fields of a form, with their labels and what is wrong below them: a choice, a line, a few lines. */

import type { ReactElement } from 'react'
import {
  Checkbox,
  FieldError,
  Input,
  Label,
  Radio,
  RadioGroup,
  TextArea,
  TextField,
} from 'react-aria-components'
import { classes } from '../widgets/class-names.ts'
import formStyles from '../widgets/form-fields.module.css'
import pageStyles from './endpoints.module.css'
import styles from './option-fields.module.css'

interface ChoiceProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly choices: readonly (readonly [value: T, name: string, hint: string])[]
  readonly onChoose: (value: T) => void
}

export function Choice<T extends string>(props: ChoiceProps<T>): ReactElement {
  const { label, value, choices, onChoose } = props
  const choose = (chosen: string): void => {
    const found = choices.find(([each]) => each === chosen)
    if (found) onChoose(found[0])
  }
  return (
    <RadioGroup
      className={formStyles['field'] ?? ''}
      value={value}
      onChange={choose}
      orientation="horizontal"
    >
      <Label className={formStyles['label'] ?? ''}>{label}</Label>
      <div className={formStyles['radios']}>
        {choices.map(([each, name, hint]) => (
          <Radio key={each} className={formStyles['radio'] ?? ''} value={each}>
            <span className={formStyles['mark']} />
            <span className={styles['choice']}>{name}</span>
            {hint === '' ? null : <span className={formStyles['hint']}>{hint}</span>}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  )
}

interface TextInputProps {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  readonly problem: string | undefined
  readonly onChange: (text: string) => void
  /** More than one line. */
  readonly isLong?: boolean
  readonly autoFocus?: boolean
}

export function TextInput(props: TextInputProps): ReactElement {
  const { label, value, placeholder = '', problem, onChange, isLong = false, autoFocus = false } = props
  const common = { autoComplete: 'off', spellCheck: false, placeholder } as const
  return (
    <TextField
      className={formStyles['field'] ?? ''}
      value={value}
      onChange={onChange}
      isInvalid={problem !== undefined}
      validationBehavior="aria"
      autoFocus={autoFocus}
    >
      <Label className={formStyles['label'] ?? ''}>{label}</Label>
      {isLong ? (
        <TextArea className={classes(formStyles['input'], pageStyles['textArea'])} rows={2} {...common} />
      ) : (
        <Input className={formStyles['input'] ?? ''} {...common} />
      )}
      <FieldError className={formStyles['problem'] ?? ''}>{problem}</FieldError>
    </TextField>
  )
}

interface CheckProps {
  readonly label: string
  readonly isSelected: boolean
  readonly onChange: (isSelected: boolean) => void
}

export function Check({ label, isSelected, onChange }: CheckProps): ReactElement {
  return (
    <Checkbox className={formStyles['check'] ?? ''} isSelected={isSelected} onChange={onChange}>
      <span className={formStyles['box']} />
      {label}
    </Checkbox>
  )
}
