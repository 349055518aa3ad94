/**
 * The stores behind their contract: each call is one transaction on the one connection. Knows no thread.
 */

import type Database from 'better-sqlite3'
import { WorkbenchError } from '../../contract/error.ts'
import { Reply, type Handlers } from '../../rpc/handlers.ts'
import { openDatabaseFile, type OpenedFile } from './database-file.ts'
import { EndpointStore } from './endpoint-store.ts'
import { HistoryStore } from './history-store.ts'
import { SampleChunkStore } from './sample-store.ts'
import { SettingsStore } from './settings-store.ts'
import { statisticsHandlers } from './statistics-handlers.ts'
import type { StorageContract } from './storage-contract.ts'
import { storageError } from './storage-error.ts'
import { webStoreHandlers } from './web-store-handlers.ts'
import { TabStore, type TabKey } from './tab-store.ts'
import { WorkspaceStore } from './workspace-store.ts'

interface Stores {
  readonly database: Database.Database
  readonly endpoints: EndpointStore
  readonly history: HistoryStore
  readonly samples: SampleChunkStore
  readonly settings: SettingsStore
  readonly tabs: TabStore
  readonly workspaces: WorkspaceStore
}

/** The file and what it holds; opened once, by the first call. */
class StorageFile {
  readonly #path: string
  readonly #suffix: string
  #stores: Stores | null = null
  #isClosed = false
  setAsidePath: string | null = null

  constructor(path: string, suffix: string) {
    this.#path = path
    this.#suffix = suffix
  }

  /** Runs `work` in a transaction; what SQLite throws becomes an error of the product. */
  async run<T>(work: (stores: Stores) => T): Promise<T> {
    try {
      const stores = this.#open()
      return stores.database.transaction(() => work(stores))()
    } catch (error) {
      throw storageError(error, this.#path)
    }
  }

  close(): void {
    this.#isClosed = true
    const database = this.#stores?.database
    this.#stores = null
    if (!database?.open) return
    try {
      database.pragma('wal_checkpoint(TRUNCATE)')
    } finally {
      database.close()
    }
  }

  #open(): Stores {
    if (this.#isClosed) throw new WorkbenchError('closed', 'The store was closed')
    if (this.#stores) return this.#stores
    const opened: OpenedFile = openDatabaseFile(this.#path, this.#suffix)
    this.setAsidePath = opened.setAsidePath ?? this.setAsidePath
    const { database } = opened
    try {
      this.#stores = {
        database,
        endpoints: new EndpointStore(database),
        history: new HistoryStore(database),
        samples: new SampleChunkStore(database),
        settings: new SettingsStore(database),
        tabs: new TabStore(database),
        workspaces: new WorkspaceStore(database),
      }
    } catch (error) {
      database.close()
      throw error
    }
    return this.#stores
  }
}

/** Handlers for the file at `path`; a damaged one is set aside under a name that ends with `suffix`. */
export function createStorageHandlers(path: string, suffix: string): Handlers<StorageContract> {
  const file = new StorageFile(path, suffix)
  return {
    async 'storage.open'() {
      await file.run(() => null)
      return { setAsidePath: file.setAsidePath }
    },
    async 'storage.close'() {
      file.close()
      return null
    },
    ...workspaceHandlers(file),
    ...tabHandlers(file),
    ...historyHandlers(file),
    ...sampleHandlers(file),
    'endpoint.get': ({ endpointId }) => file.run((stores) => stores.endpoints.get(endpointId)),
    'endpoint.set': ({ endpointId, ...kept }) =>
      file.run((stores) => nothing(stores.endpoints.set(endpointId, kept))),
    ...webStoreHandlers(file),
    ...statisticsHandlers(file),
    'settings.get': () => file.run((stores) => stores.settings.get()),
    'settings.set': (params) => file.run((stores) => nothing(stores.settings.set(params))),
  }
}

type HandlersOf<Prefix extends string> = Pick<
  Handlers<StorageContract>,
  Extract<keyof StorageContract, `${Prefix}.${string}`>
>

function workspaceHandlers(file: StorageFile): HandlersOf<'workspace'> {
  return {
    'workspace.open': (params) =>
      file.run((stores) => {
        const workspace = stores.workspaces.open(params)
        return { ...workspace, tabs: stores.tabs.list(workspace.id) }
      }),
    'workspace.setLayout': ({ workspaceId, layout }) =>
      file.run((stores) => nothing(stores.workspaces.setLayout(workspaceId, layout))),
    'workspace.setActiveTab': ({ workspaceId, tabId }) =>
      file.run((stores) => nothing(stores.workspaces.setActiveTab(workspaceId, tabId))),
  }
}

function tabHandlers(file: StorageFile): HandlersOf<'tab'> {
  return {
    'tab.create': ({ workspaceId, ...tab }) => file.run((stores) => stores.tabs.create(workspaceId, tab)),
    'tab.read': async (key) => {
      const { tab, utf16 } = await file.run((stores) => stores.tabs.read(key))
      return new Reply(tab, [utf16.buffer])
    },
    'tab.edit': async (params) => {
      const version = await file.run((stores) => stores.tabs.edit(params, params))
      foldLater(file, params)
      return { version }
    },
    'tab.replaceText': (key, { buffers: [buffer = new ArrayBuffer(0)] }) =>
      file.run((stores) => ({ version: stores.tabs.replaceText(key, Buffer.from(buffer)) })),
    'tab.update': (params) => file.run((stores) => stores.tabs.update(params, params)),
    'tab.close': (params) => file.run((stores) => nothing(stores.tabs.close(params, params.nowMs))),
    'tab.reopen': ({ workspaceId }) => file.run((stores) => stores.tabs.reopen(workspaceId)),
  }
}

function historyHandlers(file: StorageFile): HandlersOf<'history'> {
  return {
    'history.record': ({ starts, finishes }) =>
      file.run(({ history }) => {
        const started = starts.map((entry) => history.start(entry))
        const finished = finishes.map((entry) => history.finish(entry))
        return { entryIds: [...new Set([...started, ...finished])].filter((id) => id !== null) }
      }),
    'history.search': (filter) => file.run((stores) => stores.history.search(filter)),
    'history.remove': ({ entryId }) => file.run((stores) => nothing(stores.history.remove(entryId))),
  }
}

function sampleHandlers(file: StorageFile): HandlersOf<'samples'> {
  return {
    'samples.append': (key, { buffers: [chunk = new ArrayBuffer(0)] }) =>
      file.run(({ samples }) => nothing(samples.append(key, chunk))),
    'samples.read': async (query) => {
      const { nextMs, buffer } = await file.run(({ samples }) => samples.read(query))
      return new Reply({ nextMs }, [buffer])
    },
    'samples.oldest': ({ seriesId }) => file.run(({ samples }) => ({ oldestMs: samples.oldestMs(seriesId) })),
    'samples.getSettings': () => file.run(({ samples }) => samples.getSettings()),
    'samples.setSettings': ({ json }) => file.run(({ samples }) => nothing(samples.setSettings(json))),
  }
}

/**
 * Folds the journal once the answer is out. If it fails (a full disk) nothing is lost: the journal is as it was,
 * and the next edit tries again, or fails itself and says so.
 */
function foldLater(file: StorageFile, key: TabKey): void {
  setImmediate(() => {
    const folding = file.run(({ tabs }) => {
      if (tabs.needsFolding(key)) tabs.fold(key)
    })
    folding.catch(() => undefined)
  })
}

function nothing(_done: void): null {
  return null
}
