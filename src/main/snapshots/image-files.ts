/**
 * Which files of a data directory that stands still make an image of it: one that Postgres starts from by itself.
 * Reads names, sizes and the control file, and blocks meanwhile; copies nothing.
 */

import { closeSync, existsSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { WorkbenchError } from '../../contract/error.ts'
import { sealFiles, segmentBytes, segmentName } from '../engine/pglite/sealed-files.ts'
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
  /** Of a file that is made for the image, instead of what lies there: these bytes, and zeros behind them. */
  readonly contents?: Buffer
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
 * `position`: the files are as of Engine.settleFiles, which has told it; then the image counts as shut down in order,
 * where the two files that say so can be made. null: they are as an end, in order or not, has left them, and all of the
 * log is needed that they have. Throws `corrupt` where there is no control file.
 */
export function listImageFiles(directory: string, position: string | null): ImageFiles {
  const control = readControl(directory)
  const wal = walNeedOf(control, position !== null)
  const sealed = position === null ? null : seal(directory, { control, position })
  const found: Found = { directories: [], files: [...(sealed ?? [])], setAside: [] }
  const isMade = (name: string): boolean => sealed !== null && (name === controlFile || walFile.test(name))
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(directory, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (!isNeeded(name, wal) || isMade(name)) continue
      if (entry.isDirectory()) {
        found.directories.push(name)
        walk(name)
      } else if (entry.isFile()) {
        const isAside = position !== null && sealed === null && isInitFork(name)
        found[isAside ? 'setAside' : 'files'].push(fileAt(directory, name))
      }
    }
  }
  walk('')
  return { ...found, wal }
}

interface Found {
  readonly directories: string[]
  readonly files: ImageFile[]
  readonly setAside: ImageFile[]
}

const walFile = /^pg_wal\/[0-9A-F]{24}$/
const walPageBytes = 8192

/** The files by which the image counts as shut down in order; null where they cannot be made. */
function seal(
  directory: string,
  { control, position }: { readonly control: Buffer; readonly position: string },
): ImageFile[] | null {
  const timeline = readWalNeed(control).timeline
  const sealed = sealFiles({
    ...{ control, position },
    readWalPage: (at) => {
      const name = segmentName(timeline, at / BigInt(segmentBytes))
      return readPage(join(directory, 'pg_wal', name), Number(at % BigInt(segmentBytes)))
    },
  })
  if (!sealed) return null
  const made = { inode: '', changedAtNs: '0' }
  return [
    { ...made, name: controlFile, byteCount: sealed.control.length, contents: sealed.control },
    { ...made, name: sealed.walName, byteCount: segmentBytes, contents: sealed.walPage },
  ]
}

/** The page in which that byte of the file lies; null where there is no such file. */
function readPage(path: string, offset: number): Buffer | null {
  if (!existsSync(path)) return null
  const descriptor = openSync(path, 'r')
  try {
    const page = Buffer.alloc(walPageBytes)
    readSync(descriptor, page, 0, walPageBytes, offset - (offset % walPageBytes))
    return page
  } finally {
    closeSync(descriptor)
  }
}

function readControl(directory: string): Buffer {
  try {
    return readFileSync(join(directory, controlFile))
  } catch (error) {
    throw new WorkbenchError(
      'corrupt',
      `${directory} has no ${controlFile}; it is no database, or a damaged one`,
      { cause: error },
    )
  }
}

function walNeedOf(control: Buffer, isSettled: boolean): WalNeed {
  const need = readWalNeed(control)
  return isSettled || isShutDown(control) ? need : { ...need, last: lastName, end: 2n ** 63n }
}

function fileAt(directory: string, name: string): ImageFile {
  const { size, ino, ctimeNs } = lstatSync(join(directory, name), { bigint: true })
  return { name, byteCount: Number(size), inode: String(ino), changedAtNs: String(ctimeNs) }
}
