/** What can be done with a statement of the history. */

import { Copy, Play, SquarePen, TextCursorInput, Trash2 } from 'lucide-react'
import type { HistoryEntry } from '../../contract/workspace.ts'
import type { Workbench } from '../state/workbench.ts'
import { copyText } from '../widgets/copy-text.ts'
import type { MenuGroups } from '../widgets/menu.tsx'

/** Opens the statement in a new tab, ready to be run. */
export function openEntry(workbench: Workbench, { text }: HistoryEntry): void {
  workbench.attempt(async () => {
    await workbench.newTab(text)
    workbench.consoles.editor.focus()
  })
}

/** The context menu of an entry. A text that was kept cut can be read and copied, but not run by mistake. */
export function entryMenu(workbench: Workbench, entry: HistoryEntry): MenuGroups {
  const { text, isTextCut, id } = entry
  return [
    [
      {
        id: 'open',
        label: 'Open in new console',
        keys: 'Enter',
        icon: SquarePen,
        onChoose: () => openEntry(workbench, entry),
      },
      {
        id: 'run',
        label: isTextCut ? 'Run again (text was not kept whole)' : 'Run again',
        icon: Play,
        isDisabled: isTextCut,
        onChoose: () => workbench.attempt(() => workbench.openStatement('history', text)),
      },
      {
        id: 'insert',
        label: 'Insert in editor',
        icon: TextCursorInput,
        isDisabled: workbench.consoles.editor.current === null,
        onChoose: () => workbench.consoles.editor.current?.insertText(text),
      },
      { id: 'copy', label: 'Copy SQL', icon: Copy, onChoose: () => workbench.attempt(() => copyText(text)) },
    ],
    [
      {
        id: 'remove',
        label: 'Remove from history',
        icon: Trash2,
        onChoose: () => workbench.attempt(() => workbench.history.remove(id)),
      },
    ],
  ]
}
