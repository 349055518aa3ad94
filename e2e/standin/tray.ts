/** `Tray`: an icon that nobody sees; its menu can be read, and a spec clicks it by emitting `click` on it. */

import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { note } from './asked.ts'
import type { StandInMenu } from './menu.ts'
import { strict } from './strict.ts'

type Members = Pick<Electron.Tray, 'destroy' | 'isDestroyed' | 'setToolTip' | 'setTitle' | 'setImage'>

const icons: StandInTray[] = []

export class StandInTray extends EventEmitter implements Members {
  toolTip = ''
  menu: StandInMenu | null = null
  #isDestroyed = false

  constructor(_image: Electron.NativeImage | string) {
    super()
    icons.push(this)
    note('Tray')
    return strict('Tray', this)
  }

  setToolTip(text: string): void {
    this.toolTip = text
  }

  setTitle(title: string): void {
    note('Tray.setTitle', title)
  }

  setImage(): void {
    note('Tray.setImage')
  }

  setContextMenu(menu: StandInMenu | null): void {
    this.menu = menu
  }

  destroy(): void {
    this.#isDestroyed = true
    icons.splice(icons.indexOf(this), 1)
    note('Tray.destroy')
  }

  isDestroyed(): boolean {
    return this.#isDestroyed
  }
}

export function trayIcons(): readonly StandInTray[] {
  return icons
}
