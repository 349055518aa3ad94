/**
 * The editor tabs of this window: which there are, which one is in front, opening, closing and moving them, and
 * running statements in them. What the host must find again after a restart is told to it at once.
 */

import { systemClock, type Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { tabsMax } from '../../contract/limits.ts'
import type { Tab, Workspace } from '../../contract/workspace.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import type { RunRequest } from './console-model.ts'
import { ConsoleTab, type CacheChoices } from './console-tab.ts'
import { EditorBridge } from './editor-bridge.ts'
import { ResultBudget } from './result-budget.ts'
import { Store } from './store.ts'

export interface NewTab {
  readonly title: string
  readonly instanceId: string | null
  /** Its first text; empty when not given. */
  readonly text?: string
}

export class ConsoleState implements Disposable {
  readonly tabs = new Store<readonly ConsoleTab[]>([])
  readonly activeTab = new Store<ConsoleTab | null>(null)
  readonly editor = new EditorBridge()
  readonly #client: WorkbenchClient
  readonly #clock: Clock
  readonly #budget = new ResultBudget()
  readonly #choices: CacheChoices | undefined
  readonly #sessions: Disposable

  constructor(client: WorkbenchClient, clock: Clock = systemClock, choices?: CacheChoices) {
    this.#client = client
    this.#clock = clock
    this.#choices = choices
    this.#sessions = client.on('session.didChange', (state) => {
      for (const tab of this.tabs.value) tab.takeSession(state)
    })
  }

  /** Takes the tabs that the host kept: all of them at first, and what changed after a lost connection. */
  restore(workspace: Workspace): void {
    const known = new Map(this.tabs.value.map((tab) => [tab.id, tab]))
    const tabs = workspace.tabs.map((tab) => {
      const existing = known.get(tab.id)
      known.delete(tab.id)
      existing?.text.didReconnect(tab.version)
      return existing ?? this.#adopt(tab)
    })
    this.tabs.set(tabs)
    const active = this.activeTab.value
    if (!active || known.has(active.id)) {
      this.#show(tabs.find((tab) => tab.id === workspace.activeTabId) ?? tabs[0] ?? null)
    }
    for (const gone of known.values()) gone.dispose()
  }

  tab(tabId: string): ConsoleTab | null {
    return this.tabs.value.find((tab) => tab.id === tabId) ?? null
  }

  /** Opens a tab behind the others and brings it to the front. */
  async create({ title, instanceId, text = '' }: NewTab): Promise<ConsoleTab> {
    if (this.tabs.value.length >= tabsMax) {
      throw new WorkbenchError('limit-exceeded', `A window has at most ${tabsMax} tabs; close one first`)
    }
    const index = this.tabs.value.length
    const tab = this.#adopt(await this.#client.call('tab.create', { title, instanceId, index }))
    if (text !== '') tab.text.fill(text)
    this.tabs.set([...this.tabs.value, tab])
    this.activate(tab.id)
    return tab
  }

  /** Brings a tab to the front. */
  activate(tabId: string): void {
    const tab = this.tab(tabId)
    if (!tab || tab === this.activeTab.value) return
    this.#show(tab)
    for (const result of [...tab.pinned.value, ...tab.shown.value.results]) this.#budget.touch(result)
    this.#tell(this.#client.call('workspace.setActiveTab', { tabId }))
  }

  /** Closes a tab; what runs in it ends, its text can be had back with `reopen`. */
  async close(tabId: string): Promise<void> {
    const index = this.tabs.value.findIndex((tab) => tab.id === tabId)
    const tab = this.tabs.value[index]
    if (!tab) return
    await tab.text.flush()
    if (tab.text.hasUnsaved) {
      const message = `The text of ${tab.label.value.title} could not be stored yet; the tab stays open`
      throw new WorkbenchError('storage-failed', message)
    }
    await this.#client.call('tab.close', { tabId })
    const rest = this.tabs.value.filter((other) => other !== tab)
    this.tabs.set(rest)
    if (this.activeTab.value === tab) this.#activateInstead(rest[Math.min(index, rest.length - 1)] ?? null)
    await tab.closeSession().finally(() => tab.dispose())
  }

  /** Brings back the tab closed last; false when there is none. */
  async reopen(): Promise<boolean> {
    const reopened = await this.#client.call('tab.reopen', null)
    if (!reopened) return false
    const tab = this.#adopt(reopened)
    this.tabs.set([...this.tabs.value, tab])
    this.activate(tab.id)
    return true
  }

  async rename(tabId: string, title: string): Promise<void> {
    const tab = this.tab(tabId)
    if (!tab || title.trim() === '' || title === tab.label.value.title) return
    tab.label.patch({ title })
    await this.#update(tab)
    const sessionId = tab.session.value?.sessionId
    if (sessionId !== undefined) await this.#client.call('session.rename', { sessionId, title })
  }

  /** Makes a tab the console of another instance; refused while it runs something. */
  async setInstance(tabId: string, instanceId: string): Promise<void> {
    const tab = this.tab(tabId)
    if (!tab || tab.label.value.instanceId === instanceId) return
    if (tab.isRunning) {
      throw new WorkbenchError('in-use', `${tab.label.value.title} runs a statement; cancel it first`)
    }
    await tab.closeSession()
    tab.label.patch({ instanceId })
    await this.#update(tab)
  }

  /** Moves a tab to place `index`. */
  async move(tabId: string, index: number): Promise<void> {
    const tab = this.tab(tabId)
    if (!tab) return
    const rest = this.tabs.value.filter((other) => other !== tab)
    this.tabs.set([...rest.slice(0, index), tab, ...rest.slice(index)])
    await this.#update(tab)
  }

  /** Runs a statement or script in a tab; see ConsoleTab.run. */
  async run(tabId: string, request: RunRequest): Promise<void> {
    await this.tab(tabId)?.run(request)
  }

  async cancel(tabId: string): Promise<void> {
    await this.tab(tabId)?.cancel()
  }

  /** The instance is gone: its tabs keep their text. */
  forgetInstance(instanceId: string): void {
    for (const tab of this.tabs.value) {
      if (tab.label.value.instanceId !== instanceId) continue
      tab.session.set(null)
      tab.label.patch({ instanceId: null })
    }
  }

  /** The connection was lost: sessions are gone, texts are kept until they can be stored. */
  didDisconnect(): void {
    for (const tab of this.tabs.value) tab.loseSession()
  }

  /** Whether text is in this window that is not stored yet. */
  get hasUnsaved(): boolean {
    return this.tabs.value.some((tab) => tab.text.hasUnsaved)
  }

  /** Whether closing the window now would lose text. */
  get wouldLoseText(): boolean {
    return this.tabs.value.some((tab) => tab.text.wouldLoseText)
  }

  /** The window is going away: sends every edit without waiting for answers. */
  sendAtOnce(): void {
    for (const tab of this.tabs.value) tab.text.sendAtOnce()
  }

  async flush(): Promise<void> {
    await Promise.all(this.tabs.value.map((tab) => tab.text.flush()))
  }

  dispose(): void {
    this.#sessions.dispose()
    for (const tab of this.tabs.value) tab.dispose()
    this.tabs.dispose()
    this.activeTab.dispose()
  }

  #adopt(tab: Tab): ConsoleTab {
    const choices = this.#choices ? { choices: this.#choices } : {}
    return new ConsoleTab({ client: this.#client, clock: this.#clock, budget: this.#budget, tab, ...choices })
  }

  #show(tab: ConsoleTab | null): void {
    this.activeTab.set(tab)
  }

  #activateInstead(tab: ConsoleTab | null): void {
    this.#show(tab)
    this.#tell(this.#client.call('workspace.setActiveTab', { tabId: tab?.id ?? null }))
  }

  async #update(tab: ConsoleTab): Promise<void> {
    const { title, instanceId } = tab.label.value
    const index = this.tabs.value.indexOf(tab)
    await this.#client.call('tab.update', { tabId: tab.id, title, instanceId, index })
  }

  /** For what is only a convenience: after a lost connection the next change tells it again. */
  #tell(call: Promise<unknown>): void {
    call.catch(() => undefined)
  }
}
