/**
 * Which files of a data directory that stands still make an image of it: one that Postgres starts from by itself.
 * Reads names, sizes and the control file, and blocks meanwhile; copies nothing.
 */

import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WorkbenchError } from '../../contract/error.ts'
import {
  isInitFork,
  isNeeded,
  isShutDown,
  readWalNeed,
  type WalNeed,
} from '../engine/pglite/snapshot-files.ts'

/** A file as it lies there. */
export interface ImageFile {
  /** Relative to the data directory, with forward slashes. */
  readonly name: string
  readonly byteCount: number
  /** Which file it is, and when it was changed last: as long as these are the same, so are its contents. */
  readonly inode: string
  readonly changedAtNs: string
}

export interface ImageFiles {
  /** Parents before what they hold. */
  readonly directories: readonly string[]
  readonly files: readonly ImageFile[]
  /**
   * Initial forks of tables that are not logged, where the image keeps these tables' contents: Postgres empties them
   * at a start behind a crash, unless it finds no such file. They belong to the image once it has been started and
   * ended in order.
   */
  readonly setAside: readonly ImageFile[]
  readonly wal: WalNeed
}

const controlFile = 'global/pg_control'
/** Behind every segment's name. */
const lastName = 'F'.repeat(24)

/**
 * `isSettled`: the files are as of Engine.settleFiles. Else they are as an end, in order or not, has left them, and
 * all of the log is needed that they have. Throws `corrupt` where there is no control file.
 */
export function listImageFiles(
  directory: string,
  { isSettled }: { readonly isSettled: boolean },
): ImageFiles {
  const wal = walNeedOf(directory, isSettled)
  const directories: string[] = []
  const files: ImageFile[] = []
  const setAside: ImageFile[] = []
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(directory, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (!isNeeded(name, wal)) continue
      if (entry.isDirectory()) {
        directories.push(name)
        walk(name)
      } else if (entry.isFile())
        (isSettled && isInitFork(name) ? setAside : files).push(fileAt(directory, name))
    }
  }
  walk('')
  return { directories, files, setAside, wal }
}

function walNeedOf(directory: string, isSettled: boolean): WalNeed {
  let control: Uint8Array
  try {
    control = readFileSync(join(directory, controlFile))
  } catch (error) {
    throw new WorkbenchError(
      'corrupt',
      `${directory} has no ${controlFile}; it is no database, or a damaged one`,
      {
        cause: error,
      },
    )
  }
  const need = readWalNeed(control)
  return isSettled || isShutDown(control) ? need : { ...need, last: lastName, end: 2n ** 63n }
}

function fileAt(directory: string, name: string): ImageFile {
  const { size, ino, ctimeNs } = lstatSync(join(directory, name), { bigint: true })
  return { name, byteCount: Number(size), inode: String(ino), changedAtNs: String(ctimeNs) }
}
