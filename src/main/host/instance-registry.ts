/**
 * All instances of a data directory: found at the start, created, deleted to the trash. Knows no client; what
 * happens to sessions hangs off its events.
 */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { Emitter } from '../../base/event.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { InstanceOptions } from '../../contract/instance-options.ts'
import type { Instance } from '../../contract/instance.ts'
import type { CrashNote } from '../../contract/supervision.ts'
import type { EngineFactory, EngineSnapshot } from '../engine/engine.ts'
import type { LockHolder } from '../storage/directory-lock.ts'
import { makePrivateDirectory, movePrivately, syncDirectory } from '../storage/private-files.ts'
import { recoverSwap, removeSwapped } from './data-swap.ts'
import { directorySize } from './directory-size.ts'
import type { HostLog } from './host-options.ts'
import { HostedInstance } from './hosted-instance.ts'
import { databasesFor, maintenanceName } from './instance-databases.ts'
import {
  checkName,
  engineFolder,
  findInstances,
  newInstanceId,
  newRecordFields,
  readRecord,
  writeRecord,
  type InstanceOwner,
  type InstanceRecord,
} from './instance-record.ts'
import { Trash } from './trash.ts'
import { makeWhole, removeWhole } from './whole-directories.ts'

/** Where directories of instances are until they are whole. */
export const incomingFolder = 'incoming'

/** No instance in a list has it. */
const maintenanceId = 'maintenance'

/** What instances here have to know of the others. */
export interface InstancesElsewhere {
  /** null: it is none of these. */
  find(instanceId: string): { readonly name: string } | null
  hasName(name: string): boolean
}

export interface InstanceRegistryOptions {
  readonly dataDirectory: string
  readonly factory: EngineFactory
  readonly holder: LockHolder
  readonly clock: Clock
  readonly log: HostLog
  /** Instances on servers elsewhere, which share the names. */
  readonly remotes?: InstancesElsewhere
}

export interface NewInstance {
  readonly name: string
  readonly storage: 'memory' | 'directory'
  readonly withSample: boolean
  /** Who makes it by SQL. */
  readonly owner?: InstanceOwner | null
  readonly options?: InstanceOptions
  /** What one in memory begins with, each time that it is started. */
  readonly snapshot?: EngineSnapshot
  /** It is still to be filled: if the host dies before \`arrive\`, nothing of it is left. */
  readonly isIncoming?: boolean
}

/** One whose directory is filled by whoever makes it, with what an engine of that version has written. */
export type FilledInstance = Pick<InstanceRecord, 'name' | 'serverVersion' | 'engineVersion' | 'options'> &
  Partial<Pick<InstanceRecord, 'link'>>

/** Files that can be used. */
export interface FilledFiles {
  readonly byteCount: number
  /** Resolves when they are on disk. */
  readonly durable: Promise<unknown>
}

export interface RestoreWish {
  /** Which of several deletions; the last one unless given. */
  readonly deletedAtMs?: number
  /** Another name than it had. */
  readonly name?: string | null
}

export interface InstanceChange {
  readonly instance: Instance
  readonly isDeleted: boolean
}

export class InstanceRegistry {
  readonly #options: InstanceRegistryOptions
  readonly #instances = new Map<string, HostedInstance>()
  readonly #didChange = new Emitter<InstanceChange>()
  readonly #didLoseEngine = new Emitter<HostedInstance>()
  readonly onDidChange = this.#didChange.event
  readonly #willDelete = new Emitter<HostedInstance>()
  readonly onDidLoseEngine = this.#didLoseEngine.event
  readonly onWillDelete = this.#willDelete.event
  readonly #didCrash = new Emitter<CrashNote>()
  readonly onDidCrash = this.#didCrash.event
  readonly trash: Trash
  /** Started, and not on disk yet. */
  readonly #incoming = new Set<HostedInstance>()
  #maintenance: HostedInstance | null = null

