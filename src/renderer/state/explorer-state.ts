/**
 * The database tree of the current instance: what has been asked for, what is open, and the filter. Levels are
 * asked for when they are opened, and again when a statement may have changed them.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { CatalogNode } from '../../contract/catalog.ts'
import { toWireError } from '../../contract/error.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import {
  buildTree,
  isSystemSchema,
  filteredLevels,
  levelKey,
  levelsUnder,
  nodeId,
  type CatalogLevel,
  type ExplorerItem,
  type LoadedLevel,
} from './explorer-model.ts'
import { Store } from './store.ts'

export interface ExplorerTree {
  readonly items: readonly ExplorerItem[]
  readonly expandedIds: ReadonlySet<string>
  /** True while the first level is on its way. */
  readonly isLoading: boolean
  /** Why the first level could not be read; null when it could. */
  readonly failure: string | null
}

interface Place {
  readonly level: CatalogLevel
  readonly parentOid: number
}

const emptyTree: ExplorerTree = { items: [], expandedIds: new Set(), isLoading: false, failure: null }
const root: Place = { level: 'root', parentOid: 0 }

/** Long enough that a word typed at normal speed is searched once. */
const filterDelayMs = 150

/** Schemas whose contents the filter searches: three questions each. */
const filteredSchemasMax = 20

export class ExplorerState implements Disposable {
  readonly tree = new Store<ExplorerTree>(emptyTree)
  readonly filter = new Store('')
  readonly #client: WorkbenchClient
  readonly #clock: Clock
  readonly #subscription: Disposable
  #instanceId: string | null = null
  #levels = new Map<string, LoadedLevel>()
  /** Where each level that was asked for lies. */
  readonly #places = new Map<string, Place>()
  /** The last question about each level; answers to earlier ones, or of another instance, are dropped. */
  readonly #lastRequests = new Map<string, symbol>()
  #expanded: ReadonlySet<string> = new Set<string>()
  #expandedBeforeFilter: ReadonlySet<string> | null = null
  #appliedFilter = ''
  #searched: ReadonlySet<number> = new Set<number>()
  #generation = 0
  #filtering: Disposable | null = null

  constructor(client: WorkbenchClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
    this.#subscription = this.filter.onDidChange(() => this.#filterSoon())
  }

