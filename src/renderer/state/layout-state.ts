/**
 * Which panels of this window are open and how large they are, remembered by the host. A layout that cannot be
 * read is the default one: nothing in it is worth an error.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { Store } from './store.ts'

export type SidebarView = 'databases' | 'history'

/** What lies right of the sidebar. */
export type MainPage = (typeof mainPages)[number]
const mainPages = ['consoles', 'endpoints', 'instances', 'dashboard'] as const

/** Panel id -> size in percent. */
export type PanelSizes = Readonly<Record<string, number>>

export interface WindowLayout {
  readonly sidebar: SidebarView
  readonly isSidebarOpen: boolean
  readonly page: MainPage
  /** By group of panels. */
  readonly sizes: Readonly<Record<string, PanelSizes>>
  /** Tabs that are not answered from kept results, by id; those chosen last. */
  readonly uncachedTabs: readonly string[]
}

const defaultLayout: WindowLayout = {
  sidebar: 'databases',
  isSidebarOpen: true,
  page: 'consoles',
  sizes: {},
  uncachedTabs: [],
}

/** Tabs that are gone are not looked for. */
const uncachedTabsMax = 100

/** A drag ends in many changes; the last one is stored. */
const saveDelayMs = 300

export class LayoutState implements Disposable {
  readonly layout = new Store<WindowLayout>(defaultLayout)
  readonly #client: WorkbenchClient
  readonly #clock: Clock
  #saving: Disposable | null = null

  constructor(client: WorkbenchClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  /** Takes what the host kept. */
  restore(text: string): void {
    this.layout.set(parseLayout(text))
  }

  /** Opens a view of the sidebar; the one that is open closes. */
  toggleSidebar(sidebar: SidebarView): void {
    const { layout } = this
    const isSidebarOpen = !(layout.value.isSidebarOpen && layout.value.sidebar === sidebar)
    this.#change({ sidebar, isSidebarOpen })
  }

  openSidebar(sidebar: SidebarView): void {
    this.#change({ sidebar, isSidebarOpen: true })
  }

  setSidebarOpen(isSidebarOpen: boolean): void {
    if (isSidebarOpen !== this.layout.value.isSidebarOpen) this.#change({ isSidebarOpen })
  }

  showPage(page: MainPage): void {
    if (page !== this.layout.value.page) this.#change({ page })
  }

  sizesOf(groupId: string): PanelSizes | undefined {
    return this.layout.value.sizes[groupId]
  }

  setSizes(groupId: string, sizes: PanelSizes): void {
    this.#change({ sizes: { ...this.layout.value.sizes, [groupId]: sizes } })
  }

  usesCache(tabId: string): boolean {
    return !this.layout.value.uncachedTabs.includes(tabId)
  }

  /** Whether a tab is answered from kept results, also when the window is opened again. */
  setUsesCache(tabId: string, isOn: boolean): void {
    const others = this.layout.value.uncachedTabs.filter((id) => id !== tabId)
    this.#change({ uncachedTabs: isOn ? others : [...others, tabId].slice(-uncachedTabsMax) }, 0)
  }

  dispose(): void {
    this.#saving?.dispose()
    this.layout.dispose()
  }

  #change(fields: Partial<WindowLayout>, delayMs = saveDelayMs): void {
    this.layout.patch(fields)
    this.#saving?.dispose()
    this.#saving = this.#clock.after(delayMs, () => {
      const layout = JSON.stringify(this.layout.value)
      // Worth no message: the next change stores it again.
      this.#client.call('workspace.setLayout', { layout }).catch(() => undefined)
    })
  }
}

function parseLayout(text: string): WindowLayout {
  const stored = parseObject(text)
  const sizes = Object.entries(asObject(stored['sizes'])).map(([group, panels]) => {
    const known = Object.entries(asObject(panels)).filter(([, size]) => typeof size === 'number')
    return [group, Object.fromEntries(known) as PanelSizes] as const
  })
  return {
    sidebar: stored['sidebar'] === 'history' ? 'history' : 'databases',
    isSidebarOpen: stored['isSidebarOpen'] !== false,
    page: mainPages.find((page) => page === stored['page']) ?? 'consoles',
    sizes: Object.fromEntries(sizes),
    uncachedTabs: asTexts(stored['uncachedTabs']),
  }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(text))
  } catch {
    return {}
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function asTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
