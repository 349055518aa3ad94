/** Asks how a database is to be dumped; the file is saved where the browser or the app saves files. */

import { useState, type FormEvent, type ReactElement } from 'react'
import { Label, Radio, RadioGroup } from 'react-aria-components'
import type { Instance } from '../../contract/instance.ts'
import { wholeDatabase, type DumpOptions } from '../../contract/transfer.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import formStyles from '../widgets/form-fields.module.css'
import { FormButtons } from './form-buttons.tsx'
import { saveFile } from '../widgets/save-file.ts'
import { ScopeFields } from './scope-fields.tsx'
import styles from './transfer.module.css'

const formats = [
  ['sql', 'SQL', 'text that psql and this program read', 'sql'],
  ['custom', 'Archive', 'compressed, for pg_restore', 'dump'],
  ['tar', 'Tar', 'for pg_restore', 'tar'],
] as const

const plain: DumpOptions = { format: 'sql', inserts: false, clean: false, scope: wholeDatabase }

export function DumpForm({ instance }: { readonly instance: Instance }): ReactElement {
  const workbench = useWorkbench()
  const [options, setOptions] = useState(plain)
  const [, , , suffix] = formats.find(([format]) => format === options.format) ?? formats[0]
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    const save = (dump: Blob): void => saveFile(dump, `${instance.name}.${suffix}`)
    workbench.attempt(() => workbench.transfers.dump(instance, options, save))
  }
  const choose = (value: string): void => {
    const [format] = formats.find(([name]) => name === value) ?? formats[0]
    setOptions({ ...options, format })
  }
  return (
    <form className={styles['form']} aria-label="Dump" onSubmit={onSubmit}>
      <RadioGroup className={formStyles['field'] ?? ''} value={options.format} onChange={choose}>
        <Label className={formStyles['label'] ?? ''}>Format</Label>
        {formats.map(([value, label, hint]) => (
          <Radio
            key={value}
            className={formStyles['radio'] ?? ''}
            value={value}
            autoFocus={value === plain.format}
          >
            <span className={formStyles['mark']} />
            {label}
            <span className={formStyles['hint']}>{hint}</span>
          </Radio>
        ))}
      </RadioGroup>
      <ScopeFields scope={options.scope} onChange={(scope) => setOptions({ ...options, scope })} />
      <FormButtons label={`Dump ${instance.name}`} />
    </form>
  )
}
