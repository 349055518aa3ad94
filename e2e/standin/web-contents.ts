/**
 * `WebContents`: the page of one window in the Chromium behind the stand-in. Tells of its loading, asks before it
 * navigates, opens windows or leaves, and carries what it and the app say to each other.
 */

import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import type Electron from 'electron'
import { note } from './asked.ts'
import type { BrowserTargets } from './browser-targets.ts'
import type { DevToolsSession } from './devtools.ts'
import { appEvents } from './lifecycle.ts'
import { nativeTheme, prefersDark } from './native-theme.ts'
import { PageLink } from './page-link.ts'
import { pageSource, preloadSource } from './page-world.ts'
import { servedAddresses } from './protocol.ts'
import { defaultSession } from './session.ts'
import { notImplemented, preventable, strict } from './strict.ts'

const preloadWorld = 'Electron Isolated Context'

type WindowOpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0]

interface Opening {
  readonly targets: BrowserTargets
  readonly width: number
  readonly height: number
  readonly preload: string | undefined
}

/** Each keeps a connection, of six that Chromium has to one origin. */
const windowsMax = 5

/** All that are there, by their number. */
const all = new Map<number, StandInContents>()
let lastId = 0

export class StandInContents extends EventEmitter {
  readonly id: number
  readonly session = defaultSession
  /** What the app is given: unknown members throw. */
  readonly seen: Electron.WebContents
  readonly #link: PageLink
  readonly #opened: Promise<DevToolsSession>
  readonly #targets: BrowserTargets
  /** Addresses that the app itself loads, about which nobody is asked. */
  readonly #expected = new Set<string>()
  #targetId = ''
  #title = ''
  #isDestroyed = false
  #onWindowOpen: WindowOpenHandler | null = null

