/** The grid's context menu: every way to copy, each with its key. Knows no cells; says only what was chosen. */

import { useRef, type ReactElement } from 'react'
import {
  Header,
  Menu,
  MenuItem,
  MenuSection,
  Popover,
  Separator,
  Text,
  Keyboard,
} from 'react-aria-components'
import type { CopyFormat } from './copy-formats.ts'
import styles from './grid-menu.module.css'

export type GridMenuChoice =
  { readonly kind: 'copy-as'; readonly format: CopyFormat } | { readonly kind: 'open' | 'select-all' }

interface GridMenuProps {
  /** Where it opens, in CSS pixels of the grid; null while it is closed. */
  readonly at: { readonly x: number; readonly y: number } | null
  readonly onChoose: (choice: GridMenuChoice) => void
  readonly onClose: () => void
}

const copyItems: readonly { readonly format: CopyFormat; readonly label: string; readonly keys: string }[] = [
  { format: 'tsv', label: 'Copy', keys: 'Ctrl+C' },
  { format: 'tsv-headers', label: 'Copy with headers', keys: 'Ctrl+Shift+C' },
]

const copyAsItems: readonly { readonly format: CopyFormat; readonly label: string }[] = [
  { format: 'csv', label: 'CSV' },
  { format: 'json', label: 'JSON' },
  { format: 'markdown', label: 'Markdown' },
  { format: 'insert', label: 'SQL INSERT' },
  { format: 'in-list', label: 'SQL IN list' },
]

/** The menu at a point of the grid. */
export function GridMenu({ at, onChoose, onClose }: GridMenuProps): ReactElement {
  const anchor = useRef<HTMLDivElement>(null)
  return (
    <>
      <div ref={anchor} className={styles['anchor']} style={{ left: at?.x ?? 0, top: at?.y ?? 0 }} />
      <Popover
        triggerRef={anchor}
        isOpen={at !== null}
        onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
        placement="bottom start"
        offset={0}
        className={styles['popover'] ?? ''}
      >
        <Menu className={styles['menu'] ?? ''} aria-label="Cells" autoFocus="first" onClose={onClose}>
          <MenuSection aria-label="Copy">
            {copyItems.map(({ format, label, keys }) => (
              <Item
                key={format}
                label={label}
                keys={keys}
                onAction={() => onChoose({ kind: 'copy-as', format })}
              />
            ))}
          </MenuSection>
          <Separator className={styles['separator'] ?? ''} />
          <MenuSection>
            <Header className={styles['title'] ?? ''}>Copy as</Header>
            {copyAsItems.map(({ format, label }) => (
              <Item key={format} label={label} onAction={() => onChoose({ kind: 'copy-as', format })} />
            ))}
          </MenuSection>
          <Separator className={styles['separator'] ?? ''} />
          <Item label="Show the whole value" keys="Enter" onAction={() => onChoose({ kind: 'open' })} />
          <Item label="Select all" keys="Ctrl+A" onAction={() => onChoose({ kind: 'select-all' })} />
        </Menu>
      </Popover>
    </>
  )
}

interface ItemProps {
  readonly label: string
  readonly keys?: string
  readonly onAction: () => void
}

function Item({ label, keys, onAction }: ItemProps): ReactElement {
  return (
    <MenuItem className={styles['item'] ?? ''} textValue={label} onAction={onAction}>
      <Text slot="label">{label}</Text>
      {keys === undefined ? null : <Keyboard>{keys}</Keyboard>}
    </MenuItem>
  )
}
