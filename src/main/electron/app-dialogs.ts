/** The system's own dialogs for files. Knows which kinds there are, and nothing of what becomes of a path. */

import { dialog, type BrowserWindow, type OpenDialogOptions } from 'electron'
import type { CrashQuestion } from './page-recovery.ts'
import type { PathPurpose } from './window-shell.ts'

const archives = { name: 'Exports of Wardian', extensions: ['wardian'] }
const sqlFiles = { name: 'SQL', extensions: ['sql'] }
const allFiles = { name: 'All files', extensions: ['*'] }

const openOptions: Readonly<Record<Exclude<PathPurpose, 'export'>, OpenDialogOptions>> = {
  import: {
    title: 'Import a database',
    buttonLabel: 'Choose',
    filters: [archives, allFiles],
    properties: ['openFile'],
  },
  directory: {
    title: 'Open a directory',
    buttonLabel: 'Choose',
    properties: ['openDirectory', 'showHiddenFiles'],
  },
}

/** null: nothing was chosen. */
export async function choosePath(
  window: BrowserWindow,
  purpose: PathPurpose,
  suggested: string | null,
): Promise<string | null> {
  const defaultPath = suggested === null ? {} : { defaultPath: suggested }
  if (purpose === 'export') {
    const options = { title: 'Export a database', filters: [archives], ...defaultPath }
    const { canceled, filePath } = await dialog.showSaveDialog(window, options)
    return canceled || filePath === '' ? null : filePath
  }
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    ...openOptions[purpose],
    ...defaultPath,
  })
  return canceled ? null : (filePaths[0] ?? null)
}

export async function chooseSqlFiles(window: BrowserWindow): Promise<readonly string[]> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: 'Open SQL files',
    filters: [sqlFiles],
    properties: ['openFile', 'multiSelections'],
  })
  return canceled ? [] : filePaths
}

/** True for the first button. */
export async function askAboutCrash(window: BrowserWindow, question: CrashQuestion): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    ...question,
    buttons: [...question.buttons],
    ...{ defaultId: 0, cancelId: 1, noLink: true },
  })
  return response === 0
}
