/**
 * Files that come to the page: dropped on the window, or chosen where the page itself has to ask. What each is for is
 * told by its name, as the app tells it for the command line.
 */

import { sqlFileLengthMax } from '../../contract/shell-request.ts'
import type { Workbench } from '../state/workbench.ts'

/** Takes in files and directories that were dropped. */
export async function takeDropped(workbench: Workbench, items: readonly DataTransferItem[]): Promise<void> {
  // Both must be read before anything is waited for: afterwards the browser has forgotten them.
  const dropped = items.flatMap((item) => {
    const file = item.getAsFile()
    return file ? [{ file, isDirectory: item.webkitGetAsEntry()?.isDirectory ?? false }] : []
  })
  for (const { file, isDirectory } of dropped) {
    const name = file.name.toLowerCase()
    if (isDirectory) offer(workbench, 'open-directory', file)
    else if (name.endsWith('.wardian')) offer(workbench, 'import', file)
    else if (name.endsWith('.sql')) await openSqlFile(workbench, file)
    else workbench.toasts.notice(`${file.name} was not opened: it is neither SQL nor an export of Wardian`)
  }
}

/** Lets the user choose files of SQL, with the system's dialog or the browser's. */
export async function chooseSqlFiles(workbench: Workbench): Promise<void> {
  if (await workbench.shell.openSqlFiles()) return
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = '.sql'
  input.multiple = true
  input.addEventListener('change', () => {
    workbench.attempt(async () => {
      for (const file of input.files ?? []) await openSqlFile(workbench, file)
    })
  })
  input.click()
}

async function openSqlFile(workbench: Workbench, file: File): Promise<void> {
  const refuse = (why: string): void => workbench.toasts.notice(`${file.name} was not opened: ${why}`)
  if (file.size > sqlFileLengthMax) return refuse('it is larger than 32 MB; restore it as a dump instead')
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuse('it is not UTF-8')
  }
  if (text.includes('\0')) return refuse('it is not a text')
  await workbench.openSqlText(file.name, text)
}

/** Opens the dialog that takes it in; a browser keeps to itself where the file lies. */
function offer({ shell, toasts }: Workbench, kind: 'import' | 'open-directory', file: File): void {
  const path = shell.pathOf(file)
  if (path === '') toasts.info(`A browser does not tell where ${file.name} lies: enter its whole path`)
  shell.offered.set({ kind, path })
}
