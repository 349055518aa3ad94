/** What can be done with an item of the database tree, as a menu and as the default action of Enter. */

import { Copy, Play, RefreshCw, SquarePen, TextCursorInput } from 'lucide-react'
import { isRelation, type ExplorerItem } from '../state/explorer-model.ts'
import type { Workbench } from '../state/workbench.ts'
import { copyText } from '../widgets/copy-text.ts'
import type { MenuChoice, MenuGroups } from '../widgets/menu.tsx'

/** Rows of a first look at a table; the statement says so, and is there to be changed. */
const firstRows = 1_000

/** The statement that shows the rows of a relation. */
export function selectStatement(qualifiedName: string): string {
  return `select * from ${qualifiedName} limit ${firstRows};`
}

/** What Enter and a double click do: rows of a relation, the name of anything else into the editor. */
export function actOnItem(workbench: Workbench, { kind, node }: ExplorerItem): void {
  if (!node) return
  if (isRelation(kind)) openRows(workbench, node.name, node.qualifiedName)
  else workbench.consoles.editor.current?.insertText(node.qualifiedName)
}

function openRows(workbench: Workbench, name: string, qualifiedName: string): void {
  workbench.attempt(() => workbench.openStatement(name, selectStatement(qualifiedName)))
}

/** The context menu of an item. */
export function itemMenu(workbench: Workbench, item: ExplorerItem): MenuGroups {
  return [relationChoices(workbench, item), nameChoices(workbench, item), treeChoices(workbench)]
}

function relationChoices(workbench: Workbench, { kind, node }: ExplorerItem): MenuChoice[] {
  if (!node || !isRelation(kind)) return []
  const { name, qualifiedName } = node
  return [
    {
      id: 'open',
      label: 'Open rows',
      keys: 'Enter',
      icon: Play,
      onChoose: () => openRows(workbench, name, qualifiedName),
    },
    {
      id: 'console',
      label: 'New console with SELECT',
      icon: SquarePen,
      onChoose: () => workbench.attempt(() => workbench.newTab(selectStatement(qualifiedName))),
    },
  ]
}

function nameChoices(workbench: Workbench, { node }: ExplorerItem): MenuChoice[] {
  if (!node) return []
  const copy = (id: string, label: string, text: string): MenuChoice => ({
    id,
    label,
    icon: Copy,
    onChoose: () => workbench.attempt(() => copyText(text)),
  })
  const choices = [
    {
      id: 'insert',
      label: 'Insert name in editor',
      icon: TextCursorInput,
      isDisabled: workbench.consoles.editor.current === null,
      onChoose: () => {
        workbench.consoles.editor.current?.insertText(node.qualifiedName)
        workbench.consoles.editor.focus()
      },
    },
    copy('copy', 'Copy name', node.qualifiedName),
  ]
  if (node.detail !== null && node.detail !== '')
    choices.push(copy('copy-detail', 'Copy definition', node.detail))
  return choices
}

function treeChoices(workbench: Workbench): MenuChoice[] {
  return [
    {
      id: 'refresh',
      label: 'Refresh',
      icon: RefreshCw,
      onChoose: () => workbench.attempt(() => workbench.explorer.refresh()),
    },
  ]
}
