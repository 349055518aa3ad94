/** Asks before a database goes with everything in it. The button names it; for a while there is a way back. */

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
      <div>{instance ? consequence(instance) : null}</div>
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

function consequence({ storage }: Instance): string {
  const rest = 'The text of its consoles stays.'
  if (storage === 'memory') return `It lives in memory only: its data is gone for good. ${rest}`
  return `Its files stay in the trash folder of the data directory for 30 days. ${rest}`
}
