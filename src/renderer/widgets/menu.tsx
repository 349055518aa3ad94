/** Menus from a list of choices: under a button, or at a point for a context menu. Each choice names its key. */

import { Check, type LucideIcon } from 'lucide-react'
import { useRef, type ReactElement, type ReactNode } from 'react'
import {
  Menu as AriaMenu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  Separator,
} from 'react-aria-components'
import { classes } from './class-names.ts'
import { printCombination } from './key-combination.ts'
import styles from './menu.module.css'

export interface MenuChoice {
  readonly id: string
  readonly label: string
  /** A second, quieter part of the line. */
  readonly detail?: string | undefined
  readonly keys?: string | undefined
  readonly icon?: LucideIcon
  /** It is the one of its kind that holds; absent for what is done. */
  readonly isChecked?: boolean
  /** It is on; absent for what is no switch. */
  readonly isOn?: boolean
  readonly isDisabled?: boolean
  readonly isDanger?: boolean
  readonly onChoose: () => void
}

/** Groups of choices, with a line between them. Empty groups are left out. */
export type MenuGroups = readonly (readonly MenuChoice[])[]

interface MenuProps {
  readonly label: string
  readonly groups: MenuGroups
}

interface MenuButtonProps extends MenuProps {
  /** A react-aria button. */
  readonly children: ReactNode
  readonly placement?: 'bottom start' | 'bottom end' | 'top start' | 'top end'
}

/** Opens under the button that is its child. */
export function MenuButton({
  label,
  groups,
  children,
  placement = 'bottom start',
}: MenuButtonProps): ReactElement {
  return (
    <MenuTrigger>
      {children}
      <Popover className={styles['popover'] ?? ''} placement={placement} offset={4}>
        <MenuList label={label} groups={groups} />
      </Popover>
    </MenuTrigger>
  )
}

/** A point of the window, in CSS pixels. */
export interface MenuPoint {
  readonly x: number
  readonly y: number
}

interface ContextMenuProps extends MenuProps {
  /** Null while it is closed. */
  readonly at: MenuPoint | null
  readonly onClose: () => void
}

/** Opens at a point, and gives the focus back to where it was. */
export function ContextMenu({ label, groups, at, onClose }: ContextMenuProps): ReactElement {
  const anchor = useRef<HTMLSpanElement>(null)
  return (
    <>
      <span ref={anchor} className={styles['anchor']} style={{ left: at?.x ?? 0, top: at?.y ?? 0 }} />
      <Popover
        key={at ? `${at.x},${at.y}` : 'closed'}
        className={styles['popover'] ?? ''}
        triggerRef={anchor}
        isOpen={at !== null}
        onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
        placement="bottom start"
        offset={0}
      >
        <MenuList label={label} groups={groups} onClose={onClose} />
      </Popover>
    </>
  )
}

function MenuList({ label, groups, onClose }: MenuProps & { readonly onClose?: () => void }): ReactElement {
  const shown = groups.filter((group) => group.length > 0)
  return (
    <AriaMenu
      className={styles['menu'] ?? ''}
      aria-label={label}
      {...(onClose ? { onClose, autoFocus: 'first' } : {})}
    >
      {shown.flatMap((group, index) => [
        ...(index > 0 ? [<Separator key={`line ${index}`} className={styles['line'] ?? ''} />] : []),
        <Group key={`group ${index}`} choices={group} />,
      ])}
    </AriaMenu>
  )
}

/** Says of what can be checked whether it is. */
function Group({ choices }: { readonly choices: readonly MenuChoice[] }): ReactElement {
  const hasSwitch = choices.some(({ isOn }) => isOn !== undefined)
  const canCheck = hasSwitch || choices.some(({ isChecked }) => isChecked !== undefined)
  const checking = canCheck
    ? {
        selectionMode: hasSwitch ? ('multiple' as const) : ('single' as const),
        selectedKeys: choices.filter(hasMark).map(({ id }) => id),
        shouldCloseOnSelect: true,
      }
    : {}
  return (
    <MenuSection {...checking}>
      {choices.map((choice) => (
        <Choice key={choice.id} choice={choice} />
      ))}
    </MenuSection>
  )
}

const hasMark = ({ isChecked, isOn }: MenuChoice): boolean => isChecked === true || isOn === true

function Choice({ choice }: { readonly choice: MenuChoice }): ReactElement {
  const { id, label, detail, keys, icon, isDisabled = false, isDanger, onChoose } = choice
  const Icon = hasMark(choice) ? Check : icon
  return (
    <MenuItem
      id={id}
      textValue={label}
      isDisabled={isDisabled}
      className={classes(styles['item'], isDanger && styles['danger'])}
      onAction={onChoose}
    >
      <span className={styles['icon']}>{Icon ? <Icon size={14} aria-hidden /> : null}</span>
      <span className={styles['label']}>{label}</span>
      {detail === undefined ? null : <span className={styles['detail']}>{detail}</span>}
      {keys === undefined ? null : <kbd className={styles['keys']}>{printCombination(keys)}</kbd>}
    </MenuItem>
  )
}
