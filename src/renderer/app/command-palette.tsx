/** Every action by name: type a part of it, Enter does it. Shows each action's key, so that one learns it. */

import { useMemo, type ReactElement } from 'react'
import {
  Autocomplete,
  Dialog,
  Input,
  Menu,
  MenuItem,
  Modal,
  ModalOverlay,
  SearchField,
} from 'react-aria-components'
import type { Command } from '../state/command-registry.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { printCombination } from '../widgets/key-combination.ts'
import styles from './command-palette.module.css'

interface CommandPaletteProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function CommandPalette({ isOpen, onClose }: CommandPaletteProps): ReactElement {
  return (
    <ModalOverlay
      className={styles['overlay'] ?? ''}
      isOpen={isOpen}
      isDismissable
      onOpenChange={(open) => (open ? undefined : onClose())}
    >
      <Modal className={styles['modal'] ?? ''}>
        <Dialog className={styles['dialog'] ?? ''} aria-label="All commands">
          <CommandSearch onClose={onClose} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

function CommandSearch({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { commands } = useWorkbench()
  const list = useStore(commands.list)
  const shown = useMemo(() => list.filter(isShown).sort(byGroup), [list])
  const run = (command: Command): void => {
    onClose()
    // After the dialog has given the focus back, so that a command may take it.
    setTimeout(() => commands.run(command.id))
  }
  return (
    <Autocomplete filter={matches}>
      <SearchField className={styles['search'] ?? ''} aria-label="Command" autoFocus>
        <Input className={styles['input'] ?? ''} placeholder="What do you want to do?" spellCheck={false} />
      </SearchField>
      <Menu
        className={styles['list'] ?? ''}
        aria-label="Commands"
        renderEmptyState={() => <p className={styles['none']}>No command is called that</p>}
      >
        {shown.map((command) => (
          <CommandLine key={command.id} command={command} onRun={() => run(command)} />
        ))}
      </Menu>
    </Autocomplete>
  )
}

function CommandLine({
  command,
  onRun,
}: {
  readonly command: Command
  readonly onRun: () => void
}): ReactElement {
  const { title, group, keys } = command
  const isEnabled = command.isEnabled?.() !== false
  return (
    <MenuItem
      id={command.id}
      className={styles['item'] ?? ''}
      textValue={`${group} ${title}`}
      isDisabled={!isEnabled}
      onAction={onRun}
    >
      <span className={styles['title']}>{title}</span>
      <span className={styles['group']}>{group}</span>
      <kbd className={styles['keys']}>{keys?.[0] === undefined ? '' : printCombination(keys[0])}</kbd>
    </MenuItem>
  )
}

/** The palette itself need not be found in it, nor nine commands that are one. */
function isShown({ id }: Command): boolean {
  return id !== 'app.palette' && !/^tab\.go-[2-9]$/.test(id)
}

/** What can be done comes before what cannot; what is done most comes first. */
const groupOrder = ['Console', 'Result', 'View', 'Database', 'Endpoint', 'Appearance', 'Window']

function byGroup(a: Command, b: Command): number {
  const isOff = (command: Command): number => (command.isEnabled?.() === false ? 1 : 0)
  return (
    isOff(a) - isOff(b) ||
    groupOrder.indexOf(a.group) - groupOrder.indexOf(b.group) ||
    a.title.localeCompare(b.title)
  )
}

/** Whether every word of `typed` begins or lies in the command's name. */
function matches(name: string, typed: string): boolean {
  const words = typed.toLowerCase().split(/\s+/)
  return words.every((word) => name.toLowerCase().includes(word))
}
