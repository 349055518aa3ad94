/** Puts the app's menus where the platform has them: the menu bar, the dock, the tray. Decides nothing. */

import { app, Menu, nativeImage, Tray } from 'electron'
import { join } from 'node:path'
import { pageFolder } from '../page/product-folder.ts'
import { iconMenuTemplate, menuTemplate, type MenuActions } from './menu-template.ts'

export class AppMenu {
  readonly #actions: MenuActions
  #tray: Tray | null = null

  constructor(actions: MenuActions) {
    this.#actions = actions
    app.dock?.setMenu(this.#iconMenu({ hasQuit: false }))
  }

  show(recentFiles: readonly string[]): void {
    const { platform } = process
    const template = menuTemplate({ platform, recentFiles, actions: this.#actions })
    Menu.setApplicationMenu(Menu.buildFromTemplate(template))
  }

  /** An icon that keeps the app in reach without a window. The dock of macOS is one already. */
  setTray(isShown: boolean): void {
    if (!isShown || process.platform === 'darwin') {
      this.#tray?.destroy()
      this.#tray = null
      return
    }
    if (this.#tray) return
    this.#tray = new Tray(nativeImage.createFromPath(join(pageFolder(), 'tray.png')))
    this.#tray.setToolTip('Wardian')
    this.#tray.setContextMenu(this.#iconMenu({ hasQuit: true }))
    this.#tray.on('click', () => this.#actions.newWindow())
  }

  #iconMenu(wishes: { readonly hasQuit: boolean }): Menu {
    const { newWindow } = this.#actions
    return Menu.buildFromTemplate(iconMenuTemplate({ newWindow, quit: () => app.quit() }, wishes))
  }
}
