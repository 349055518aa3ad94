/**
 * All state of one window, built and joined here: what happens after connecting, what one part's change means for
 * another, and the end of it all. The one object that components are given.
 */

import { systemClock, type Clock } from '../../base/clock.ts'
import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import { toWireError, type WireError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import type { Alert } from '../../contract/monitor.ts'
import type { SnapshotNote } from '../../contract/snapshot.ts'
import type { TrashEntry } from '../../contract/lifecycle-calls.ts'
import type { CrashNote } from '../../contract/supervision.ts'
import type { ConnectionStatus, WorkbenchClient } from '../client/workbench-client.ts'
import { CacheState } from './cache-state.ts'
import { CarryState } from './carry-state.ts'
import { crashDetail, crashText } from './crash-words.ts'
import { CommandRegistry } from './command-registry.ts'
import { CompletionNames } from './completion-names.ts'
import { ConsoleState } from './console-state.ts'
import type { ConsoleTab } from './console-tab.ts'
import { DashboardState } from './dashboard-state.ts'
import { EndpointState } from './endpoint-state.ts'
import { WebState } from './web-state.ts'
import { ExplorerState } from './explorer-state.ts'
import { ExtensionState } from './extension-state.ts'
import { HistoryState } from './history-state.ts'
import { HostState } from './host-state.ts'
import { InstancePageState } from './instance-page-state.ts'
import { InstanceState } from './instance-state.ts'
import { LayoutState } from './layout-state.ts'
import { sampleInstanceName, sampleStatements } from './sample-statements.ts'
import { RemoteState, type RemoteEntry } from './remote-state.ts'
import { SettingsState } from './settings-state.ts'
import { ShellState } from './shell-state.ts'
import { SnapshotState } from './snapshot-state.ts'
import { Store } from './store.ts'
import { ToastState } from './toast-state.ts'
import { TransferState } from './transfer-state.ts'
import { TrialState } from './trial-state.ts'

/** Remembers which workspace this window had, over a reload but not over its end. */
export interface WindowMemory {
  read(): string | null
  write(workspaceId: string): void
}

export type Phase =
  /** Not ready yet: what is being done. */
  | { readonly kind: 'starting'; readonly doing: string }
  | { readonly kind: 'ready' }
  /** Connected, but the window's own state could not be read. */
  | { readonly kind: 'failed'; readonly error: WireError }

/** Statements that change what the tree shows; PostgreSQL's command tags begin with these words. */
const schemaChangingTag = /^(CREATE|ALTER|DROP|IMPORT|COMMENT|SELECT INTO|DO|CALL|ROLLBACK)\b/

const trashWords = 'in the trash, and is removed for good after 30 days'

/** Whether a console may be given to another database: it has none, or nothing is written in it. */
function isUnclaimed(tab: ConsoleTab): boolean {
  return tab.label.value.instanceId === null || (tab.text.isKnown && tab.text.current.trim() === '')
}

/** A script of many such statements refreshes the tree once in a while. */
const treeRefreshDelayMs = 300

export class Workbench implements Disposable {
  readonly connection: Store<ConnectionStatus>
  readonly phase = new Store<Phase>({ kind: 'starting', doing: 'Connecting to the host' })
  readonly toasts: ToastState
  readonly commands: CommandRegistry
  readonly consoles: ConsoleState
  readonly trials: TrialState
  readonly instances: InstanceState
  readonly instancePage: InstancePageState
  readonly remotes: RemoteState
  readonly carry: CarryState
  readonly cache: CacheState
  readonly extensions: ExtensionState
  readonly snapshots: SnapshotState
  readonly explorer: ExplorerState
  readonly names: CompletionNames
  readonly history: HistoryState
  readonly settings: SettingsState
  readonly layout: LayoutState
  readonly host: HostState
  readonly endpoint: EndpointState
  readonly web: WebState
  readonly transfers: TransferState
  readonly dashboard: DashboardState
  readonly shell = new ShellState()
  readonly clock: Clock
  readonly #client: WorkbenchClient
  readonly #memory: WindowMemory
  readonly #parts = new DisposableStore()
  readonly #watchedTabs = new Map<ConsoleTab, Disposable>()
  #treeRefresh: Disposable | null = null

  constructor(client: WorkbenchClient, memory: WindowMemory, clock: Clock = systemClock) {
    this.#client = client
    this.#memory = memory
    this.clock = clock
    this.connection = new Store(client.status)
    this.toasts = new ToastState(clock)
    this.commands = new CommandRegistry((error) => this.toasts.error(error))
    this.layout = this.#parts.add(new LayoutState(client, clock))
    this.consoles = this.#parts.add(new ConsoleState(client, clock, this.layout))
    this.trials = this.#parts.add(new TrialState(client, clock, this.consoles))
    this.instances = this.#parts.add(new InstanceState(client))
    this.instancePage = this.#parts.add(new InstancePageState(client, this.instances))
    this.remotes = this.#parts.add(new RemoteState(client))
    this.carry = this.#parts.add(new CarryState(client))
    this.cache = this.#parts.add(new CacheState(client))
    this.extensions = this.#parts.add(new ExtensionState(client))
    this.snapshots = this.#parts.add(new SnapshotState(client, (note) => this.#noteSnapshot(note)))
    this.explorer = this.#parts.add(new ExplorerState(client, clock))
    this.names = this.#parts.add(new CompletionNames(client))
    this.history = this.#parts.add(new HistoryState(client, clock))
    this.settings = this.#parts.add(new SettingsState(client))
    this.host = this.#parts.add(new HostState(client))
    this.endpoint = this.#parts.add(new EndpointState(client))
    this.web = this.#parts.add(new WebState(client))
    this.transfers = this.#parts.add(new TransferState(client, this.instances))
    this.dashboard = this.#parts.add(new DashboardState(client, clock))
    this.#parts.add(this.shell)
    this.#wire()
  }

  /** Connects; everything else follows from that. */
  async start(): Promise<void> {
    await this.#client.connect()
  }

  /** Connects now instead of when it would try again by itself. */
  reconnect(): void {
    void this.#client.connect()
  }

  /** Runs `action` for the user, who is shown what goes wrong. */
  attempt(action: () => Promise<unknown>): void {
    action().catch((error: unknown) => this.toasts.error(error))
  }

  /** Opens an empty tab on the current instance. */
  async newTab(text = ''): Promise<ConsoleTab> {
    const instance = this.instances.current
    return this.consoles.create({
      title: this.#freeTitle('console'),
      instanceId: instance?.id ?? null,
      text,
    })
  }

  /** Opens what a file has, in a console called as it is; the same again comes to the front. It is not run. */
  async openSqlText(name: string, text: string): Promise<void> {
    const { consoles, instances, layout } = this
    const title = name.slice(0, 256)
    const known = consoles.tabs.value.find(
      (tab) => tab.label.value.title === title && tab.text.isKnown && tab.text.current === text,
    )
    if (known) consoles.activate(known.id)
    else await consoles.create({ title, instanceId: instances.currentId.value, text })
    layout.showPage('consoles')
    consoles.editor.focus()
  }

  /** Opens a long text that was pasted in a console of its own; one that nothing is written in makes room for it. */
  async openPasted(text: string): Promise<void> {
    const { consoles } = this
    const before = consoles.activeTab.value
    await this.newTab(text)
    this.toasts.info('What was pasted is long: it has a console of its own')
    if (before && !before.isRunning && before.text.isKnown && before.text.current.trim() === '') {
      await consoles.close(before.id)
    }
  }

  /** Shows `statement` in a tab of its own (again in the same one) and runs it. */
  async openStatement(title: string, statement: string): Promise<void> {
    const { consoles, instances } = this
    const instanceId = instances.currentId.value
    const isSame = (tab: ConsoleTab): boolean =>
      tab.label.value.instanceId === instanceId && tab.text.current === statement && !tab.isRunning
    const known = consoles.tabs.value.find(isSame)
    const tab = known ?? (await consoles.create({ title, instanceId, text: statement }))
    consoles.activate(tab.id)
    consoles.editor.focus()
    await tab.run({ text: statement, start: 0, mode: 'script' })
  }

  /** Works with another instance: an empty tab follows, else one of that instance comes to the front. */
  async switchInstance(instanceId: string): Promise<void> {
    const { consoles } = this
    const active = consoles.activeTab.value
    const belongs = (tab: ConsoleTab): boolean => tab.label.value.instanceId === instanceId
    const starting = this.instances.select(instanceId)
    // It may fail before there is a tab; whoever called hears of that at the end.
    starting.catch(() => undefined)
    if (active && belongs(active)) return starting
    const known = consoles.tabs.value.find(belongs)
    if (known) consoles.activate(known.id)
    else if (active && !active.isRunning && isUnclaimed(active)) {
      await consoles.setInstance(active.id, instanceId)
    } else await this.newTab()
    return starting
  }

  /** Makes an instance and works with it. */
  async createInstance(request: Parameters<InstanceState['create']>[0]): Promise<Instance> {
    const instance = await this.instances.create(request)
    await this.switchInstance(instance.id)
    this.instancePage.selectedId.set(instance.id)
    return instance
  }

  /** Keeps a server elsewhere as an instance, and works with it; it is also kept when it cannot be opened now. */
  async addServer(name: string, entry: RemoteEntry): Promise<void> {
    const { id } = await this.remotes.create(name, entry)
    this.attempt(() => this.switchInstance(id))
  }

  /** What an action on an instance means: the one that the page of instances shows, else the current one. */
  get targetInstance(): Instance | null {
    return this.layout.layout.value.page === 'instances' ? this.instancePage.selected : this.instances.current
  }

  /** What is in memory is gone when it stops, and is asked about. */
  async stopInstance(instance: Instance): Promise<void> {
    if (instance.storage === 'memory') this.instancePage.ask('stop', instance)
    else await this.instances.stop(instance.id)
  }

  /** What goes to the trash can be taken back, and goes at once; what cannot be taken back is asked about. */
  async removeInstance(instance: Instance): Promise<void> {
    if (instance.storage !== 'memory') await this.deleteInstance(instance)
    else this.instancePage.ask('delete', instance)
  }

  /** Deletes an instance, and offers to take that back where its files are in the trash. */
  async deleteInstance({ id, name, storage }: Instance): Promise<void> {
    const tabs = this.consoles.tabs.value.filter((tab) => tab.label.value.instanceId === id)
    await this.instances.remove(id)
    if (storage === 'memory') return this.toasts.info(`${name} is deleted`)
    const run = (): Promise<void> => this.#restoreInstance(id, tabs)
    const where = storage === 'remote' ? 'forgotten here; nothing happened to its server' : trashWords
    this.toasts.offer(`${name} is ${where}`, {
      ...{ label: 'Undo', run },
    })
  }

  async exportInstance(instance: Instance, file: string, mayReplace: boolean): Promise<void> {
    const byteCount = await this.carry.export(instance, file, mayReplace)
    this.toasts.info(`${instance.name} was exported, ${Math.ceil(byteCount / 1_048_576)} MB`, file)
  }

  async importInstance(file: string, name: string | null): Promise<void> {
    this.instancePage.select((await this.carry.import(file, name)).id)
  }

  async openDirectory(directory: string, name: string | null, isCopied: boolean): Promise<void> {
    this.instancePage.select((await this.carry.open(directory, name, isCopied)).id)
  }

  /** Makes another one with what this one has now. */
  async duplicateInstance(instance: Instance): Promise<void> {
    const copy = await this.carry.duplicate(instance, this.instances.freeName(`${instance.name} copy`))
    this.instancePage.select(copy.id)
    this.toasts.info(`${copy.name} has what ${instance.name} had a moment ago`)
  }

  /** Takes an entry out of the trash, under another name where its own is taken by now, and shows it. */
  async restoreFromTrash(entry: TrashEntry): Promise<void> {
    const wanted = entry.name ?? entry.instanceId
    const name = this.instances.freeName(wanted)
    const instance = await this.instancePage.restore(entry, name === wanted ? null : name)
    this.instancePage.select(instance.id)
    if (instance.name !== wanted) {
      this.toasts.info(`It is called ${instance.name} now: there is another ${wanted}`)
    }
  }

  /** Puts an instance back to a snapshot, and offers to take that back. */
  async rewind({ id, name }: Instance, snapshotId: string): Promise<void> {
    const undo = await this.snapshots.rewind(id, snapshotId)
    this.names.outdate(id)
    await this.explorer.refresh()
    if (!undo) return this.toasts.info(`${name} is back`)
    const instance = this.instances.find(id)
    const run = async (): Promise<void> => (instance ? this.rewind(instance, undo.id) : undefined)
    this.toasts.offer(`${name} is back`, { label: 'Undo', run })
  }

  dispose(): void {
    this.#treeRefresh?.dispose()
    for (const watch of this.#watchedTabs.values()) watch.dispose()
    this.#parts.dispose()
    this.#client.dispose()
  }

  /** Its consoles become its own again, but for those that were given to another one meanwhile. */
  async #restoreInstance(instanceId: string, tabs: readonly ConsoleTab[]): Promise<void> {
    await this.instances.restore(instanceId)
    for (const tab of tabs) {
      const isOpen = this.consoles.tabs.value.includes(tab)
      if (isOpen && tab.label.value.instanceId === null) await this.consoles.setInstance(tab.id, instanceId)
    }
    await this.switchInstance(instanceId)
  }

  /** A snapshot was taken by itself, or could not be. */
  #noteSnapshot({ instanceId, instanceName, reason, snapshotId, problem, isNews }: SnapshotNote): void {
    if (!isNews) return
    const before = reason.kind === 'statement' ? reason.what : 'a script'
    const instance = this.instances.find(instanceId)
    if (snapshotId === null) {
      this.toasts.notice(
        `No snapshot of ${instanceName} was taken before ${before}: ${problem ?? 'it failed'}`,
      )
    } else if (instance) {
      const run = (): Promise<void> => this.snapshots.askRewind(instance, snapshotId)
      this.toasts.offer(`Snapshot taken before ${before}`, { label: 'Rewind…', run })
    }
  }

  /** A threshold is crossed; that it no longer is, is seen where alerts are listed. */
  #noteAlert({ message, endedAtMs }: Alert): void {
    if (endedAtMs !== null) return
    const run = (): Promise<void> => {
      this.dashboard.view.tab.set('alerts')
      this.layout.showPage('dashboard')
      return Promise.resolve()
    }
    this.toasts.alert(message, { label: 'Show', run })
  }

  #wire(): void {
    const { consoles, instances, explorer } = this
    this.#parts.add(this.#client.onDidChangeStatus(() => this.#takeStatus()))
    const tellCrash = (note: CrashNote): void => this.toasts.notice(crashText(note), crashDetail(note.crash))
    this.#parts.add(this.#client.on('instance.didCrash', tellCrash))
    this.#parts.add(this.dashboard.monitor.onDidAlert((alert) => this.#noteAlert(alert)))
    this.#parts.add(consoles.editor.onWillFocus(() => this.layout.showPage('consoles')))
    this.#parts.add(instances.onDidDelete(({ id }) => consoles.forgetInstance(id)))
    this.#parts.add(instances.onDidDelete(({ id }) => this.dashboard.forgetInstance(id)))
    this.#parts.add(consoles.tabs.onDidChange(() => this.#watchTabs()))
    this.#parts.add(
      this.trials.onDidApply((instanceId) => {
        this.names.outdate(instanceId)
        this.attempt(() => explorer.refresh(instanceId))
      }),
    )
    this.#parts.add(
      consoles.activeTab.onDidChange(() => {
        const instanceId = consoles.activeTab.value?.label.value.instanceId ?? null
        if (instances.find(instanceId)) instances.currentId.set(instanceId)
      }),
    )
    const showTree = (): void => {
      const { current } = instances
      explorer.show(current?.state === 'failed' ? null : (current?.id ?? null))
    }
    this.#parts.add(instances.currentId.onDidChange(showTree))
    this.#parts.add(instances.instances.onDidChange(showTree))
  }

  #takeStatus(): void {
    const before = this.connection.value
    this.connection.set(this.#client.status)
    if (this.#client.status.kind === 'connected') void this.#load()
    else if (before.kind === 'connected') this.consoles.didDisconnect()
  }

  /** Reads everything the window shows, after each connection. */
  async #load(): Promise<void> {
    const isFirst = this.phase.value.kind !== 'ready'
    if (isFirst) this.phase.set({ kind: 'starting', doing: 'Reading your tabs and settings' })
    try {
      const { host, settings, instances, endpoint, web } = this
      await Promise.all([host, settings, instances, endpoint, web].map((part) => part.refresh()))
      const workspace = await this.#client.call('workspace.claim', { preferredId: this.#memory.read() })
      this.#memory.write(workspace.id)
      if (isFirst) this.layout.restore(workspace.layout)
      this.consoles.restore(workspace)
      this.explorer.show(this.instances.currentId.value)
      if (!isFirst) await this.explorer.refresh()
      if (this.consoles.tabs.value.length === 0) await this.#openFirstConsole()
      if (isFirst) for (const notice of this.host.description.value?.notices ?? []) this.toasts.notice(notice)
      this.phase.set({ kind: 'ready' })
      void this.dashboard.refresh()
    } catch (error) {
      this.#failLoading(error)
    }
  }

  /** A console to begin with; where nothing was ever run, with something in it that is worth running. */
  async #openFirstConsole(): Promise<void> {
    const newest = { search: '', instanceName: null, failedOnly: false, beforeId: null, limit: 1 }
    const { entries } = await this.#client.call('history.search', newest)
    const isSample = this.instances.current?.name === sampleInstanceName
    await this.newTab(entries.length === 0 && isSample ? sampleStatements : '')
  }

  #failLoading(error: unknown): void {
    const wire = toWireError(error)
    // The next connection loads again.
    if (wire.code === 'disconnected') return
    if (this.phase.value.kind === 'ready') this.toasts.error(error)
    else this.phase.set({ kind: 'failed', error: wire })
  }

  /** Refreshes the tree after statements that may have changed what it shows. */
  #watchTabs(): void {
    const tabs = new Set(this.consoles.tabs.value)
    for (const [tab, watch] of this.#watchedTabs) {
      if (tabs.has(tab)) continue
      watch.dispose()
      this.#watchedTabs.delete(tab)
    }
    for (const tab of tabs) {
      if (this.#watchedTabs.has(tab)) continue
      this.#watchedTabs.set(
        tab,
        tab.messages.onDidChange(() => this.#takeMessage(tab)),
      )
    }
  }

  #takeMessage(tab: ConsoleTab): void {
    const last = tab.messages.value.at(-1)
    if (last?.kind !== 'completed' || !schemaChangingTag.test(last.outcome.commandTag ?? '')) return
    this.names.outdate(tab.label.value.instanceId)
    if (this.#treeRefresh) return
    this.#treeRefresh = this.clock.after(treeRefreshDelayMs, () => {
      this.#treeRefresh = null
      this.attempt(() => this.explorer.refresh(tab.label.value.instanceId))
    })
  }

  #freeTitle(word: string): string {
    const taken = new Set(this.consoles.tabs.value.map((tab) => tab.label.value.title))
    let number = 1
    while (taken.has(`${word} ${number}`)) number += 1
    return `${word} ${number}`
  }
}