  constructor(opening: Opening) {
    super()
    if (all.size === windowsMax) throw notImplemented('a sixth window, whose page would wait for ever,')
    lastId += 1
    this.id = lastId
    this.#targets = opening.targets
    this.seen = strict('webContents', this) as unknown as Electron.WebContents
    this.#link = new PageLink({
      sender: () => this.seen,
      toAppAddress: (served) => servedAddresses().fromServed(served),
      onPreloadError: (error) => {
        process.stderr.write(`stand-in: the preload script failed: ${error.message}\n`)
        this.emit('preload-error', {}, opening.preload, error)
      },
    })
    all.set(this.id, this)
    this.#opened = this.#open(opening)
    // Whoever loads something is told.
    this.#opened.catch(() => undefined)
    // After the constructor of the window, as in Electron's documentation of the event.
    queueMicrotask(() => appEvents.emit('web-contents-created', {}, this.seen))
  }

  get mainFrame(): Electron.WebFrameMain {
    return this.#link.frame as unknown as Electron.WebFrameMain
  }

  get targetId(): string {
    return this.#targetId
  }

  async loadURL(address: string): Promise<void> {
    const devtools = await this.#opened
    const served = servedAddresses().toServed(address)
    if (served !== address) await this.#permit(address)
    this.#expected.add(served)
    const loaded = new Promise<void>((resolve) => this.once('did-finish-load', resolve))
    const { errorText } = await devtools.send('Page.navigate', { url: served })
    if (errorText !== undefined) {
      this.#expected.delete(served)
      this.emit('did-fail-load', {}, -2, errorText, address, true)
      throw new Error(`${errorText} (-2) loading '${address}'`)
    }
    await loaded
  }

  reload(): void {
    this.#expected.add(servedAddresses().toServed(this.getURL()))
    void this.#send((devtools) => devtools.send('Page.reload'))
  }

  getURL(): string {
    return this.#link.frame.url
  }

  getTitle(): string {
    return this.#title
  }

  getType(): 'window' {
    return 'window'
  }

  isDestroyed(): boolean {
    return this.#isDestroyed
  }

  send(channel: string, ...args: readonly unknown[]): void {
    this.#link.send(channel, ...args)
  }

  postMessage(channel: string, message: unknown, transfer: readonly unknown[] = []): void {
    this.#link.postMessage(channel, message, transfer)
  }

  setWindowOpenHandler(handler: WindowOpenHandler): void {
    this.#onWindowOpen = handler
  }

  async executeJavaScript(expression: string): Promise<unknown> {
    const devtools = await this.#opened
    const options = { expression, awaitPromise: true, returnByValue: true }
    const { result, exceptionDetails } = await devtools.send('Runtime.evaluate', options)
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value as unknown
  }

  openDevTools(): void {
    note('webContents.openDevTools')
  }

  /** Follows `nativeTheme`. */
  async applyTheme(): Promise<void> {
    const value = prefersDark()
    if (value === null) return
    const features = [{ name: 'prefers-color-scheme', value: value ? 'dark' : 'light' }]
    await this.#send((devtools) => devtools.send('Emulation.setEmulatedMedia', { features }))
  }

  /** Handlers of permissions have changed; a page that is not the app's own has none. */
  async applyPermissions(): Promise<void> {
    const address = this.getURL()
    if (servedAddresses().toServed(address) !== address) await this.#send(() => this.#permit(address))
  }

  /** The renderer process ends as if it had crashed. */
  forcefullyCrashRenderer(): void {
    void this.#send((devtools) => devtools.send('Page.crash'))
  }

  /** Asks the page when it is to be waited for; the window learns of the end by `destroyed`. */
  close({ waitForBeforeUnload = false }: Partial<Electron.CloseOpts> = {}): void {
    void this.#send((devtools) =>
      waitForBeforeUnload
        ? devtools.send('Page.close')
        : this.#targets.browser.send('Target.closeTarget', { targetId: this.#targetId }),
    )
  }

  /** Sends something that may fail because the page goes away meanwhile. */
  async #send(message: (devtools: DevToolsSession) => Promise<unknown>): Promise<void> {
    await this.#opened.then(message).catch(() => undefined)
  }

  async #permit(address: string): Promise<void> {
    const { protocol, host } = new URL(address)
    await this.session.applyPermissions(this.#targets.browser, {
      contents: this.seen,
      origin: `${protocol}//${host}`,
      servedOrigin: new URL(servedAddresses().toServed(address)).origin,
    })
  }

  async #open({ targets, preload, width, height }: Opening): Promise<DevToolsSession> {
    const { id, session: devtools } = await targets.create({ width, height }, () => this.#gone())
    this.#targetId = id
    this.#watchLoading(devtools)
    this.#watchLeaving(devtools)
    const token = randomUUID()
    const { platform, arch, versions } = process
    const boot = { token, platform, arch, versions, dropFolder: process.env['STANDIN_DROP_FOLDER'] ?? '' }
    const script = preload === undefined ? '' : readFileSync(preload, 'utf8')
    const { socketPath } = this.#link
    const source = preloadSource({ ...boot, socketPath, socketHost: servedAddresses().host }, script)
    await Promise.all([
      devtools.send('Page.enable'),
      devtools.send('Inspector.enable'),
      devtools.send('Page.addScriptToEvaluateOnNewDocument', { source: pageSource(token) }),
      devtools.send('Page.addScriptToEvaluateOnNewDocument', { source, worldName: preloadWorld }),
      devtools.send('Fetch.enable', { patterns: [{ urlPattern: '*', resourceType: 'Document' }] }),
    ])
    await devtools.send('Runtime.runIfWaitingForDebugger')
    return devtools
  }

  #watchLoading(devtools: DevToolsSession): void {
    devtools.on('Page.frameNavigated', ({ frame }) => {
      if (frame.id === this.#targetId) this.emit('did-navigate', {}, servedAddresses().fromServed(frame.url))
    })
    devtools.on('Page.domContentEventFired', () => {
      this.emit('dom-ready', {})
      void this.applyTheme()
    })
    devtools.on('Page.loadEventFired', () => void this.#finishLoad(devtools))
    devtools.on('Inspector.targetCrashed', () => {
      this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 11 })
    })
  }

  async #finishLoad(devtools: DevToolsSession): Promise<void> {
    const title = await devtools.send('Runtime.evaluate', { expression: 'document.title' }).catch(() => null)
    this.#title = String(title?.result.value ?? '')
    this.emit('page-title-updated', preventable({}), this.#title, true)
    this.emit('did-finish-load', {})
  }

  #watchLeaving(devtools: DevToolsSession): void {
    devtools.on('Fetch.requestPaused', ({ requestId, frameId, request, redirectedRequestId }) => {
      const isMainFrame = frameId === this.#targetId
      const isAllowed =
        (isMainFrame && this.#expected.delete(request.url)) ||
        this.#mayNavigate(servedAddresses().fromServed(request.url), isMainFrame, redirectedRequestId)
      const answer = isAllowed
        ? devtools.send('Fetch.continueRequest', { requestId })
        : devtools.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' })
      answer.catch(() => undefined)
    })
    devtools.on('Page.windowOpen', ({ url, windowName }) => this.#askToOpen(url, windowName))
    devtools.on('Page.javascriptDialogOpening', ({ type }) => {
      if (type !== 'beforeunload') return
      const event = preventable({})
      this.emit('will-prevent-unload', event)
      // Preventing the page's wish to stay lets it go.
      const accept = event.defaultPrevented
      devtools.send('Page.handleJavaScriptDialog', { accept }).catch(() => undefined)
      if (!accept) this.emit('-stays')
    })
  }

  /** Whether nobody minds; both events come for the top frame, as in Electron. */
  #mayNavigate(url: string, isMainFrame: boolean, redirected: string | undefined): boolean {
    const details = { url, isMainFrame, isSameDocument: false, frame: isMainFrame ? this.mainFrame : null }
    const names = redirected !== undefined ? ['will-redirect'] : ['will-frame-navigate', 'will-navigate']
    return names.every((name) => {
      if (name === 'will-navigate' && !isMainFrame) return true
      const event = preventable(details)
      this.emit(name, event, url)
      if (event.defaultPrevented) note(`webContents.${name} prevented`, url)
      return !event.defaultPrevented
    })
  }

  #askToOpen(served: string, frameName: string): void {
    const url = servedAddresses().fromServed(served)
    const details = {
      url,
      frameName,
      features: '',
      disposition: 'foreground-tab',
      referrer: { url: '', policy: 'default' },
    } as const
    const action = this.#onWindowOpen?.(details).action ?? 'allow'
    note('window.open', url, action)
    if (action !== 'deny') throw notImplemented('a window that a page opens')
  }

  #gone(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    all.delete(this.id)
    this.#link.end()
    this.emit('destroyed')
  }
}

/** `webContents`, the module. */
export const webContents = strict('webContents', {
  fromId: (id) => all.get(id)?.seen,
  fromDevToolsTargetId: (targetId) => [...all.values()].find((one) => one.targetId === targetId)?.seen,
  getAllWebContents: () => [...all.values()].map(({ seen }) => seen),
} satisfies Partial<typeof Electron.webContents>)

defaultSession.on('-permissions', () => {
  for (const contents of all.values()) void contents.applyPermissions()
})

nativeTheme.on('updated', () => {
  for (const contents of all.values()) void contents.applyTheme()
})
