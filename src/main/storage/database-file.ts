/**
 * Opens the workbench's own file, checks that it is sound, and brings it to the newest version. A damaged file
 * is set aside, never overwritten, and a fresh one begun. Knows no table.
 */

import { chmodSync, existsSync, renameSync } from 'node:fs'
import Database from 'better-sqlite3'
import { checkVersion, migrate } from './migrations.ts'
import { isCorruption, storageError } from './storage-error.ts'

export interface OpenedFile {
  readonly database: Database.Database
  /** Where a damaged file was put; null if there was none. */
  readonly setAsidePath: string | null
}

/** A second connection of this process (none is planned) would wait this long. */
const busyTimeoutMs = 5_000

/** The WAL is cut back to this size after a checkpoint, so that one large text does not occupy it for ever. */
const walBytesMax = 16 << 20

/** Opens `path`; `suffix` names what is set aside. Throws `disk-full`, `permission-denied`, `unsupported`… */
export function openDatabaseFile(path: string, suffix: string): OpenedFile {
  try {
    return { database: openSound(path), setAsidePath: null }
  } catch (error) {
    if (!isCorruption(error)) throw storageError(error, path)
  }
  try {
    const setAsidePath = setAside(path, suffix)
    return { database: openSound(path), setAsidePath }
  } catch (error) {
    throw storageError(error, path)
  }
}

function openSound(path: string): Database.Database {
  const database = new Database(path, { timeout: busyTimeoutMs })
  try {
    checkVersion(database)
    chmodSync(path, 0o600)
    database.pragma('journal_mode = WAL')
    // What is answered as stored must survive a power loss (https://sqlite.org/pragma.html, synchronous).
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    database.pragma(`journal_size_limit = ${walBytesMax}`)
    checkTables(database)
    migrate(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Checks every table, and the b-trees under the word index, but not what the index says: with a full history that
 * takes 1.6 s of the 1.7 s that a check of everything takes, and it can be rebuilt from the history.
 */
function checkTables(database: Database.Database): void {
  const tables = database
    .prepare<[], { name: string }>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'`,
    )
    .all()
  for (const { name } of tables) {
    const problem = database.pragma(`quick_check('${name}')`, { simple: true })
    if (problem !== 'ok') throw new Database.SqliteError(String(problem), 'SQLITE_CORRUPT')
  }
}

function setAside(path: string, suffix: string): string {
  const target = `${path}.damaged-${suffix}`
  for (const part of ['-wal', '-shm', '']) {
    if (existsSync(path + part)) renameSync(path + part, target + part)
  }
  return target
}
