/** Asks for the file that is to be restored. */

import { useState, type FormEvent, type ReactElement } from 'react'
import { Checkbox, FileTrigger } from 'react-aria-components'
import type { Instance } from '../../contract/instance.ts'
import { bytesWords } from '../state/transfer-state.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { TextButton } from '../widgets/text-button.tsx'
import formStyles from '../widgets/form-fields.module.css'
import { FormButtons } from './form-buttons.tsx'
import styles from './transfer.module.css'

export function RestoreForm({ instance }: { readonly instance: Instance }): ReactElement {
  const workbench = useWorkbench()
  const [file, setFile] = useState<File | null>(null)
  const [isPlain, setIsPlain] = useState(false)
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (!file) return
    const choices = { file, noOwner: isPlain, noPrivileges: isPlain }
    workbench.attempt(() => workbench.transfers.restore(instance, choices))
  }
  return (
    <form className={styles['form']} aria-label="Restore" onSubmit={onSubmit}>
      <div className={styles['file']}>
        <FileTrigger onSelect={(files) => setFile(files?.[0] ?? null)}>
          <TextButton autoFocus>Choose a file…</TextButton>
        </FileTrigger>
        <span className={styles['hint']}>
          {file ? `${file.name}, ${bytesWords(file.size)}` : 'SQL, such as a dump in the format SQL'}
        </span>
      </div>
      <Checkbox className={formStyles['check'] ?? ''} isSelected={isPlain} onChange={setIsPlain}>
        <span className={formStyles['box']} />
        Without owners and rights
        <span className={formStyles['hint']}>where the roles of the dump do not exist</span>
      </Checkbox>
      <p className={styles['hint']}>
        All of it or nothing: when anything fails, {instance.name} is as it was before.
      </p>
      <FormButtons label={`Restore into ${instance.name}`} isDisabled={file === null} />
    </form>
  )
}