  /** Shows the tree of another instance, or of none. */
  show(instanceId: string | null): void {
    if (instanceId === this.#instanceId) return
    this.#instanceId = instanceId
    this.#reset()
    this.filter.set('')
    this.#filtering?.dispose()
    this.#appliedFilter = ''
    if (instanceId === null) this.tree.set(emptyTree)
    else void this.#open()
  }

  /** Asks for everything that is open again; `instanceId` limits it to that instance. */
  async refresh(instanceId: string | null = this.#instanceId): Promise<void> {
    if (instanceId === null || instanceId !== this.#instanceId) return
    if (!this.#levels.has(levelKey('root', 0)) || this.tree.value.failure !== null) return this.#open()
    const places = [...this.#places.values()].filter((place) => this.#isOpen(place))
    await Promise.all(places.map((place) => this.#load(place)))
  }

  /** Opens and closes items; what is opened for the first time is asked for. */
  setExpanded(expandedIds: ReadonlySet<string>): void {
    const opened = [...expandedIds].filter((id) => !this.#expanded.has(id))
    this.#expanded = expandedIds
    for (const id of opened) {
      const item = findItem(this.tree.value.items, id)
      for (const place of item ? levelsUnder(item) : []) {
        const known = this.#levels.get(levelKey(place.level, place.parentOid))
        if (!known || known.failure !== null) void this.#load(place)
      }
    }
    this.#publish()
  }

  dispose(): void {
    this.#subscription.dispose()
    this.#filtering?.dispose()
    this.#reset()
    this.tree.dispose()
    this.filter.dispose()
  }

  #reset(): void {
    this.#generation += 1
    this.#levels = new Map()
    this.#places.clear()
    this.#lastRequests.clear()
    this.#expanded = new Set()
    this.#expandedBeforeFilter = null
  }

  /** Reads the schemas, and opens the tables of the one that people use. */
  async #open(): Promise<void> {
    const generation = this.#generation
    await this.#load(root)
    if (generation !== this.#generation) return
    const schemas = this.tree.value.items.filter(({ kind }) => kind === 'schema')
    const main = schemas.find(({ label }) => label === 'public') ?? schemas[0]
    if (!main?.node) return
    this.setExpanded(new Set([main.id]))
    this.setExpanded(new Set([main.id, levelKey('tables', main.node.oid)]))
  }

  async #load(place: Place): Promise<void> {
    const { level, parentOid } = place
    const instanceId = this.#instanceId
    if (instanceId === null) return
    const key = levelKey(level, parentOid)
    this.#places.set(key, place)
    const request = Symbol(key)
    this.#lastRequests.set(key, request)
    const isLast = (): boolean => this.#lastRequests.get(key) === request
    const before = this.#levels.get(key)
    const nothing = { nodes: [], total: 0 }
    this.#store(key, { ...nothing, ...before, isLoading: true, failure: null })
    const filter = filteredLevels.includes(level) ? this.#appliedFilter : ''
    try {
      const page = await this.#client.call('catalog.list', { instanceId, level, parentOid, filter })
      if (isLast()) this.#store(key, { ...page, isLoading: false, failure: null })
    } catch (error) {
      if (!isLast()) return
      const failure = toWireError(error).message
      this.#store(key, { ...nothing, isLoading: false, failure })
    }
  }

  #store(key: string, level: LoadedLevel): void {
    this.#levels.set(key, level)
    this.#publish()
  }

  #publish(): void {
    const first = this.#levels.get(levelKey('root', 0))
    this.tree.set({
      items: buildTree({
        levels: this.#levels,
        searched: this.#appliedFilter === '' ? null : this.#searched,
      }),
      expandedIds: this.#expanded,
      isLoading: first?.isLoading === true && first.nodes.length === 0,
      failure: first?.failure ?? null,
    })
  }

  #isOpen({ level, parentOid }: Place): boolean {
    if (level === 'root' || this.#appliedFilter !== '') return true
    return (
      this.#expanded.has(levelKey(level, parentOid)) ||
      (level === 'columns' && this.#isRelationOpen(parentOid))
    )
  }

  #isRelationOpen(oid: number): boolean {
    return [...this.#expanded].some((id) => id.includes(`/0/${oid}/`))
  }

  #filterSoon(): void {
    this.#filtering?.dispose()
    this.#filtering = this.#clock.after(filterDelayMs, () => void this.#applyFilter())
  }

  /** Searches tables, views and functions of every schema, and opens those that have matches. */
  async #applyFilter(): Promise<void> {
    const filter = this.filter.value.trim()
    if (filter === this.#appliedFilter || this.#instanceId === null) return
    if (this.#appliedFilter === '') this.#expandedBeforeFilter = this.#expanded
    this.#appliedFilter = filter
    // What was open before comes back at once; matches are opened when they are known.
    if (filter === '') this.#expanded = this.#expandedBeforeFilter ?? new Set()
    const generation = this.#generation
    this.#searched = this.#schemasToSearch()
    const isEnd = filter === ''
    const places = [...this.#searched]
      .flatMap((oid) => filteredLevels.map((level) => ({ level, parentOid: oid })))
      .filter((place) => !isEnd || this.#levels.has(levelKey(place.level, place.parentOid)))
    await Promise.all(places.map((place) => this.#load(place)))
    if (generation !== this.#generation || filter !== this.#appliedFilter) return
    if (!isEnd) this.#expanded = this.#matchingIds()
    this.#publish()
  }

  #schemasToSearch(): ReadonlySet<number> {
    const nodes = this.#levels.get(levelKey('root', 0))?.nodes ?? []
    const isOpen = (node: CatalogNode): boolean => this.#expandedBeforeFilter?.has(nodeId(node)) === true
    const wanted = nodes.filter((node) => !isSystemSchema(node.name) || isOpen(node))
    return new Set(wanted.slice(0, filteredSchemasMax).map(({ oid }) => oid))
  }

  #matchingIds(): ReadonlySet<string> {
    return new Set(this.tree.value.items.flatMap(({ id, children }) => [id, ...children.map((c) => c.id)]))
  }
}

/** The item `id` of a tree; null when it is not there. */
export function findItem(items: readonly ExplorerItem[], id: string): ExplorerItem | null {
  for (const item of items) {
    const found = item.id === id ? item : findItem(item.children, id)
    if (found) return found
  }
  return null
}
