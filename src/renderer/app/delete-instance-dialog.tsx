/** Asks before a database in memory goes with everything in it: there is no way back. The button names it. */

import { useState, type ReactElement } from 'react'
import type { Instance } from '../../contract/instance.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { TextButton } from '../widgets/text-button.tsx'

interface DeleteInstanceDialogProps {
  /** Null while it is closed. */
  readonly instance: Instance | null
  readonly onClose: () => void
}

export function DeleteInstanceDialog({ instance, onClose }: DeleteInstanceDialogProps): ReactElement {
  const workbench = useWorkbench()
  const [isWorking, setIsWorking] = useState(false)
  const remove = async (): Promise<void> => {
    if (!instance) return
    setIsWorking(true)
    try {
      await workbench.deleteInstance(instance)
      onClose()
    } finally {
      setIsWorking(false)
    }
  }
  return (
    <Dialog title={`Delete ${instance?.name ?? 'database'}?`} isOpen={instance !== null} onClose={onClose}>
      <div>It lives in memory only: its data is gone for good. The text of its consoles stays.</div>
      <DialogActions>
        <TextButton onPress={onClose} autoFocus>
          Keep it
        </TextButton>
        <TextButton kind="danger" isDisabled={isWorking} onPress={() => workbench.attempt(remove)}>
          Delete {instance?.name}
        </TextButton>
      </DialogActions>
    </Dialog>
  )
}
