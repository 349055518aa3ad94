/** Asks before a database in memory is stopped, with everything in it. The button names it. */

import type { ReactElement } from 'react'
import type { Instance } from '../../contract/instance.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { TextButton } from '../widgets/text-button.tsx'

interface StopMemoryDialogProps {
  /** Null while it is closed. */
  readonly instance: Instance | null
  readonly onClose: () => void
}

export function StopMemoryDialog({ instance, onClose }: StopMemoryDialogProps): ReactElement {
  const workbench = useWorkbench()
  const stop = (): void => {
    onClose()
    if (instance) workbench.attempt(() => workbench.instances.stop(instance.id))
  }
  return (
    <Dialog title={`Stop ${instance?.name ?? 'database'}?`} isOpen={instance !== null} onClose={onClose}>
      <div>It lives in memory only: what is in it is gone when it stops. Export it first to keep it.</div>
      <DialogActions>
        <TextButton onPress={onClose} autoFocus>
          Keep it running
        </TextButton>
        <TextButton kind="danger" onPress={stop}>
          Stop {instance?.name}
        </TextButton>
      </DialogActions>
    </Dialog>
  )
}
