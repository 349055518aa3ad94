/** Asks for another name of a database. Programs that connect use the name, which is said. */

import { useState, type FormEvent, type ReactElement } from 'react'
import { Input, Label, TextField } from 'react-aria-components'
import { toWireError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import { instanceNameLengthMax } from '../../contract/limits.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import formStyles from '../widgets/form-fields.module.css'
import styles from './instances.module.css'

interface RenameDialogProps {
  /** Null while it is closed. */
  readonly instance: Instance | null
  readonly onClose: () => void
}

export function RenameDialog({ instance, onClose }: RenameDialogProps): ReactElement {
  return (
    <Dialog title={`Rename ${instance?.name ?? ''}`} isOpen={instance !== null} onClose={onClose}>
      {instance ? <RenameForm instance={instance} onClose={onClose} /> : null}
    </Dialog>
  )
}

function RenameForm(props: { readonly instance: Instance; readonly onClose: () => void }): ReactElement {
  const { instance, onClose } = props
  const workbench = useWorkbench()
  const [name, setName] = useState(instance.name)
  const [failure, setFailure] = useState<string | null>(null)
  const isSame = name.trim() === instance.name
  const rename = async (): Promise<void> => {
    try {
      await workbench.instances.rename(instance.id, name.trim())
      onClose()
    } catch (error) {
      setFailure(toWireError(error).message)
    }
  }
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (name.trim() !== '' && !isSame) void rename()
  }
  return (
    <form className={styles['form']} onSubmit={onSubmit}>
      <TextField
        className={formStyles['field'] ?? ''}
        value={name}
        onChange={(text) => {
          setFailure(null)
          setName(text)
        }}
        maxLength={instanceNameLengthMax}
        isRequired
        autoFocus
      >
        <Label className={formStyles['label'] ?? ''}>Name</Label>
        <Input className={formStyles['input'] ?? ''} autoComplete="off" spellCheck={false} />
        <span className={formStyles['hint']}>
          Programs that connect to it have its name in their connection string.
        </span>
      </TextField>
      {failure === null ? null : (
        <p className={formStyles['problem']} role="alert">
          {failure}
        </p>
      )}
      <DialogActions>
        <TextButton onPress={onClose}>Cancel</TextButton>
        <TextButton kind="primary" type="submit" isDisabled={name.trim() === '' || isSame}>
          Rename
        </TextButton>
      </DialogActions>
    </form>
  )
}
