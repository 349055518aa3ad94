/**
 * The servers elsewhere that are kept as instances: found at the start, added, changed, deleted and taken back.
 * Knows no client; what happens to sessions hangs off its events.
 */

import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { Emitter } from '../../base/event.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import type { RemoteTrial } from '../../contract/remote-calls.ts'
import type { RemoteConnection } from '../../contract/remote-server.ts'
import { makePrivateDirectory } from '../storage/private-files.ts'
import type { SecretStore } from '../storage/secret-store.ts'
import { checkName, newInstanceId } from './instance-record.ts'
import type { InstanceChange, RestoreWish } from './instance-registry.ts'
import { RemoteInstance } from './remote-instance.ts'
import { findRemotes, readRemote, writeRemote, type RemoteRecord } from './remote-record.ts'
import { tryServer } from './remote-trial.ts'
import { Trash } from './trash.ts'

export interface RemoteRegistryOptions {
  readonly dataDirectory: string
  readonly secrets: SecretStore
  readonly clock: Clock
  /** Whether an instance here has the name. */
  isTaken(name: string): boolean
}

/** A server as its user has entered it. */
export interface NewRemote {
  readonly name: string
  readonly connection: RemoteConnection
  /** null for none. */
  readonly password: string | null
}

export class RemoteRegistry {
  readonly #options: RemoteRegistryOptions
  readonly #instances = new Map<string, RemoteInstance>()
  readonly #didChange = new Emitter<InstanceChange>()
  readonly #willDelete = new Emitter<RemoteInstance>()
  readonly onDidChange = this.#didChange.event
  readonly onWillDelete = this.#willDelete.event
  readonly trash: Trash

  constructor(options: RemoteRegistryOptions) {
    this.#options = options
    this.trash = new Trash(join(options.dataDirectory, 'servers-trash'), options.clock)
  }

