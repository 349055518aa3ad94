/**
 * Copies of data directories that stand still, and what makes them durable. Blocks between the moments in which it
 * tells how far it is, so it belongs in a worker. Knows no instance.
 */

import { closeSync, constants, copyFileSync, existsSync, fsync, mkdirSync, openSync } from 'node:fs'
import { readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { WorkbenchError } from '../../contract/error.ts'
import { syncDirectory } from '../engine/pglite/file-tree.ts'
import { storageError, systemCode } from '../storage/storage-error.ts'
import { listImageFiles } from './image-files.ts'

/** How far something is. */
export interface FileProgress {
  readonly doneBytes: number
  readonly totalBytes: number
}

export interface CopyRequest {
  readonly from: string
  readonly to: string
  /** As listImageFiles has it. */
  readonly position: string | null
}

/** Between two looks for a cancel: some 30 ms on a slow disk. */
const progressBytes = 16 << 20

/** Node's pool has four threads; one is left to whoever else uses files, such as an engine that starts. */
const syncsAtOnce = 3

const sync = promisify(fsync)

/** A file of a new database is shorter, and copied sooner than another thread has begun with it. */
const longBytes = 4 << 20
/** Beside this thread's own. Copying is the processor's work, and the smallest machines have two. */
const copiesBesideMax = 1
const copyMode = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL

/**
 * Copies an image of `from` to `to`, which must not exist, and leaves nothing where it fails. Shares blocks where the
 * file system can.
 */
export async function* copyFiles(
  { from, to, position }: CopyRequest,
  signal: AbortSignal,
): AsyncGenerator<{ value: FileProgress }, { byteCount: number; hasSetAside: boolean }, void> {
  let isDone = false
  const beside = new CopiesBeside()
  try {
    const { directories, files, setAside } = listImageFiles(from, position)
    const totalBytes = files.reduce((sum, { byteCount }) => sum + byteCount, 0)
    mkdirSync(to, { mode: 0o700 })
    for (const name of directories) mkdirSync(join(to, name), { mode: 0o700 })
    let doneBytes = 0
    let toldBytes = 0
    // The long ones first, while there is something to do beside them.
    for (const { name, byteCount, contents } of files.toSorted((a, b) => b.byteCount - a.byteCount)) {
      const [source, target] = [join(from, name), join(to, name)]
      if (contents) makeFile(target, { contents, byteCount })
      else if (byteCount < longBytes) copyFileSync(source, target, copyMode)
      else await beside.add(source, target)
      doneBytes += byteCount
      if (doneBytes - toldBytes < progressBytes) continue
      toldBytes = doneBytes
      yield { value: { doneBytes, totalBytes } }
      await nextTurn()
      if (signal.aborted) throw cancelled()
    }
    await beside.settled()
    for (const { name } of setAside) {
      const path = join(asideOf(to), name)
      mkdirSync(dirname(path), { mode: 0o700, recursive: true })
      copyFileSync(join(from, name), path)
    }
    isDone = true
    return { byteCount: totalBytes, hasSetAside: setAside.length > 0 }
  } catch (error) {
    throw storageError(error, to)
  } finally {
    // Also when whoever wanted it has turned away.
    if (!isDone) await beside.settled().catch(() => undefined)
    if (!isDone) for (const path of [to, asideOf(to)]) rmSync(path, { recursive: true, force: true })
  }
}

/** Copies of long files, made by another thread while this one copies short ones. */
class CopiesBeside {
  readonly #running = new Set<Promise<void>>()

  /** Resolves when there is room for it. Throws what another has failed with. */
  async add(source: string, target: string): Promise<void> {
    if (this.#running.size >= copiesBesideMax) await Promise.race(this.#running)
    const copying = copyFile(source, target, copyMode)
    this.#running.add(copying)
    // One that fails stays, and fails whoever waits next.
    copying.then(
      () => this.#running.delete(copying),
      () => undefined,
    )
  }

  /** Resolves when all are made. Throws what one has failed with, when none is under way any more. */
  async settled(): Promise<void> {
    const results = await Promise.allSettled(this.#running)
    const failure = results.find((result) => result.status === 'rejected')
    if (failure) throw failure.reason
  }
}

function makeFile(path: string, file: { readonly contents: Buffer; readonly byteCount: number }): void {
  writeFileSync(path, file.contents, { mode: 0o600, flag: 'wx' })
  truncateSync(path, file.byteCount)
}

/** Puts into the copy `to` what was set aside when it was made. */
export function completeFiles(to: string): void {
  const aside = asideOf(to)
  try {
    for (const { parentPath, name } of readdirSync(aside, { recursive: true, withFileTypes: true })) {
      const path = join(parentPath, name)
      const target = join(to, relative(aside, path))
      if (!existsSync(target)) renameSync(path, target)
    }
    rmSync(aside, { recursive: true })
  } catch (error) {
    throw storageError(error, to)
  }
}

/** Beside the copy. */
export function asideOf(to: string): string {
  return `${to}.aside`
}

/**
 * Everything is on disk when it resolves that lies in `directory` now. An engine may use it meanwhile, and remove files
 * of its own.
 */
export async function syncFiles(directory: string): Promise<void> {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).values()
    const lane = async (): Promise<void> => {
      for (const { parentPath, name } of files) await syncFile(join(parentPath, name))
    }
    await Promise.all(Array.from({ length: syncsAtOnce }, lane))
    const folders = entries.filter((entry) => entry.isDirectory())
    for (const { parentPath, name } of folders) ifThere(() => syncDirectory(join(parentPath, name)))
    syncDirectory(directory)
  } catch (error) {
    throw storageError(error, directory)
  }
}

async function syncFile(path: string): Promise<void> {
  const descriptor = ifThere(() => openSync(path, 'r+'))
  if (descriptor === null) return
  try {
    await sync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function ifThere<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}

function cancelled(): WorkbenchError {
  return new WorkbenchError('cancelled', 'The copy was cancelled; what it was made from is as it was')
}
