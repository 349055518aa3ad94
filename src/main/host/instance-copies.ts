/**
 * Copies of instances: their files as they are now in a directory of somebody's choice, or as an instance of its own.
 * Waits for its turn, and copies in a thread. Knows no snapshot that is kept.
 */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { present } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { InstanceOptions } from '../../contract/instance-options.ts'
import type { Instance } from '../../contract/instance.ts'
import type { EngineFactory, EngineSnapshot } from '../engine/engine.ts'
import type { FileProgress } from '../snapshots/copy-files.ts'
import type { SnapshotClient } from '../snapshots/snapshot-client.ts'
import { storageError } from '../storage/storage-error.ts'
import type { HostedInstance } from './hosted-instance.ts'
import type { FilledFiles, InstanceRegistry } from './instance-registry.ts'
import { inTurn, withQuietFiles } from './quiet-files.ts'

export interface InstanceCopiesOptions {
  readonly instances: InstanceRegistry
  readonly factory: EngineFactory
  readonly files: SnapshotClient
  readonly clock: Clock
}

export interface CopyWatcher {
  readonly signal?: AbortSignal | undefined
  onWait?(holder: string): void
  onProgress?(progress: FileProgress): void
}

/** What an instance in memory may have to be copied: it is in memory twice meanwhile. */
const memoryCopyBytesMax = 2 ** 31
const title = 'a copy of the database'

export class InstanceCopies {
  readonly #options: InstanceCopiesOptions

  constructor(options: InstanceCopiesOptions) {
    this.#options = options
  }

  /**
   * A new instance that has what `instanceId` has now, and its options. It is not started. Throws `in-use` naming who
   * has the original, `already-exists`, `disk-full`, `cancelled`, `unsupported` for one on a server elsewhere.
   */
  async fork(instanceId: string, name: string, watcher: CopyWatcher = {}): Promise<Instance> {
    const { instances } = this.#options
    const source = instances.get(instanceId)
    const { serverVersion, engineVersion, options } = source.describe()
    // Whoever makes one uses it: while its files are copied there is time.
    this.#options.factory.prepare()
    const fork = await instances.addFilled({ name, serverVersion, engineVersion, options }, (to) =>
      this.copy(source, to, watcher),
    )
    return fork.describe()
  }

  /** As `fork`, and starts it: while its files, which nobody waits for otherwise, are put on disk. */
  async forkStarted(instanceId: string, name: string, watcher: CopyWatcher = {}): Promise<Instance> {
    const { factory, instances } = this.#options
    const source = instances.get(instanceId)
    const { serverVersion, engineVersion, options } = source.describe()
    // While the files are copied there is time to load what opens them.
    factory.prepare()
    const fork = await instances.addStarted({ name, serverVersion, engineVersion, options }, (to) =>
      this.#fill(source, to, watcher),
    )
    return fork.describe()
  }

  /**
   * As `fork`, of an instance in memory, which is started. Throws `limit-exceeded` where the original is longer than
   * memory has room for.
   */
  async forkInMemory(instanceId: string, name: string, watcher: CopyWatcher = {}): Promise<Instance> {
    const { instances } = this.#options
    const source = instances.get(instanceId)
    const snapshot = await this.#snapshot(source, watcher)
    const { options } = source.describe()
    const kept = options ? { options } : {}
    return instances.create({ name, storage: 'memory', withSample: false, ...kept, snapshot })
  }

  /**
   * Makes `to` a data directory with what `source` has now, on disk when it resolves; it can be opened like any other.
   * Throws as `fork`, and leaves nothing.
   */
  async copy(source: HostedInstance, to: string, watcher: CopyWatcher = {}): Promise<void> {
    await (
      await this.#fill(source, to, watcher)
    ).durable
  }

  async #fill(source: HostedInstance, to: string, watcher: CopyWatcher): Promise<FilledFiles> {
    const { clock, files } = this.#options
    if (source.directory === null) return this.filled(to, await this.#copyMemory(source, to, watcher))
    const copied = await withQuietFiles(source, { title, clock, ...watcher }, ({ directory, position }) =>
      files.run('files.copy', { from: directory, to, position }, watcher),
    )
    const { byteCount, hasSetAside } = present(copied, 'The copy')
    if (hasSetAside) await this.settleUnlogged(to, source.options)
    return this.filled(to, byteCount)
  }

  /** Begins to put the files of a data directory on disk, which may be used meanwhile. */
  filled(directory: string, byteCount: number): FilledFiles {
    return { byteCount, durable: this.#options.files.call('files.sync', { directory }) }
  }

  /**
   * Lets a copy come to rest whose unlogged tables would be emptied otherwise. `options`: of the instance, with which
   * Postgres starts where it may not start without.
   */
  async settleUnlogged(directory: string, options: InstanceOptions): Promise<void> {
    const { factory, files } = this.#options
    // Nobody loses anything by a loss of power: what comes of it is synced afterwards.
    const engine = await factory.open({ ...options, directory, durability: 'relaxed', mustExist: true })
    await engine.close()
    await files.call('files.complete', { directory })
  }

  async #copyMemory(source: HostedInstance, to: string, watcher: CopyWatcher): Promise<number> {
    if (!source.isRunning) {
      throw new WorkbenchError(
        'unsupported',
        `${source.name} is in memory and not started: there is nothing to copy`,
      )
    }
    const snapshot = await this.#snapshot(source, watcher)
    await writeSnapshot(snapshot, to)
    return snapshot.files.reduce((sum, { byteCount }) => sum + byteCount, 0)
  }

  #snapshot(source: HostedInstance, watcher: CopyWatcher): Promise<EngineSnapshot> {
    return inTurn(source, { title, clock: this.#options.clock, ...watcher }, async () => {
      const engine = await source.engine()
      return engine.snapshot({ known: null, bytesMax: memoryCopyBytesMax })
    })
  }
}

/** The host's thread is free between two files; each is as long as a segment of a table at most. */
async function writeSnapshot({ directories, files, image }: EngineSnapshot, to: string): Promise<void> {
  try {
    for (const name of ['', ...directories]) await mkdir(join(to, name), { mode: 0o700 })
    for (const { name, offset, byteCount } of files) {
      await writeFile(join(to, name), new Uint8Array(image, offset, byteCount), { mode: 0o600, flag: 'wx' })
    }
  } catch (error) {
    throw storageError(error, to)
  }
}
