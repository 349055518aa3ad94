/**
 * The lock of a directory that one program at a time may use. It is an exclusive lock on a SQLite file, which
 * the kernel releases when its holder dies, however it dies; a file beside it says who the holder is. Knows
 * nothing of what the directory is for.
 *
 * Nobody may open the lock file in any other way: closing any descriptor of it would drop the lock of the whole
 * process (https://sqlite.org/howtocorrupt.html, section 2.2).
 */

import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { onDispose, type Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { integer, nullable, object, optional, string, type Infer } from '../../contract/schema.ts'
import {
  demandWritableDirectory,
  makePrivateDirectory,
  makePrivateFile,
  readJson,
  writePrivateJson,
} from './private-files.ts'
import { isBusy, isCorruption, storageError, systemCode } from './storage-error.ts'

const lockFile = 'lock.db'
const holderFile = 'holder.json'

const holderSchema = object({
  processId: integer(1),
  /** Of its machine: a directory may be shared by several. */
  hostName: optional(string(256)),
  /** Such as `wardian serve`. */
  program: string(256, 1),
  startedAtMs: integer(0),
  /** Where its clients reach it; it may carry a secret. */
  endpoint: nullable(string(4096)),
})
export type LockHolder = Infer<typeof holderSchema>

/**
 * Who holds `directory`, or held it last: whether it still does is known only by trying to lock. Null if nobody
 * ever did.
 */
export async function readHolder(directory: string): Promise<LockHolder | null> {
  try {
    return holderSchema.parse(await readJson(join(directory, holderFile)), 'holder')
  } catch (error) {
    if (error instanceof WorkbenchError && error.code === 'invalid-argument') return null
    throw error
  }
}

/**
 * Whether anybody holds `directory` now. Asks by taking the lock for a moment, so a holder that starts in that
 * moment may be refused.
 */
export function isHeld(directory: string): boolean {
  try {
    takeLock(join(directory, lockFile), 'must-exist').close()
    return false
  } catch (error) {
    return isBusy(error)
  }
}

export class DirectoryLock {
  readonly directory: string
  readonly #database: Database.Database
  readonly #tracking: Disposable
  #holder: LockHolder

  /**
   * Creates `directory` if it is missing and takes its lock. Throws `in-use` naming the holder,
   * `permission-denied`, `disk-full` or `storage-failed`.
   */
  static async acquire(directory: string, holder: LockHolder): Promise<DirectoryLock> {
    await makePrivateDirectory(directory)
    await demandWritableDirectory(directory)
    const path = join(directory, lockFile)
    let database: Database.Database
    await makeLockFile(path)
    try {
      database = takeLock(path, 'create')
    } catch (error) {
      if (isBusy(error)) throw await inUse(directory)
      throw storageError(error, path)
    }
    try {
      await makePrivateFile(path)
      await writePrivateJson(join(directory, holderFile), holder)
      return new DirectoryLock(directory, database, holder)
    } catch (error) {
      database.close()
      throw error
    }
  }

  constructor(directory: string, database: Database.Database, holder: LockHolder) {
    this.directory = directory
    this.#database = database
    this.#holder = holder
    this.#tracking = onDispose('directory-lock', () => this.#database.close())
  }

  /** Says where clients reach the holder, or that they do not. */
  async publishEndpoint(endpoint: string | null): Promise<void> {
    this.#holder = { ...this.#holder, endpoint }
    await writePrivateJson(join(this.directory, holderFile), this.#holder)
  }

  /** Lets go of the directory. Idempotent. */
  async release(): Promise<void> {
    if (!this.#database.open) return
    await rm(join(this.directory, holderFile), { force: true })
    this.#tracking.dispose()
  }
}

/**
 * SQLite gives its journal the mode of the file, so that is right before SQLite opens it. One that is there is not
 * opened.
 */
async function makeLockFile(path: string): Promise<void> {
  try {
    await writeFile(path, '', { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw storageError(error, path)
  }
}

/** Opens the lock file with the exclusive lock taken, or throws at once. */
function takeLock(path: string, mode: 'create' | 'must-exist'): Database.Database {
  const database = new Database(path, { timeout: 0, fileMustExist: mode === 'must-exist' })
  try {
    database.pragma('locking_mode = EXCLUSIVE')
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    // What is in the file does not matter; a lock file that is no database is still only a lock file.
    if (isCorruption(error)) throw new WorkbenchError('corrupt', `${path} is not a lock file; delete it`)
    throw error
  }
}

async function inUse(directory: string): Promise<WorkbenchError> {
  const holder = await readHolder(directory)
  return new WorkbenchError(
    'in-use',
    `${directory} is in use by ${holder ? described(holder) : 'another program'}. End that program first, or choose ` +
      'another directory with --data',
  )
}

function described({ program, processId, hostName, startedAtMs }: LockHolder): string {
  const place = hostName === undefined ? '' : ` on ${hostName}`
  return `${program} (process ${processId}${place}, since ${new Date(startedAtMs).toISOString()})`
}
