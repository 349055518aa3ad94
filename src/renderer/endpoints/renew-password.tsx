/** Makes up another password, after asking: every address that was copied before is of no use then. */

import { useState, type ReactElement } from 'react'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { TextButton } from '../widgets/text-button.tsx'

export function RenewPassword(): ReactElement {
  const workbench = useWorkbench()
  const [isOpen, setIsOpen] = useState(false)
  const close = (): void => setIsOpen(false)
  const renew = (): void => {
    close()
    workbench.attempt(async () => {
      await workbench.endpoint.renewPassword()
      workbench.toasts.info('The endpoint has another password: copy the connection string again')
    })
  }
  return (
    <>
      <TextButton onPress={() => setIsOpen(true)}>New password…</TextButton>
      <Dialog title="Make up another password?" isOpen={isOpen} onClose={close}>
        <div>
          Connection strings that were copied before log nobody in any more. Who is connected now stays
          connected.
        </div>
        <DialogActions>
          <TextButton onPress={close} autoFocus>
            Keep it
          </TextButton>
          <TextButton kind="danger" onPress={renew}>
            Replace the password
          </TextButton>
        </DialogActions>
      </Dialog>
    </>
  )
}
