/**
 * Puts another data directory in the place of an instance's own, by names alone: whoever dies in the middle leaves the
 * old one or the new one, which the next opening finds. Under the lock of the instance's directory. Knows no contents.
 */

import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { movePrivately } from '../storage/private-files.ts'
import { storageError } from '../storage/storage-error.ts'
import { engineFolder } from './instance-record.ts'

/** Begins the names of what is being written; the next opening never uses it. */
export const unfinishedFolder = `${engineFolder}.restoring`
/** Whole and on disk, to take the place. */
const nextFolder = `${engineFolder}.next`
/** What had the place. */
const previousFolder = `${engineFolder}.previous`

/** What is in `unfinishedFolder`, on disk by now, may take the place. */
export async function stageData(directory: string): Promise<void> {
  await movePrivately(join(directory, unfinishedFolder), join(directory, nextFolder))
}

/** What was staged takes the place; what was there stays under another name until it is removed. */
export async function swapData(directory: string, keptAs = previousFolder): Promise<void> {
  const data = join(directory, engineFolder)
  await movePrivately(data, join(directory, keptAs))
  await movePrivately(join(directory, nextFolder), data)
}

/** Brings what a swap has left in the middle to its end. Without one it costs a look into the directory. */
export async function recoverSwap(directory: string): Promise<void> {
  const names = await list(directory)
  if (names.includes(engineFolder)) return
  // What was to take the place is whole.
  const from = [nextFolder, previousFolder].find((name) => names.includes(name))
  if (from !== undefined) await movePrivately(join(directory, from), join(directory, engineFolder))
}

/** Removes what swaps have left, after `recoverSwap`; while none is under way. */
export async function removeSwapped(directory: string): Promise<void> {
  const isLeft = (name: string): boolean =>
    name === nextFolder || name === previousFolder || name.startsWith(unfinishedFolder)
  for (const name of (await list(directory)).filter(isLeft)) {
    await rm(join(directory, name), { recursive: true, force: true })
  }
}

async function list(directory: string): Promise<string[]> {
  if (!existsSync(directory)) return []
  try {
    return await readdir(directory)
  } catch (error) {
    throw storageError(error, directory)
  }
}
