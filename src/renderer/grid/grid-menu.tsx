/** The grid's context menu: every way to copy, each with its key. Knows no cells; says only what was chosen. */

import type { ReactElement } from 'react'
import { ContextMenu, type MenuChoice, type MenuPoint } from '../widgets/menu.tsx'
import type { CopyFormat } from './copy-formats.ts'

export type GridMenuChoice =
  { readonly kind: 'copy-as'; readonly format: CopyFormat } | { readonly kind: 'open' | 'select-all' }

interface GridMenuProps {
  /** Null while it is closed. */
  readonly at: MenuPoint | null
  readonly onChoose: (choice: GridMenuChoice) => void
  readonly onClose: () => void
}

const copyItems: readonly { readonly format: CopyFormat; readonly label: string; readonly keys?: string }[] =
  [
    { format: 'tsv', label: 'Copy', keys: 'Mod+C' },
    { format: 'tsv-headers', label: 'Copy with headers', keys: 'Mod+Shift+C' },
  ]

const copyAsItems: typeof copyItems = [
  { format: 'csv', label: 'Copy as CSV' },
  { format: 'json', label: 'Copy as JSON' },
  { format: 'markdown', label: 'Copy as Markdown' },
  { format: 'insert', label: 'Copy as SQL INSERT' },
  { format: 'in-list', label: 'Copy as SQL IN list' },
]

export function GridMenu({ at, onChoose, onClose }: GridMenuProps): ReactElement {
  const copyChoice = ({ format, label, keys }: (typeof copyItems)[number]): MenuChoice => {
    return { id: format, label, keys, onChoose: () => onChoose({ kind: 'copy-as', format }) }
  }
  const groups = [
    copyItems.map(copyChoice),
    copyAsItems.map(copyChoice),
    [
      {
        id: 'open',
        label: 'Show the whole value',
        keys: 'Enter',
        onChoose: () => onChoose({ kind: 'open' }),
      },
      { id: 'all', label: 'Select all', keys: 'Mod+A', onChoose: () => onChoose({ kind: 'select-all' }) },
    ],
  ]
  return <ContextMenu label="Cells" groups={groups} at={at} onClose={onClose} />
}