  /** Finds what is kept, and answers what cannot be used, in words for the user. */
  async load(): Promise<string[]> {
    const problems: string[] = []
    for (const found of await findRemotes(join(this.#options.dataDirectory, 'servers'))) {
      if ('problem' in found) problems.push(found.problem)
      else this.#add(found.record)
    }
    return problems
  }

  list(): Instance[] {
    return [...this.#instances.values()].map((instance) => instance.describe())
  }

  /** null: it is none of these. */
  find(instanceId: string): RemoteInstance | null {
    return this.#instances.get(instanceId) ?? null
  }

  /** Throws `not-found`. */
  get(instanceId: string): RemoteInstance {
    const instance = this.find(instanceId)
    if (instance) return instance
    throw new WorkbenchError('not-found', 'There is no such server; it was deleted. Choose another instance')
  }

  hasName(name: string): boolean {
    const wanted = name.toLowerCase()
    return [...this.#instances.values()].some((instance) => instance.name.toLowerCase() === wanted)
  }

  async create({ name, connection, password }: NewRemote): Promise<Instance> {
    const wanted = this.#freeName(name)
    const record: RemoteRecord = {
      ...{ id: newInstanceId(wanted), name: wanted, createdAtMs: this.#options.clock.nowMs() },
      ...{ serverVersion: null, product: null, connection },
    }
    const instance = this.#add(record)
    try {
      const directory = this.#directory(record.id)
      await makePrivateDirectory(directory)
      await writeRemote(directory, record)
      if (password !== null && password !== '') await this.#options.secrets.set(directory, password)
    } catch (error) {
      this.#remove(instance)
      throw error
    }
    return this.#announce(instance)
  }

  /** How it is reached, and whether a password is kept. */
  async describe(instanceId: string): Promise<{ connection: RemoteConnection; hasPassword: boolean }> {
    const { connection } = this.get(instanceId)
    return { connection, hasPassword: await this.#options.secrets.has(this.#directory(instanceId)) }
  }

  /** Whether passwords that are kept from now on are sealed. */
  isSealing(): Promise<boolean> {
    return this.#options.secrets.isSealing()
  }

  /** `password`: null for the one that is kept, empty for none. */
  async update(instanceId: string, { connection, password }: Omit<NewRemote, 'name'>): Promise<Instance> {
    const instance = this.get(instanceId)
    if (password !== null) {
      await this.#options.secrets.set(this.#directory(instanceId), password === '' ? null : password)
    }
    await instance.update(connection)
    return instance.describe()
  }

  /** Connects once and keeps nothing; `signal` ends it. */
  async test(
    { connection, password }: Omit<NewRemote, 'name'>,
    { instanceId, signal }: { readonly instanceId: string | null; readonly signal: AbortSignal },
  ): Promise<RemoteTrial> {
    const kept = password === null && instanceId !== null ? await this.#password(instanceId) : null
    const given = password === '' ? null : password
    return tryServer({ connection, password: given ?? kept }, { clock: this.#options.clock, signal })
  }

  async rename(instance: RemoteInstance, name: string): Promise<Instance> {
    const isCaseAlone = checkName(name).toLowerCase() === instance.name.toLowerCase()
    await instance.rename(isCaseAlone ? checkName(name) : this.#freeName(name))
    return instance.describe()
  }

  /** Ends its connections; for a while there is a way back. Nothing happens to the server. */
  async delete(instance: RemoteInstance): Promise<void> {
    this.#instances.delete(instance.id)
    this.#willDelete.fire(instance)
    instance.end()
    try {
      await this.trash.put(this.#directory(instance.id))
    } finally {
      this.#remove(instance)
    }
  }

  /**
   * null: it is none of these that were deleted. Under another name where that is wished. Throws `already-exists` when
   * the name is taken by now.
   */
  async restore(instanceId: string, wish: RestoreWish = {}): Promise<Instance | null> {
    const entry = await this.trash.find(instanceId, wish.deletedAtMs)
    if (!entry || this.#instances.has(instanceId)) return null
    const found = await readRemote(entry.directory)
    if ('problem' in found) throw new WorkbenchError('corrupt', found.problem)
    const record = { ...found.record, name: this.#freeName(wish.name ?? found.record.name) }
    const directory = this.#directory(instanceId)
    await this.trash.takeOut(entry, directory)
    if (record.name !== found.record.name) await writeRemote(directory, record)
    return this.#announce(this.#add(record))
  }

  removeOldTrash(): Promise<number> {
    return this.trash.removeOld()
  }

  /** Ends all connections. */
  end(): void {
    for (const instance of this.#instances.values()) instance.end()
    this.#instances.clear()
    this.#didChange.dispose()
    this.#willDelete.dispose()
  }

  #add(record: RemoteRecord): RemoteInstance {
    const instance = new RemoteInstance({
      ...{ record, clock: this.#options.clock, password: () => this.#password(record.id) },
      store: (changed) => writeRemote(this.#directory(record.id), changed),
    })
    instance.onDidChange((change) => this.#didChange.fire({ instance: change, isDeleted: false }))
    this.#instances.set(record.id, instance)
    return instance
  }

  #announce(instance: RemoteInstance): Instance {
    const described = instance.describe()
    this.#didChange.fire({ instance: described, isDeleted: false })
    return described
  }

  #remove(instance: RemoteInstance): void {
    this.#instances.delete(instance.id)
    this.#didChange.fire({ instance: instance.describe(), isDeleted: true })
  }

  #password(instanceId: string): Promise<string | null> {
    return this.#options.secrets.get(this.#directory(instanceId))
  }

  #directory(instanceId: string): string {
    return join(this.#options.dataDirectory, 'servers', instanceId)
  }

  #freeName(name: string): string {
    const wanted = checkName(name)
    if (!this.hasName(wanted) && !this.#options.isTaken(wanted)) return wanted
    const message = `There is an instance named ${wanted} already; choose another name`
    throw new WorkbenchError('already-exists', message)
  }
}
