/**
 * `Menu` and `MenuItem`: a tree that specs read and click. No accelerator is heard; each is only checked. Roles do
 * what they mean where that is modelled, and are noted otherwise.
 */

import type Electron from 'electron'
import { note } from './asked.ts'
import { isAccelerator } from './accelerator.ts'
import { focusedWindow } from './focus.ts'
import { quit } from './lifecycle.ts'
import { strict } from './strict.ts'

type Options = Electron.MenuItemConstructorOptions
type Role = NonNullable<Options['role']>

const submenuRoles: ReadonlySet<string> = new Set<Role>([
  'appMenu',
  'fileMenu',
  'editMenu',
  'viewMenu',
  'windowMenu',
])

const roleActions: Readonly<Partial<Record<Role, () => void>>> = {
  quit,
  close: () => focusedWindow()?.close(),
  minimize: () => focusedWindow()?.minimize(),
}

export class StandInMenuItem {
  readonly id: string
  readonly label: string
  readonly type: string
  readonly role: Role | undefined
  readonly accelerator: string | undefined
  readonly submenu: StandInMenu | undefined
  enabled: boolean
  visible: boolean
  checked: boolean
  readonly #onClick: Options['click']

  constructor(options: Options) {
    const { submenu, role, accelerator, click } = options
    if (accelerator !== undefined && !isAccelerator(accelerator)) {
      throw new Error(`stand-in: ${accelerator} is no accelerator`)
    }
    this.submenu = Array.isArray(submenu)
      ? StandInMenu.buildFromTemplate(submenu)
      : (submenu as unknown as StandInMenu | undefined)
    this.role = role
    this.id = options.id ?? ''
    this.label = options.label ?? role ?? ''
    const hasSubmenu = submenu !== undefined || submenuRoles.has(role ?? '')
    this.type = options.type ?? (hasSubmenu ? 'submenu' : 'normal')
    this.accelerator = accelerator ?? undefined
    this.enabled = options.enabled ?? true
    this.visible = options.visible ?? true
    this.checked = options.checked ?? false
    this.#onClick = click
    return strict('MenuItem', this)
  }

  click(): void {
    if (!this.enabled) return
    if (this.type === 'checkbox') this.checked = !this.checked
    if (this.#onClick) {
      const window = focusedWindow() as unknown as Electron.BaseWindow | undefined
      this.#onClick(this as unknown as Electron.MenuItem, window, {})
      return
    }
    const { role } = this
    note('MenuItem.click', role ?? this.label)
    if (role) roleActions[role]?.()
  }
}

let applicationMenu: StandInMenu | null = null

export class StandInMenu {
  readonly items: StandInMenuItem[] = []

  constructor() {
    return strict('Menu', this)
  }

  static buildFromTemplate(template: readonly (Options | StandInMenuItem)[]): StandInMenu {
    const menu = new StandInMenu()
    for (const item of template)
      menu.append(item instanceof StandInMenuItem ? item : new StandInMenuItem(item))
    return menu
  }

  static setApplicationMenu(menu: StandInMenu | null): void {
    applicationMenu = menu
  }

  static getApplicationMenu(): StandInMenu | null {
    return applicationMenu
  }

  append(item: StandInMenuItem): void {
    this.items.push(item)
  }

  popup(): void {
    note(
      'Menu.popup',
      this.items.map(({ label }) => label),
    )
  }

  getMenuItemById(id: string): StandInMenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id)
      if (found) return found
    }
    return null
  }
}
