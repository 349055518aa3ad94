/** Asks before clients lose their connections with the endpoint. */

import type { ReactElement } from 'react'
import type { Store } from '../state/store.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { countWords } from './client-words.ts'

export interface StopDialogProps {
  readonly isAsking: Store<boolean>
  readonly clientCount: number
  readonly onStop: () => Promise<void>
}

export function StopDialog({ isAsking, clientCount, onStop }: StopDialogProps): ReactElement {
  const workbench = useWorkbench()
  const isOpen = useStore(isAsking)
  const close = (): void => isAsking.set(false)
  const stop = (): void => {
    close()
    workbench.attempt(onStop)
  }
  const clients = countWords(clientCount)
  return (
    <Dialog title="Stop the endpoint?" isOpen={isOpen} onClose={close}>
      <div>
        It disconnects {clients}. What they have open in transactions is rolled back, and nobody can connect
        until it is started again.
      </div>
      <DialogActions>
        <TextButton onPress={close} autoFocus>
          Keep it
        </TextButton>
        <TextButton kind="danger" onPress={stop}>
          Stop and disconnect {clients}
        </TextButton>
      </DialogActions>
    </Dialog>
  )
}
