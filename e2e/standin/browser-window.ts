/**
 * `BrowserWindow`: where a window would be and how it is shown, which nobody sees, and the page in it, which Chromium
 * shows. Refuses unsafe pages.
 */

import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { note } from './asked.ts'
import type { BrowserTargets } from './browser-targets.ts'
import { focusedWindow, moveFocus } from './focus.ts'
import { appEvents, windowClosed, windowOpened, windowStays } from './lifecycle.ts'
import { isAppReady } from './readiness.ts'
import { primaryWorkArea } from './screen.ts'
import { preventable, strict } from './strict.ts'
import { StandInContents } from './web-contents.ts'
import { refuseUnsafe } from './web-preferences.ts'

const defaultSize = { width: 800, height: 600 }

type WindowState = 'normal' | 'minimized' | 'maximized' | 'full-screen'

type Members = Pick<
  Electron.BrowserWindow,
  | 'id'
  | 'webContents'
  | 'loadURL'
  | 'show'
  | 'showInactive'
  | 'hide'
  | 'isVisible'
  | 'focus'
  | 'blur'
  | 'isFocused'
  | 'minimize'
  | 'isMinimized'
  | 'restore'
  | 'maximize'
  | 'unmaximize'
  | 'isMaximized'
  | 'setFullScreen'
  | 'isFullScreen'
  | 'getBounds'
  | 'getNormalBounds'
  | 'setBounds'
  | 'getTitle'
  | 'setTitle'
  | 'flashFrame'
  | 'setMenuBarVisibility'
  | 'setBackgroundColor'
  | 'setProgressBar'
  | 'isDestroyed'
  | 'close'
  | 'destroy'
>

let targets: BrowserTargets | null = null
/** As the app has them. */
const windows = new Map<number, StandInWindow>()
let lastId = 0

/** Windows can be made from now on. */
export function openWindowsIn(browserTargets: BrowserTargets): void {
  targets = browserTargets
}

/** The open window that `isWanted`, as the app has it. */
function seenOf(isWanted: (window: StandInWindow) => boolean): StandInWindow | null {
  return [...windows.values()].find(isWanted) ?? null
}

