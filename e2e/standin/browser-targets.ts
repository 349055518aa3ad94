/**
 * Pages of the Chromium behind the stand-in: makes one for each window, closes those that a page opened by itself
 * (the window-open handler was asked already, and only its denial is modelled). Knows no web contents.
 */

import type { Chromium } from './chromium.ts'
import type { DevToolsSession } from './devtools.ts'

export interface Target {
  readonly id: string
  readonly session: DevToolsSession
}

export class BrowserTargets {
  readonly #chromium: Chromium
  readonly browser: DevToolsSession
  /** Sessions by the id of their target. */
  readonly #sessions = new Map<string, PromiseWithResolvers<string>>()
  readonly #own = new Set<string>()
  readonly #onGone = new Map<string, () => void>()
  /** While one is being made, nobody can tell whose a target is that appears. */
  #making: Promise<unknown> = Promise.resolve()

  constructor(chromium: Chromium) {
    this.#chromium = chromium
    this.browser = chromium.devtools.session()
  }

  async start(): Promise<void> {
    this.browser.on('Target.attachedToTarget', ({ targetInfo, sessionId }) => {
      if (targetInfo.type !== 'page') return
      this.#sessionOf(targetInfo.targetId).resolve(sessionId)
      void this.#making.then(() => this.#closeStranger(targetInfo.targetId, sessionId))
    })
    this.browser.on('Target.targetDestroyed', ({ targetId }) => {
      this.#sessions.delete(targetId)
      this.#own.delete(targetId)
      this.#onGone.get(targetId)?.()
      this.#onGone.delete(targetId)
    })
    await this.browser.send('Target.setDiscoverTargets', { discover: true })
    const filter = [{ type: 'page' }]
    await this.browser.send('Target.setAutoAttach', {
      autoAttach: true,
      waitForDebuggerOnStart: true,
      flatten: true,
      filter,
    })
  }

  /** An empty page in a window of its own; it waits until `Runtime.runIfWaitingForDebugger` is sent. */
  async create(
    size: { readonly width: number; readonly height: number },
    onGone: () => void,
  ): Promise<Target> {
    const making = this.#making.then(() =>
      this.browser.send('Target.createTarget', { url: 'about:blank', newWindow: true, ...size }),
    )
    this.#making = making.then(
      ({ targetId }) => this.#own.add(targetId),
      () => undefined,
    )
    const { targetId } = await making
    await this.#making
    this.#onGone.set(targetId, onGone)
    const sessionId = await this.#sessionOf(targetId).promise
    return { id: targetId, session: this.#chromium.devtools.session(sessionId) }
  }

  #sessionOf(targetId: string): PromiseWithResolvers<string> {
    const known = this.#sessions.get(targetId) ?? Promise.withResolvers<string>()
    this.#sessions.set(targetId, known)
    return known
  }

  async #closeStranger(targetId: string, sessionId: string): Promise<void> {
    if (this.#own.has(targetId)) return
    const session = this.#chromium.devtools.session(sessionId)
    // Its opener waits until it goes on; it may also be gone already.
    await session.send('Runtime.runIfWaitingForDebugger').catch(() => undefined)
    await this.browser.send('Target.closeTarget', { targetId }).catch(() => undefined)
  }
}
