/** A field for a date and a time, as the browser has it. */

import type { ReactElement } from 'react'
import { FieldError, Input, Label, TextField } from 'react-aria-components'
import formStyles from '../widgets/form-fields.module.css'

interface MomentFieldProps {
  readonly label: string
  readonly text: string
  readonly problem: string | null
  readonly autoFocus?: boolean
  readonly onChange: (text: string) => void
}

export function MomentField({
  label,
  text,
  problem,
  autoFocus = false,
  onChange,
}: MomentFieldProps): ReactElement {
  return (
    <TextField
      className={formStyles['field'] ?? ''}
      type="datetime-local"
      value={text}
      isInvalid={problem !== null}
      onChange={onChange}
    >
      <Label className={formStyles['label'] ?? ''}>{label}</Label>
      <Input className={formStyles['input'] ?? ''} step={1} autoFocus={autoFocus} />
      <FieldError className={formStyles['problem'] ?? ''}>{problem}</FieldError>
    </TextField>
  )
}