  constructor(options: InstanceRegistryOptions) {
    this.#options = options
    this.trash = new Trash(this.#path('trash'), options.clock)
  }

  /** Finds what lies in the data directory, and answers what cannot be used, in words for the user. */
  async load(): Promise<string[]> {
    const problems: string[] = []
    // Copies that were being made when a host died; nobody has ever used them.
    await rm(this.#path(incomingFolder), { recursive: true, force: true })
    for (const found of await findInstances(this.#path('instances'))) {
      if ('problem' in found) problems.push(found.problem)
      else if (found.record.isIncoming === true) await this.#removeFiles(found.directory)
      else if (this.#instances.has(found.record.id)) {
        problems.push(`${found.directory} is a copy of another instance; give its instance.json another id`)
      } else {
        await recoverSwap(found.directory)
        await removeSwapped(found.directory)
        this.#add(found.record, found.directory)
      }
    }
    return problems
  }

  list(): Instance[] {
    return [...this.#instances.values()]
      .map((instance) => instance.describe())
      .sort((a, b) => a.createdAtMs - b.createdAtMs || a.name.localeCompare(b.name))
  }

  /** Throws `not-found`, and `unsupported` for one on a server elsewhere. */
  get(instanceId: string): HostedInstance {
    const instance = this.#instances.get(instanceId)
    if (instance) return instance
    const remote = this.#options.remotes?.find(instanceId)
    if (remote) throw isElsewhere(remote.name)
    throw new WorkbenchError('not-found', 'There is no such instance; it was deleted. Choose another one')
  }

  /** The one of exactly that name; null if there is none. Asked at every log-in. */
  named(name: string): HostedInstance | null {
    for (const instance of this.#instances.values()) if (instance.name === name) return instance
    return null
  }

  hasName(name: string): boolean {
    const wanted = name.toLowerCase()
    return [...this.#instances.values()].some((instance) => instance.name.toLowerCase() === wanted)
  }

  /** Whether it is one of those here. */
  has(instanceId: string): boolean {
    return this.#instances.has(instanceId)
  }

  /** The name of an instance, also of one that is gone. */
  nameOf(instanceId: string): string {
    return this.#instances.get(instanceId)?.name ?? instanceId
  }

  /** Creates an instance that is not started. Throws `already-exists`, `disk-full`, `permission-denied`. */
  async add(wanted: NewInstance): Promise<HostedInstance> {
    const { name, storage, withSample, owner = null, options = null, isIncoming = false } = wanted
    const record: InstanceRecord = {
      ...{ ...newRecordFields, id: newInstanceId(name), name: this.#freeName(name) },
      ...{ createdAtMs: this.#options.clock.nowMs(), awaitsSample: withSample, owner, options, isIncoming },
    }
    const directory = storage === 'memory' ? null : join(this.#path('instances'), record.id)
    const instance = this.#add(record, directory, wanted.snapshot)
    try {
      if (directory !== null) await makeWhole(directory, this.#path(incomingFolder), record)
    } catch (error) {
      this.#remove(instance)
      throw error
    }
    this.#didChange.fire({ instance: instance.describe(), isDeleted: false })
    return instance
  }

  /**
   * An instance whose directory `fill` makes: nobody sees it before it is whole, and nothing of it is left where `fill`
   * fails. `fill` puts the engine's data into the path that it is given. It is not started. Throws as `add`.
   */
  async addFilled(
    wanted: FilledInstance,
    fill: (dataDirectory: string) => Promise<void>,
  ): Promise<HostedInstance> {
    const { name, ...fields } = wanted
    let record: InstanceRecord = {
      ...{ ...newRecordFields, ...fields, id: newInstanceId(name), name: this.#freeName(name) },
      createdAtMs: this.#options.clock.nowMs(),
    }
    const incoming = join(this.#path(incomingFolder), record.id)
    const directory = join(this.#path('instances'), record.id)
    try {
      await makePrivateDirectory(incoming)
      await writeRecord(incoming, record)
      const data = join(incoming, engineFolder)
      await fill(data)
      record = { ...record, sizeBytes: await directorySize(data) }
      await writeRecord(incoming, record)
      // Somebody may have taken it meanwhile.
      this.#freeName(name)
      await makePrivateDirectory(this.#path('instances'))
      await movePrivately(incoming, directory)
    } catch (error) {
      await rm(incoming, { recursive: true, force: true })
      throw error
    }
    const instance = this.#add(record, directory)
    this.#didChange.fire({ instance: instance.describe(), isDeleted: false })
    return instance
  }

  /**
   * As addFilled, of one that is started: while what `fill` has made is put on disk. Nobody sees it before both are
   * done; if the host dies until then, nothing of it is left.
   */
  async addStarted(
    wanted: FilledInstance,
    fill: (dataDirectory: string) => Promise<FilledFiles>,
  ): Promise<HostedInstance> {
    const { name, ...fields } = wanted
    const record: InstanceRecord = {
      ...{ ...newRecordFields, ...fields, id: newInstanceId(name), name: this.#freeName(name) },
      ...{ createdAtMs: this.#options.clock.nowMs(), isIncoming: true },
    }
    // An engine's files are not moved while it runs.
    const directory = join(this.#path('instances'), record.id)
    const instance = this.#make(record, directory)
    this.#incoming.add(instance)
    try {
      await makeWhole(directory, this.#path(incomingFolder), record)
      const files = await fill(join(directory, engineFolder))
      await startIncoming(instance, files)
      // Somebody may have taken it meanwhile.
      this.#freeName(name)
      await instance.arrive(files.byteCount)
      await syncDirectory(this.#path('instances'))
    } catch (error) {
      await this.#giveUp(instance)
      throw error
    } finally {
      this.#incoming.delete(instance)
    }
    this.#enlist(instance)
    this.#didChange.fire({ instance: instance.describe(), isDeleted: false })
    return instance
  }

  /** Creates an instance and starts it; leaves none behind if it cannot be started. */
  async create(wanted: NewInstance): Promise<Instance> {
    const adding = this.add(wanted)
    // There is time until its directory is made.
    this.#options.factory.prepare()
    const instance = await adding
    try {
      await instance.start()
    } catch (error) {
      await this.delete(instance.id)
      throw error
    }
    return instance.describe()
  }

  /**
   * Gives an instance another name. Throws `already-exists`, `invalid-argument`, `not-found`, and what writing its
   * record throws.
   */
  async rename(instanceId: string, name: string): Promise<Instance> {
    const instance = this.get(instanceId)
    const isCaseAlone = checkName(name).toLowerCase() === instance.name.toLowerCase()
    await instance.rename(isCaseAlone ? checkName(name) : this.#freeName(name))
    this.tellDatabases()
    return instance.describe()
  }

  /**
   * The database to connect to before one is chosen: in memory, in no list, and made when it is first asked for. Ends
   * with `endMaintenance`, or with all others.
   */
  get maintenance(): HostedInstance {
    this.#maintenance ??= this.#make(
      {
        ...{ ...newRecordFields, id: maintenanceId, name: maintenanceName },
        createdAtMs: this.#options.clock.nowMs(),
      },
      null,
    )
    return this.#maintenance
  }

  async endMaintenance(): Promise<void> {
    const instance = this.#maintenance
    this.#maintenance = null
    await instance?.end()
  }

  /** Starts an instance if it is not running, also one that has failed. */
  async start(instanceId: string): Promise<Instance> {
    const instance = this.get(instanceId)
    await instance.start()
    return instance.describe()
  }

  /** Closes the engine of an instance; it is started again when it is used. */
  async stop(instanceId: string): Promise<Instance> {
    const instance = this.get(instanceId)
    await instance.stop()
    return instance.describe()
  }

  /** Stops an instance and moves its directory to the trash. */
  async delete(instanceId: string): Promise<void> {
    const instance = this.get(instanceId)
    this.#instances.delete(instanceId)
    this.tellDatabases()
    this.#willDelete.fire(instance)
    try {
      await instance.end()
    } finally {
      if (instance.directory !== null) await this.trash.put(instance.directory)
      this.#remove(instance)
    }
  }

  /** Stops an instance and removes its directory; what it links to stays. For those that nobody has used yet. */
  async forget(instanceId: string): Promise<void> {
    const instance = this.get(instanceId)
    this.#instances.delete(instanceId)
    try {
      await instance.end()
    } finally {
      if (instance.directory !== null) await this.#removeFiles(instance.directory)
      this.#remove(instance)
    }
  }

  /**
   * Takes a deleted instance out of the trash; it is not started. Throws `not-found` when it is not there (it lived
   * in memory, or was removed for good), `already-exists` when its name is taken by now.
   */
  async restore(instanceId: string, wish: RestoreWish = {}): Promise<Instance> {
    const entry = await this.trash.find(instanceId, wish.deletedAtMs)
    if (!entry || this.#instances.has(instanceId)) {
      throw new WorkbenchError('not-found', 'This instance is not in the trash; there is nothing to restore')
    }
    const found = await readRecord(entry.directory)
    if ('problem' in found) throw new WorkbenchError('corrupt', found.problem)
    const record = { ...found.record, name: this.#freeName(wish.name ?? found.record.name) }
    const directory = join(this.#path('instances'), instanceId)
    await this.trash.takeOut(entry, directory)
    if (record.name !== found.record.name) await writeRecord(directory, record)
    const instance = this.#add(record, directory)
    this.#didChange.fire({ instance: instance.describe(), isDeleted: false })
    return instance.describe()
  }

  /** Removes for good what has been in the trash for too long; answers how many instances that were. */
  removeOldTrash(): Promise<number> {
    return this.trash.removeOld()
  }

  /** Stops all instances for good; the first error is thrown after all were stopped. */
  async end(): Promise<void> {
    const ends = [...this.#instances.values(), ...this.#incoming].map((instance) => instance.end())
    const results = await Promise.allSettled([...ends, this.endMaintenance()])
    this.#instances.clear()
    this.#didChange.dispose()
    this.#didLoseEngine.dispose()
    this.#didCrash.dispose()
    this.#willDelete.dispose()
    const failure = results.find((result) => result.status === 'rejected')
    if (failure) throw failure.reason
  }

  /** Names or owners have changed. */
  tellDatabases(): void {
    for (const instance of this.#instances.values()) instance.tellDatabases()
    this.#maintenance?.tellDatabases()
  }

  /** Of one that nobody has seen. */
  async #giveUp(instance: HostedInstance): Promise<void> {
    try {
      await instance.end()
    } catch (error) {
      this.#options.log.error(`The unfinished copy ${instance.name} did not end in order`, error)
    }
    if (instance.directory !== null) await this.#removeFiles(instance.directory)
  }

  #removeFiles(directory: string): Promise<void> {
    return removeWhole(directory, this.#path(incomingFolder))
  }

  #add(record: InstanceRecord, directory: string | null, snapshot?: EngineSnapshot): HostedInstance {
    return this.#enlist(this.#make(record, directory, snapshot))
  }

  #enlist(instance: HostedInstance): HostedInstance {
    instance.onDidChange((change) => this.#didChange.fire({ instance: change, isDeleted: false }))
    instance.onDidLoseEngine(() => this.#didLoseEngine.fire(instance))
    instance.onDidCrash((note) => this.#didCrash.fire(note))
    this.#instances.set(instance.id, instance)
    this.tellDatabases()
    return instance
  }

  #make(record: InstanceRecord, directory: string | null, snapshot?: EngineSnapshot): HostedInstance {
    const { factory, holder, clock, log } = this.#options
    const instance: HostedInstance = new HostedInstance({
      ...{ record, directory, factory, holder, clock, log, ...(snapshot ? { snapshot } : {}) },
      databases: () => databasesFor(instance.name, this.#instances.values()),
    })
    return instance
  }

  #remove(instance: HostedInstance): void {
    this.#instances.delete(instance.id)
    this.tellDatabases()
    this.#didChange.fire({ instance: instance.describe(), isDeleted: true })
  }

  #freeName(name: string): string {
    const wanted = checkName(name)
    if (!this.hasName(wanted) && !this.#options.remotes?.hasName(wanted)) return wanted
    throw new WorkbenchError(
      'already-exists',
      `There is an instance named ${wanted} already; choose another name`,
    )
  }

  #path(folder: string): string {
    return join(this.#options.dataDirectory, folder)
  }
}

/** Nothing is under way any more when it is settled. */
async function startIncoming(instance: HostedInstance, files: FilledFiles): Promise<void> {
  const results = await Promise.allSettled([files.durable, instance.start()])
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
}

function isElsewhere(name: string): WorkbenchError {
  const message =
    `${name} is on a server elsewhere, and only instances here can do this. Copy it here first, as with ` +
    '`wardian copy`'
  return new WorkbenchError('unsupported', message)
}