export class StandInWindow extends EventEmitter implements Members {
  readonly id: number
  readonly webContents: Electron.WebContents
  readonly #contents: StandInContents
  /** What the app has: unknown members throw. */
  readonly #seen: StandInWindow
  #bounds: Electron.Rectangle
  #state: WindowState = 'normal'
  #isVisible: boolean
  #title: string
  #isDestroyed = false

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super()
    if (!isAppReady() || !targets) throw new Error('Cannot create BrowserWindow before app is ready')
    const {
      webPreferences = {},
      width = defaultSize.width,
      height = defaultSize.height,
      show = true,
    } = options
    refuseUnsafe(webPreferences)
    lastId += 1
    this.id = lastId
    const area = primaryWorkArea()
    const x = options.x ?? area.x + Math.max(0, Math.round((area.width - width) / 2))
    const y = options.y ?? area.y + Math.max(0, Math.round((area.height - height) / 2))
    this.#bounds = { x, y, width, height }
    this.#title = options.title ?? 'Electron'
    this.#isVisible = false
    this.#contents = new StandInContents({ targets, width, height, preload: webPreferences.preload })
    this.webContents = this.#contents.seen
    this.#seen = strict('BrowserWindow', this)
    windows.set(this.id, this.#seen)
    windowOpened(this)
    this.#watchContents()
    queueMicrotask(() => appEvents.emit('browser-window-created', {}, this.#seen))
    if (show) this.show()
    return this.#seen
  }

  static getAllWindows(): StandInWindow[] {
    return [...windows.values()]
  }

  static getFocusedWindow(): StandInWindow | null {
    return seenOf((window) => window.isFocused())
  }

  static fromWebContents(contents: { readonly id: number } | null | undefined): StandInWindow | null {
    return seenOf((window) => window.webContents.id === contents?.id)
  }

  static fromId(id: number): StandInWindow | null {
    return seenOf((window) => window.id === id)
  }

  loadURL(address: string): Promise<void> {
    return this.#contents.loadURL(address)
  }

  show(): void {
    this.showInactive()
    this.focus()
  }

  showInactive(): void {
    if (this.#isVisible) return
    this.#isVisible = true
    this.emit('show')
  }

  hide(): void {
    if (!this.#isVisible) return
    this.blur()
    this.#isVisible = false
    this.emit('hide')
  }

  isVisible(): boolean {
    return this.#isVisible
  }

  focus(): void {
    if (this.#isVisible && !this.#isDestroyed) moveFocus(this)
  }

  blur(): void {
    if (this.isFocused()) moveFocus(undefined)
  }

  isFocused(): boolean {
    return focusedWindow() === this
  }

  minimize(): void {
    this.blur()
    this.#become('minimized', 'minimize')
  }

  isMinimized(): boolean {
    return this.#state === 'minimized'
  }

  restore(): void {
    this.#become('normal', 'restore')
  }

  maximize(): void {
    this.showInactive()
    this.#become('maximized', 'maximize')
  }

  unmaximize(): void {
    if (this.isMaximized()) this.#become('normal', 'unmaximize')
  }

  isMaximized(): boolean {
    return this.#state === 'maximized'
  }

  setFullScreen(isFull: boolean): void {
    if (isFull) this.#become('full-screen', 'enter-full-screen')
    else if (this.isFullScreen()) this.#become('normal', 'leave-full-screen')
  }

  isFullScreen(): boolean {
    return this.#state === 'full-screen'
  }

  /** As a window manager would have it, when it fills the screen. */
  getBounds(): Electron.Rectangle {
    const fills = this.#state === 'maximized' || this.#state === 'full-screen'
    return fills ? primaryWorkArea() : { ...this.#bounds }
  }

  getNormalBounds(): Electron.Rectangle {
    return { ...this.#bounds }
  }

  setBounds(bounds: Partial<Electron.Rectangle>): void {
    const before = this.#bounds
    this.#bounds = { ...before, ...bounds }
    const { x, y, width, height } = this.#bounds
    if (width !== before.width || height !== before.height) this.emit('resize')
    if (x !== before.x || y !== before.y) this.emit('move')
  }

  getTitle(): string {
    return this.#title
  }

  setTitle(title: string): void {
    this.#title = title
  }

  flashFrame(isFlashing: boolean): void {
    note('BrowserWindow.flashFrame', isFlashing)
  }

  setMenuBarVisibility(isVisible: boolean): void {
    note('BrowserWindow.setMenuBarVisibility', isVisible)
  }

  setBackgroundColor(color: string): void {
    note('BrowserWindow.setBackgroundColor', color)
  }

  setProgressBar(progress: number): void {
    note('BrowserWindow.setProgressBar', progress)
  }

  isDestroyed(): boolean {
    return this.#isDestroyed
  }

  /** The app is asked first, then the page. */
  close(): void {
    const event = preventable({})
    this.emit('close', event)
    if (event.defaultPrevented) windowStays()
    else this.#contents.close({ waitForBeforeUnload: true })
  }

  destroy(): void {
    this.#contents.close()
  }

  #become(state: WindowState, event: string): void {
    if (this.#state === state) return
    this.#state = state
    this.emit(event)
    this.emit('resize')
  }

  #watchContents(): void {
    const contents = this.#contents
    contents.once('did-finish-load', () => this.emit('ready-to-show'))
    contents.on('page-title-updated', (event: ReturnType<typeof preventable>, title: string) => {
      this.emit('page-title-updated', event, title, true)
      if (!event.defaultPrevented) this.#title = title
    })
    contents.on('-stays', windowStays)
    contents.once('destroyed', () => {
      this.blur()
      this.#isDestroyed = true
      windows.delete(this.id)
      this.emit('closed')
      windowClosed(this)
    })
  }
}
