/**
 * One window of the app: its place, its page, what that page asks of the app, and its coming back when its process has
 * ended. Decides nothing that the files it joins do not.
 */

import { BrowserWindow, dialog, Notification } from 'electron'
import { systemClock } from '../../base/clock.ts'
import type { ShellSettings } from '../../contract/shell-contract.ts'
import { askAboutCrash, choosePath, chooseSqlFiles } from './app-dialogs.ts'
import { appUrl } from './app-origin.ts'
import { mayLeave } from './leave-question.ts'
import { PageRecovery } from './page-recovery.ts'
import { newsOf, type EndedRun } from './run-news.ts'
import type { WakeKeeper } from './wake-keeper.ts'
import { windowOptions } from './window-options.ts'
import type { WindowRecord } from './window-placement.ts'
import { WindowShell } from './window-shell.ts'

/** What a window needs of the app that it belongs to. */
export interface WindowOwner {
  readonly wakeKeeper: WakeKeeper
  readonly settings: ShellSettings
  setSettings(settings: ShellSettings): Promise<void>
  openFiles(paths: readonly string[], window: AppWindow): Promise<void>
  /** Its place, or its tabs, are others. */
  didChange(window: AppWindow): void
  didClose(window: AppWindow): void
  /** It was to be closed, and stays. */
  didStay(): void
  onDefect(error: unknown): void
}

const placeEvents = ['resize', 'move'] as const

export class AppWindow {
  readonly window: BrowserWindow
  readonly shell: WindowShell
  readonly #owner: WindowOwner

  constructor(record: WindowRecord, notices: readonly string[], owner: WindowOwner) {
    this.#owner = owner
    this.window = new BrowserWindow(windowOptions(record.bounds))
    const { id } = this.window
    this.shell = new WindowShell({
      workspaceId: record.workspaceId,
      notices,
      actions: {
        keepWorkspace: () => owner.didChange(this),
        openSqlFiles: async () => owner.openFiles(await chooseSqlFiles(this.window), this),
        choosePath: (purpose, suggested) => choosePath(this.window, purpose, suggested),
        didEndRun: (run) => this.#tell(run),
        setJobCount: (count) => owner.wakeKeeper.setJobCount(id, count),
        get settings() {
          return owner.settings
        },
        setSettings: (settings) => owner.setSettings(settings),
        onDefect: (error) => owner.onDefect(error),
      },
    })
    this.#watchPage()
    this.#watchPlace(record)
  }

  /** Rejects when the page cannot be loaded. */
  async load(): Promise<void> {
    await this.window.loadURL(appUrl)
  }

  get record(): WindowRecord {
    const { window, shell } = this
    return {
      bounds: window.getNormalBounds(),
      isMaximized: window.isMaximized(),
      isFullScreen: window.isFullScreen(),
      workspaceId: shell.workspaceId,
    }
  }

  bringToFront(): void {
    if (this.window.isMinimized()) this.window.restore()
    this.window.show()
    this.window.focus()
  }

  #watchPage(): void {
    const { window } = this
    // The page wants to stay. Preventing that lets it go; without a listener the window could not be closed at all.
    window.webContents.on('will-prevent-unload', (event) => {
      if (mayLeave((question) => dialog.showMessageBoxSync(window, { ...question }))) event.preventDefault()
      else this.#owner.didStay()
    })
    const recovery = new PageRecovery(
      {
        reload: () => window.webContents.reload(),
        ask: (question) => askAboutCrash(window, question),
        close: () => window.destroy(),
      },
      systemClock,
    )
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      this.shell.didLosePage()
      if (!window.isDestroyed()) void recovery.didEnd(reason).catch((error) => this.#owner.onDefect(error))
    })
  }

  #watchPlace({ isMaximized, isFullScreen }: WindowRecord): void {
    const { window } = this
    window.once('ready-to-show', () => {
      if (isMaximized) window.maximize()
      if (isFullScreen) window.setFullScreen(true)
      window.show()
    })
    const changed = (): void => {
      if (!window.isDestroyed()) this.#owner.didChange(this)
    }
    for (const event of placeEvents) window.on(event as 'resize', changed)
    window.on('close', changed)
    window.on('closed', () => {
      this.shell.dispose()
      this.#owner.didClose(this)
    })
  }

  #tell(run: EndedRun): void {
    const { window } = this
    const isLookedAt = BrowserWindow.getAllWindows().some((each) => each.isFocused())
    const news = newsOf(run, { isLookedAt, notifies: this.#owner.settings.notifies })
    if (!news || !Notification.isSupported()) return
    const notification = new Notification({ ...news })
    notification.on('click', () => {
      if (!window.isDestroyed()) this.bringToFront()
    })
    notification.show()
  }
}
