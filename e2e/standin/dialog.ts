/** `dialog`: nobody is there to answer, so a spec puts its answer in the place of a question that it expects. */

import type Electron from 'electron'
import { note } from './asked.ts'
import { askingNobody } from './readiness.ts'
import { strict } from './strict.ts'

export const dialog = strict('dialog', {
  showOpenDialog: askingNobody('dialog.showOpenDialog'),
  showOpenDialogSync: askingNobody('dialog.showOpenDialogSync'),
  showSaveDialog: askingNobody('dialog.showSaveDialog'),
  showSaveDialogSync: askingNobody('dialog.showSaveDialogSync'),
  showMessageBox: askingNobody('dialog.showMessageBox'),
  showMessageBoxSync: askingNobody('dialog.showMessageBoxSync'),
  showErrorBox(title, content) {
    note('dialog.showErrorBox', title, content)
    process.stderr.write(`${title}: ${content}\n`)
  },
} satisfies Electron.Dialog | Partial<Electron.Dialog>)
