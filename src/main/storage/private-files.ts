/**
 * Files that belong to one user: directories of mode 0700, files of mode 0600, replaced as a whole or not at
 * all. Knows no content.
 */

import { randomUUID } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { access, chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { storageError, systemCode } from './storage-error.ts'

const directoryMode = 0o700
const fileMode = 0o600

/**
 * Creates `path` and what lies above it, for its owner alone. A directory that was there keeps its mode: it may
 * be one that others use too.
 */
export async function makePrivateDirectory(path: string): Promise<void> {
  try {
    await makeDirectories(path)
  } catch (error) {
    throw storageError(error, path)
  }
}

/** Throws `permission-denied` where files cannot be made in the directory `path`; SQLite would not say why. */
export async function demandWritableDirectory(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw storageError(error, path)
  }
}

/** Like `mkdir` with `recursive`, which never ends where the system answers ENOENT for what may not be made. */
async function makeDirectories(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: directoryMode })
  } catch (error) {
    const isThere = systemCode(error) === 'EEXIST' && (await stat(path)).isDirectory()
    if (isThere) return
    const parent = dirname(path)
    if (systemCode(error) !== 'ENOENT' || parent === path || existsSync(parent)) throw error
    await makeDirectories(parent)
    await mkdir(path, { mode: directoryMode })
  }
}

/** Makes a file that another library has created private. */
export async function makePrivateFile(path: string): Promise<void> {
  try {
    await chmod(path, fileMode)
  } catch (error) {
    throw storageError(error, path)
  }
}

/** Writes `value` as JSON, on disk when this resolves; readers see the old file or the new one. */
export async function writePrivateJson(path: string, value: unknown): Promise<void> {
  const draft = `${path}.${randomUUID()}`
  try {
    const file = await open(draft, 'wx', fileMode)
    try {
      await file.writeFile(`${JSON.stringify(value, null, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
    await syncDirectory(dirname(path))
  } catch (error) {
    await rm(draft, { force: true })
    throw storageError(error, path)
  }
}

/** Moves a file or directory to where nothing is, on disk when this resolves. */
export async function movePrivately(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
    await syncDirectory(dirname(to))
  } catch (error) {
    throw storageError(error, to)
  }
}

/** A rename is on disk once its directory is. Windows cannot open directories and needs no such thing. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** The value in a JSON file; null if there is no such file or it is not JSON. */
export async function readJson(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw storageError(error, path)
  }
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
