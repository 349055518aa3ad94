/** Asks where a database is to be copied to. */

import { useState, type FormEvent, type ReactElement } from 'react'
import { Input, Label, TextField } from 'react-aria-components'
import type { Instance } from '../../contract/instance.ts'
import { wholeDatabase } from '../../contract/transfer.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import formStyles from '../widgets/form-fields.module.css'
import { FormButtons } from './form-buttons.tsx'
import { ScopeFields } from './scope-fields.tsx'
import styles from './transfer.module.css'

export function CopyForm({ instance }: { readonly instance: Instance }): ReactElement {
  const workbench = useWorkbench()
  const instances = useStore(workbench.instances.instances)
  const [to, setTo] = useState(() => workbench.instances.freeName(instance.name))
  const [scope, setScope] = useState(wholeDatabase)
  const name = to.trim()
  const isServer = /^postgres(?:ql)?:\/\//i.test(name)
  const isItself = name === instance.name
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (name !== '' && !isItself) workbench.attempt(() => workbench.transfers.copy(instance, name, scope))
  }
  const isThere = instances.some((each) => each.name === name)
  return (
    <form className={styles['form']} aria-label="Copy" onSubmit={onSubmit}>
      <TextField className={formStyles['field'] ?? ''} value={to} onChange={setTo} isRequired autoFocus>
        <Label className={formStyles['label'] ?? ''}>To</Label>
        <Input
          className={formStyles['input'] ?? ''}
          autoComplete="off"
          spellCheck={false}
          placeholder="a name, or postgres://user:password@host/database"
        />
        <span className={formStyles['hint']}>{toWords({ isServer, isItself, isThere })}</span>
      </TextField>
      <ScopeFields scope={scope} onChange={setScope} />
      <FormButtons label="Begin the copy" isDisabled={name === '' || isItself} />
    </form>
  )
}

interface Target {
  readonly isServer: boolean
  readonly isItself: boolean
  readonly isThere: boolean
}

function toWords({ isServer, isItself, isThere }: Target): string {
  if (isServer) return 'A database on a server, which has to be there already.'
  if (isItself) return 'That is this database itself; give another name.'
  return isThere ? 'Into this database, beside what it has already.' : 'A new database, made for the copy.'
}
