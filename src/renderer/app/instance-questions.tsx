/** The dialogs that ask about one database, whichever part of the window has opened them. */

import type { ReactElement } from 'react'
import type { Instance } from '../../contract/instance.ts'
import { ExportDialog } from '../instances/carry-dialogs.tsx'
import { RenameDialog } from '../instances/rename-dialog.tsx'
import { ConnectDialog } from '../servers/connect-dialog.tsx'
import type { InstanceQuestion } from '../state/instance-page-state.ts'
import { StopMemoryDialog } from './stop-memory-dialog.tsx'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { DeleteInstanceDialog } from './delete-instance-dialog.tsx'

export function InstanceQuestions(): ReactElement {
  const { instancePage } = useWorkbench()
  const question = useStore(instancePage.question)
  const close = (): void => instancePage.question.set(null)
  const askedAs = (kind: InstanceQuestion['kind']): Instance | null =>
    question?.kind === kind ? question.instance : null
  return (
    <>
      <DeleteInstanceDialog instance={askedAs('delete')} onClose={close} />
      <ConnectDialog />
      <ExportDialog instance={askedAs('export')} onClose={close} />
      <StopMemoryDialog instance={askedAs('stop')} onClose={close} />
      <RenameDialog instance={askedAs('rename')} onClose={close} />
    </>
  )
}
