/**
 * Instances as files: one is exported as it is at one moment, while it goes on, and imported as a new one, all or
 * nothing. Knows no form of the file.
 */

import { rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import type { ArchiveClient } from '../archive/archive-client.ts'
import { postgresMajorVersion } from '../engine/pglite/check-directory.ts'
import { productVersion } from '../page/product-folder.ts'
import type { SnapshotClient } from '../snapshots/snapshot-client.ts'
import { makePrivateDirectory } from '../storage/private-files.ts'
import type { ProgressWatcher } from '../worker/progress-stream.ts'
import type { InstanceCopies } from './instance-copies.ts'
import { incomingFolder, type InstanceRegistry } from './instance-registry.ts'

export interface InstanceArchivesOptions {
  readonly dataDirectory: string
  readonly instances: InstanceRegistry
  readonly copies: InstanceCopies
  readonly files: SnapshotClient
  readonly archives: ArchiveClient
  readonly clock: Clock
}

export interface ExportWish {
  readonly instanceId: string
  /** An absolute path on this machine. */
  readonly file: string
  readonly mayReplace: boolean
}

/** Names of files are shorter than this on every system, and need no quotes. */
const fileNameLengthMax = 100

export class InstanceArchives {
  readonly #options: InstanceArchivesOptions

  constructor(options: InstanceArchivesOptions) {
    this.#options = options
  }

  /** Where an export of it would be put when nobody says otherwise. */
  suggestFile(instanceId: string): string {
    const { clock, instances } = this.#options
    const plain = instances
      .get(instanceId)
      .name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
      .slice(0, fileNameLengthMax)
    const day = new Date(clock.nowMs()).toISOString().slice(0, 10)
    return join(homedir(), 'Downloads', `${plain.replace(/^[.-]+/, '') || 'database'}-${day}.wardian`)
  }

  /**
   * Writes the instance to a file. Others wait only while its files are copied. Throws
   * `in-use` naming who has it, `already-exists`, `disk-full`, `permission-denied`, `cancelled`.
   */
  async export({ instanceId, file, mayReplace }: ExportWish, watcher: ProgressWatcher): Promise<number> {
    demandAbsolute(file)
    const { archives, clock, copies, dataDirectory, instances } = this.#options
    const source = instances.get(instanceId)
    const staging = join(dataDirectory, incomingFolder)
    const copy = join(staging, `export-${randomUUID()}`)
    await makePrivateDirectory(staging)
    try {
      await copies.copy(source, copy, { signal: watcher.signal })
      const { name, options, serverVersion, engineVersion } = source.describe()
      const manifest = {
        ...{ writtenBy: productVersion(), writtenAtMs: clock.nowMs() },
        ...{ name, options, serverVersion, engineVersion },
      }
      return await archives.pack({ from: copy, file, mayReplace, manifest }, watcher)
    } finally {
      await rm(copy, { recursive: true, force: true })
    }
  }

  /** A new instance from a file, not started. Throws as ArchiveClient does, and `already-exists`. */
  async import(file: string, name: string | null, watcher: ProgressWatcher): Promise<Instance> {
    demandAbsolute(file)
    const { archives, files, instances } = this.#options
    const manifest = await archives.describe(file)
    const { serverVersion, engineVersion, options } = manifest
    const major = serverVersion?.split('.')[0]
    if (major !== undefined && major !== postgresMajorVersion) {
      throw new WorkbenchError(
        'unsupported',
        `${file} has a database of Postgres ${major}, this engine is Postgres ${postgresMajorVersion}; dump it ` +
          'with the Wardian that has exported it, and restore the dump here',
      )
    }
    const instance = await instances.addFilled(
      { name: name ?? manifest.name, serverVersion, engineVersion, options },
      async (to) => {
        await archives.unpack({ file, to }, watcher)
        await files.call('files.sync', { directory: to })
      },
    )
    return instance.describe()
  }
}

function demandAbsolute(file: string): void {
  if (isAbsolute(file)) return
  throw new WorkbenchError('invalid-argument', `${file} is not a whole path; begin with the root directory`)
}
