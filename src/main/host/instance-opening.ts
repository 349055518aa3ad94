/**
 * Opens databases that lie somewhere already: a data directory of PGlite, or the directory of an instance. In place, by
 * a link, or as a copy. Says what is neither, what is of another version, and what somebody else runs.
 */

import { existsSync, statSync } from 'node:fs'
import { readFile, realpath, symlink } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import type { FileProgress } from '../snapshots/copy-files.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { defaultInstanceOptions } from '../../contract/instance-options.ts'
import type { Instance } from '../../contract/instance.ts'
import { checkDirectory, migratedVersion, postgresMajorVersion } from '../engine/pglite/check-directory.ts'
import type { SnapshotClient } from '../snapshots/snapshot-client.ts'
import { DirectoryLock, type LockHolder } from '../storage/directory-lock.ts'
import { storageError, systemCode } from '../storage/storage-error.ts'
import type { InstanceCopies } from './instance-copies.ts'
import { engineFolder, readRecord, type InstanceLink } from './instance-record.ts'
import type { InstanceRegistry } from './instance-registry.ts'

export interface InstanceOpeningOptions {
  readonly instances: InstanceRegistry
  readonly copies: InstanceCopies
  readonly files: SnapshotClient
  readonly holder: LockHolder
}

export interface OpenWish {
  /** An absolute path on this machine. */
  readonly directory: string
  /** As the directory has it, or is called, unless given. */
  readonly name: string | null
  readonly isCopied: boolean
}

/** What lies there. */
interface FoundDirectory {
  readonly link: InstanceLink
  readonly name: string
  /** What PG_VERSION says. */
  readonly version: string
}

export class InstanceOpening {
  readonly #options: InstanceOpeningOptions

  constructor(options: InstanceOpeningOptions) {
    this.#options = options
  }

  /**
   * The new instance, which runs, unless it must be migrated first. Throws `not-found`, `unsupported` and `corrupt` for
   * what is no database of this version, `in-use` naming who runs it, `already-exists`, `cancelled`; then nothing is
   * left here, and the directory is as it was.
   */
  async open(
    { directory, name, isCopied }: OpenWish,
    watcher: { readonly signal: AbortSignal; onProgress(progress: FileProgress): void },
  ): Promise<Instance> {
    const found = await inspect(directory)
    const { instances } = this.#options
    const { dataDirectory } = found.link
    if (found.version !== postgresMajorVersion && !isCopied) {
      throw new WorkbenchError(
        'unsupported',
        `${directory} was written by Postgres ${found.version}; open it as a copy, and migrate that`,
      )
    }
    const known = await this.#knownAs(dataDirectory)
    if (known !== null && !isCopied) {
      throw new WorkbenchError('already-exists', `${directory} is open here already, as ${known}`)
    }
    const fields = {
      ...{ name: name ?? found.name, serverVersion: found.version, engineVersion: null },
      options: defaultInstanceOptions,
    }
    const instance = isCopied
      ? await instances.addFilled(fields, (to) => this.#copy(found.link, to, watcher))
      : await instances.addFilled({ ...fields, link: found.link }, (to) =>
          symlink(dataDirectory, to, 'junction'),
        )
    const mustBeMigrated = found.version !== postgresMajorVersion
    if (mustBeMigrated) return instance.describe()
    try {
      await instance.start()
      return instance.describe()
    } catch (error) {
      await instances.forget(instance.id)
      throw error
    }
  }

  async #copy(
    link: InstanceLink,
    to: string,
    watcher: { readonly signal: AbortSignal; onProgress(progress: FileProgress): void },
  ): Promise<void> {
    const { copies, files, holder } = this.#options
    const lock = await DirectoryLock.acquire(link.lockDirectory, holder)
    try {
      const request = { from: link.dataDirectory, to, position: null }
      const { hasSetAside } = await files.run('files.copy', request, watcher)
      if (hasSetAside) await copies.settleUnlogged(to, defaultInstanceOptions)
    } finally {
      await lock.release()
    }
    await files.call('files.sync', { directory: to })
  }

  /** The name of the instance that has this data; null if none does. */
  async #knownAs(dataDirectory: string): Promise<string | null> {
    for (const { id, name } of this.#options.instances.list()) {
      const { directory } = this.#options.instances.get(id)
      if (directory === null) continue
      const own = await realpath(join(directory, engineFolder)).catch(() => null)
      if (own === dataDirectory) return name
    }
    return null
  }
}

/** Throws: a file, or a directory of something else. */
function refuseForeign(path: string): never {
  if (!statSync(path).isDirectory()) {
    throw new WorkbenchError('invalid-argument', `${path} is not a directory; files are imported or restored`)
  }
  throw new WorkbenchError(
    'unsupported',
    `${path} holds no database: a data directory of PGlite has a file PG_VERSION in it, and the directory of an ` +
      'instance a file instance.json',
  )
}

/** Finds out what a directory is, without changing it. */
async function inspect(directory: string): Promise<FoundDirectory> {
  if (!isAbsolute(directory)) {
    throw new WorkbenchError(
      'invalid-argument',
      `${directory} is not a whole path; begin with the root directory`,
    )
  }
  const path = await realpath(directory).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw storageError(error, directory)
    throw new WorkbenchError('not-found', `There is no directory ${directory}`)
  })
  const isInstance = existsSync(join(path, engineFolder)) && existsSync(join(path, 'instance.json'))
  const dataDirectory = isInstance ? await realpath(join(path, engineFolder)) : path
  if (!existsSync(join(dataDirectory, 'PG_VERSION')) && !existsSync(join(dataDirectory, 'global'))) {
    refuseForeign(dataDirectory)
  }
  const version = (await readFile(join(dataDirectory, 'PG_VERSION'), 'utf8').catch(() => '')).trim()
  if (version !== migratedVersion) checkDirectory(dataDirectory)
  await refuseRunningServer(dataDirectory)
  if (!isInstance) {
    // Nothing foreign may lie in a data directory; copying it would open the lock's file.
    const lockDirectory = join(dirname(path), `.${basename(path)}.wardian-lock`)
    return { link: { dataDirectory, lockDirectory }, name: basename(path), version }
  }
  const found = await readRecord(path)
  if ('problem' in found) throw new WorkbenchError('corrupt', found.problem)
  return { link: { dataDirectory, lockDirectory: path }, name: found.record.name, version }
}

/**
 * A server has its process id in the first line of postmaster.pid; what runs without one, as PGlite does, writes it
 * with a minus (CreateLockFile, utils/init/miscinit.c).
 */
async function refuseRunningServer(dataDirectory: string): Promise<void> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '')
  const processId = Number.parseInt(text, 10)
  if (!(processId > 0) || !isAlive(processId)) return
  throw new WorkbenchError(
    'in-use',
    `A Postgres server (process ${processId}) runs on ${dataDirectory}; stop it first, or connect to it instead`,
  )
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // Another user's process may not be signalled, and lives.
    return systemCode(error) === 'EPERM'
  }
}
