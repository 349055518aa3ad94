/** What of a database is moved: everything or a part of it, with or without who owns what. */

import type { ReactElement } from 'react'
import { Checkbox, Label, Radio, RadioGroup } from 'react-aria-components'
import type { TransferScope } from '../../contract/transfer.ts'
import formStyles from '../widgets/form-fields.module.css'

interface ScopeFieldsProps {
  readonly scope: TransferScope
  readonly onChange: (scope: TransferScope) => void
}

const contents = [
  ['all', 'Everything', ''],
  ['schema', 'Definitions', 'without rows'],
  ['data', 'Rows', 'without definitions'],
] as const

export function ScopeFields({ scope, onChange }: ScopeFieldsProps): ReactElement {
  const choose = (value: string): void => {
    const content = contents.map(([name]) => name).find((name) => name === value) ?? 'all'
    onChange({ ...scope, content })
  }
  const isPlain = scope.noOwner && scope.noPrivileges
  return (
    <>
      <RadioGroup className={formStyles['field'] ?? ''} value={scope.content} onChange={choose}>
        <Label className={formStyles['label'] ?? ''}>What</Label>
        <div className={formStyles['radios']}>
          {contents.map(([value, label, hint]) => (
            <Radio key={value} className={formStyles['radio'] ?? ''} value={value}>
              <span className={formStyles['mark']} />
              {label}
              {hint === '' ? null : <span className={formStyles['hint']}>{hint}</span>}
            </Radio>
          ))}
        </div>
      </RadioGroup>
      <Checkbox
        className={formStyles['check'] ?? ''}
        isSelected={isPlain}
        onChange={(isChosen) => onChange({ ...scope, noOwner: isChosen, noPrivileges: isChosen })}
      >
        <span className={formStyles['box']} />
        Without owners and rights
        <span className={formStyles['hint']}>for servers that have not got the same roles</span>
      </Checkbox>
    </>
  )
}
