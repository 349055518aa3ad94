/** The root of the window: theme, keys, dialogs, and the page that fits what the window knows so far. */

import { useEffect, useMemo, useState, type ReactElement } from 'react'
import { ImportDialog, OpenDirectoryDialog } from '../instances/carry-dialogs.tsx'
import { useStore } from '../state/use-store.ts'
import type { Workbench } from '../state/workbench.ts'
import { WorkbenchContext } from '../state/workbench-context.ts'
import { appCommands } from './app-commands.ts'
import { CommandPalette } from './command-palette.tsx'
import { Frame } from './frame.tsx'
import { InstanceQuestions } from './instance-questions.tsx'
import { NewInstanceDialog } from './new-instance-dialog.tsx'
import { SnapshotQuestions } from '../timeline/snapshot-questions.tsx'
import { StartPage } from './start-page.tsx'
import { ToastList } from './toast-list.tsx'
import { ShellSettingsDialog } from './shell-settings-dialog.tsx'
import { linkShell } from './shell-link.ts'
import { useFileDrop } from './use-file-drop.ts'
import { useCommandKeys } from './use-command-keys.ts'
import { useFocusKeeper } from './use-focus-keeper.ts'
import { useTheme } from './use-theme.ts'

type OpenDialog = 'palette' | 'new-instance' | 'import' | 'open-directory' | null

export function App({ workbench }: { readonly workbench: Workbench }): ReactElement {
  const phase = useStore(workbench.phase)
  const [dialog, setDialog] = useState<OpenDialog>(null)
  const [renamingId, setRenamingId] = useState<string | null>(null)
  useTheme(useStore(workbench.settings.settings))
  useCommandKeys(workbench.commands)
  useFileDrop(workbench)
  const offered = useStore(workbench.shell.offered)
  const isReady = phase.kind === 'ready'
  useFocusKeeper(workbench.consoles.editor)
  const commands = useMemo(
    () =>
      appCommands(workbench, {
        openPalette: () => setDialog('palette'),
        openNewInstance: () => setDialog('new-instance'),
        openImport: () => setDialog('import'),
        openDirectory: () => setDialog('open-directory'),
        renameTab: () => setRenamingId(workbench.consoles.activeTab.value?.id ?? null),
      }),
    [workbench],
  )
  useEffect(() => {
    const registration = workbench.commands.register(commands)
    return () => registration.dispose()
  }, [workbench, commands])
  useEffect(() => {
    if (!isReady) return undefined
    const link = linkShell(workbench)
    workbench.attempt(() => workbench.shell.listen())
    return () => link.dispose()
  }, [workbench, isReady])
  const close = (): void => {
    setDialog(null)
    workbench.shell.offered.set(null)
  }
  return (
    <WorkbenchContext value={workbench}>
      {isReady ? <Frame renamingId={renamingId} onRename={setRenamingId} /> : <StartPage />}
      <CommandPalette isOpen={dialog === 'palette'} onClose={close} />
      <NewInstanceDialog isOpen={dialog === 'new-instance'} onClose={close} />
      <ImportDialog
        isOpen={dialog === 'import' || offered?.kind === 'import'}
        path={offered?.path ?? ''}
        onClose={close}
      />
      <OpenDirectoryDialog
        isOpen={dialog === 'open-directory' || offered?.kind === 'open-directory'}
        path={offered?.path ?? ''}
        onClose={close}
      />
      <ShellSettingsDialog />
      <InstanceQuestions />
      <SnapshotQuestions />
      <ToastList />
    </WorkbenchContext>
  )
}
