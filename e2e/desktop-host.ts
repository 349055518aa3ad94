/**
 * The desktop app on a data directory of its own for a spec: started, asked for windows, its host killed, quit and
 * started again.
 */

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type ElectronApplication, type Page } from '@playwright/test'
import { launchDesktop, launchTimeoutMs, type DesktopTarget } from './desktop-app.ts'
import type { CommandEnd, HostUnderTest, Ready, StartOptions } from './host-under-test.ts'
import { runWardian } from './wardian-server.ts'

/** The app stores what was typed and closes its databases; then it is ended. */
const quitTimeoutMs = 30_000

interface Creation {
  readonly target: DesktopTarget
  /** A data directory to start from a copy of. */
  readonly original?: string
}

interface DesktopStart extends StartOptions {
  /** Given to the app, such as files to open. */
  readonly args?: readonly string[]
}

/** A window is there before its page is. */
function isLoaded({ protocol }: URL): boolean {
  return protocol !== 'about:'
}

export class DesktopHost implements HostUnderTest {
  readonly dataDirectory: string
  readonly #target: DesktopTarget
  #app: ElectronApplication | null = null
  /** Of the app that was started last; Playwright forgets it when it ends. */
  #process: ChildProcess | null = null
  #page: Page | null = null
  #narration = ''
  #onWindow: (page: Page) => void = () => undefined

  private constructor(dataDirectory: string, target: DesktopTarget) {
    this.dataDirectory = dataDirectory
    this.#target = target
  }

  /** Not started yet, with a data directory that nobody has used, or with a copy of `original`. */
  static async create({ target, original }: Creation): Promise<DesktopHost> {
    const directory = await mkdtemp(join(tmpdir(), `wardian-${target}-`))
    if (original !== undefined) await cp(original, directory, { recursive: true })
    return new DesktopHost(directory, target)
  }

  /** The running app. */
  get app(): ElectronApplication {
    if (!this.#app) throw new Error('The app has not been started')
    return this.#app
  }

  /** Its first window. */
  get page(): Page {
    if (!this.#page) throw new Error('The app has not been started')
    return this.#page
  }

  get ready(): Ready {
    throw new Error('The desktop app has no address; tag the spec with servedOnly')
  }

  get origin(): string {
    return this.ready.url
  }

  get narration(): string {
    return this.#narration
  }

  /** Calls `onWindow` with the first window of each start, also with the one that is there. */
  watchWindows(onWindow: (page: Page) => void): void {
    this.#onWindow = onWindow
    if (this.#page) onWindow(this.#page)
  }

  /** Starts the app, unless it runs: then its host starts by itself. */
  async start({ environment = {}, fileBytesMax, user, args = [] }: DesktopStart = {}): Promise<void> {
    if (fileBytesMax !== undefined || user) throw new Error('Only `wardian serve` is started within limits')
    if (this.#app) return
    const { dataDirectory } = this
    this.#app = await launchDesktop({ target: this.#target, dataDirectory, environment, args })
    this.#process = this.#app.process()
    this.#process.stderr?.on('data', (part: Buffer) => (this.#narration += part.toString()))
    this.#page = await this.#app.firstWindow({ timeout: launchTimeoutMs })
    await this.#page.waitForURL(isLoaded)
    this.#onWindow(this.#page)
  }

  /** Quits it, as a person does. */
  async stop(): Promise<number | null> {
    const app = this.#app
    if (!app) return null
    this.#app = null
    this.#page = null
    const child = this.#process
    const timer = setTimeout(() => child?.kill('SIGKILL'), quitTimeoutMs)
    await app.close()
    clearTimeout(timer)
    return child?.exitCode ?? null
  }

  async kill(): Promise<void> {
    process.kill(await this.hostProcessId(), 'SIGKILL')
  }

  async hostProcessId(): Promise<number> {
    const id = await this.app.evaluate(({ app }) => {
      return app.getAppMetrics().find(({ name, serviceName }) => [name, serviceName].includes('wardian-host'))
        ?.pid
    })
    if (id === undefined) throw new Error('The app has no process for its host')
    return id
  }

  async dispose(): Promise<void> {
    const child = this.#process
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    // Its children need a moment to see that it is gone.
    rmSync(this.dataDirectory, { recursive: true, force: true, maxRetries: 10 })
  }

  command(args: readonly string[]): Promise<CommandEnd> {
    return runWardian([...args, '--data', this.dataDirectory])
  }

  show(): Promise<Page> {
    return Promise.resolve(this.page)
  }

  /** Lets pages do what they ask for, in the place of the app, which denies nearly all of it. */
  async allowPermissions(): Promise<void> {
    await this.app.evaluate(({ session }) => {
      session.defaultSession.setPermissionCheckHandler(() => true)
      session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(true))
    })
    const clipboard = (): Promise<string> =>
      this.page.evaluate(async () => {
        const { state } = await navigator.permissions.query({ name: 'clipboard-read' as PermissionName })
        return state
      })
    await expect.poll(clipboard).toBe('granted')
  }

  /** Another window, by the menu. */
  async openWindow(): Promise<Page> {
    const opening = this.app.waitForEvent('window', { timeout: launchTimeoutMs })
    await this.app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('new-window')?.click())
    const opened = await opening
    await opened.waitForURL(isLoaded)
    return opened
  }
}
