/**
 * All windows of the app: opened where they were, given what is to be opened, remembered for the next start. The only
 * place that knows which window is in front.
 */

import { app, BrowserWindow, screen, type WebContents } from 'electron'
import { systemClock } from '../../base/clock.ts'
import type { ShellSettings } from '../../contract/shell-contract.ts'
import type { MenuCommandId, ShellRequest } from '../../contract/shell-request.ts'
import { AppWindow, type WindowOwner } from './app-window.ts'
import { targetOfPath, type OpenTarget } from './open-target.ts'
import { requestOf } from './read-target.ts'
import type { ShellMemory } from './shell-record.ts'
import type { WakeKeeper } from './wake-keeper.ts'
import { cascaded, placeWindow, type WindowRecord } from './window-placement.ts'
import { WindowRoster } from './window-roster.ts'

export interface AppWindowsOptions {
  readonly memory: ShellMemory
  readonly wakeKeeper: WakeKeeper
  /** What the first window tells of this start. */
  readonly notices: readonly string[]
  setSettings(settings: ShellSettings): Promise<void>
  didRememberFile(): void
  onFailure(error: unknown): void
}

export class AppWindows implements WindowOwner {
  readonly wakeKeeper: WakeKeeper
  readonly roster: WindowRoster
  readonly #options: AppWindowsOptions
  readonly #windows = new Map<number, AppWindow>()
  /** Asked for while there was no window. */
  readonly #waiting: ShellRequest[] = []

  constructor(options: AppWindowsOptions) {
    this.#options = options
    this.wakeKeeper = options.wakeKeeper
    this.roster = new WindowRoster((windows) => options.memory.rememberWindows(windows), systemClock)
  }

  get settings(): ShellSettings {
    return this.#options.memory.record.settings
  }

  setSettings(settings: ShellSettings): Promise<void> {
    return this.#options.setSettings(settings)
  }

  /** As they were when the app was closed; one where there was none. */
  async openAsBefore(): Promise<void> {
    const { windows } = this.#options.memory.record
    const records: readonly (WindowRecord | null)[] = windows.length === 0 ? [null] : windows
    await Promise.all(records.map((record) => this.#open(record)))
  }

  async openAnother(): Promise<void> {
    await this.#open(null)
  }

  /** The window that belongs to a page; null when it is closed. */
  of(contents: WebContents): AppWindow | null {
    return this.#windows.get(BrowserWindow.fromWebContents(contents)?.id ?? -1) ?? null
  }

  /** Opens what was asked for in the window in front, which comes to the front of everything. */
  async openTargets(targets: readonly OpenTarget[]): Promise<void> {
    await this.#deliver(targets, null)
    this.#front?.bringToFront()
  }

  async openFiles(paths: readonly string[], window: AppWindow | null = null): Promise<void> {
    const targets = paths.flatMap((path) => targetOfPath(path, '') ?? [])
    await this.#deliver(targets, window)
  }

  /** Has the page in front run one of its commands. */
  run(id: MenuCommandId): void {
    if (this.#front) this.#front.shell.request({ kind: 'command', id })
    else void this.openAnother().then(() => this.#front?.shell.request({ kind: 'command', id }))
  }

  async showOne(): Promise<void> {
    if (this.#front) this.#front.bringToFront()
    else await this.openAsBefore()
  }

  didChange(window: AppWindow): void {
    this.roster.note(window.window.id, window.record)
  }

  didClose(window: AppWindow): void {
    for (const [id, known] of this.#windows) {
      if (known !== window) continue
      this.#windows.delete(id)
      this.roster.didClose(id)
    }
  }

  didStay(): void {
    this.roster.didStay()
  }

  onDefect(error: unknown): void {
    this.#options.onFailure(error)
  }

  get #front(): AppWindow | null {
    const focused = BrowserWindow.getFocusedWindow()
    return this.#windows.get(focused?.id ?? -1) ?? [...this.#windows.values()].at(-1) ?? null
  }

  async #open(record: WindowRecord | null): Promise<void> {
    const areas = screen.getAllDisplays().map(({ workArea }) => workArea)
    const front = this.#front
    const near = record === null && front ? cascaded(front.window.getNormalBounds()) : null
    const bounds = placeWindow(record?.bounds ?? near, areas)
    const fields = record ?? { isMaximized: false, isFullScreen: false, workspaceId: null }
    const notices = this.#windows.size === 0 ? this.#options.notices : []
    const window = new AppWindow({ ...fields, bounds }, notices, this)
    this.#windows.set(window.window.id, window)
    for (const request of this.#waiting.splice(0)) window.shell.request(request)
    await window.load()
    this.didChange(window)
  }

  async #deliver(targets: readonly OpenTarget[], window: AppWindow | null): Promise<void> {
    for (const target of targets) {
      const request = await requestOf(target)
      const receiver = window ?? this.#front
      if (receiver) receiver.shell.request(request)
      else this.#waiting.push(request)
      this.#remember(target, request)
    }
  }

  /** Files that were opened, and no links and no directories. */
  #remember(target: OpenTarget, request: ShellRequest): void {
    const file = target.kind === 'sql-file' || target.kind === 'archive' ? target.file : null
    if (file === null || request.kind === 'problem') return
    this.#options.memory.rememberFile(file)
    app.addRecentDocument(file)
    this.#options.didRememberFile()
  }
}
