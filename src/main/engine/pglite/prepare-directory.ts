/**
 * Decides what to do with the directory that an instance is to be opened in: leave it, fill it from the
 * template, or refuse it. Never changes a directory that already holds something. Knows no PGlite.
 */

import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsync, mkdirSync, openSync, readdirSync } from 'node:fs'
import { renameSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { checkDataDirectory, fileSystemError } from './check-directory.ts'
import { syncDirectory } from './file-tree.ts'
import type { FillTask } from './engine-message.ts'
import { readImage } from './template-image.ts'

const creatingMark = '.creating-'

/** More than Node's pool has threads, far fewer than files that may be open. */
const filesAtOnce = 32

const sync = promisify(fsync)

/** What is to be filled. */
export type PrepareOptions = Omit<FillTask, 'kind'>

/**
 * Makes sure that `directory` holds a data directory of this version. Blocks the thread where it must be filled.
 * Throws `unsupported`, `corrupt`, …
 */
export async function prepareDirectory(options: PrepareOptions): Promise<void> {
  try {
    if (isMissingOrEmpty(options.directory)) await createFromTemplate(options)
    else checkDataDirectory(options.directory)
  } catch (error) {
    throw fileSystemError(error, options.directory)
  }
}

function isMissingOrEmpty(directory: string): boolean {
  return !existsSync(directory) || readdirSync(directory).length === 0
}

/** Copies beside the directory and renames, so that an interrupted creation leaves nothing that looks whole. */
async function createFromTemplate(options: PrepareOptions): Promise<void> {
  const { directory, isDurable } = options
  const parent = dirname(directory)
  mkdirSync(parent, { recursive: true })
  const prefix = `${basename(directory)}${creatingMark}`
  // Whoever opens this directory holds its lock, so a copy under this name is left from an attempt that died.
  for (const name of readdirSync(parent)) {
    if (name.startsWith(prefix)) rmSync(join(parent, name), { recursive: true, force: true })
  }
  const copy = join(parent, `${prefix}${randomBytes(6).toString('hex')}`)
  try {
    await copyTemplate(options, copy)
    if (existsSync(directory)) rmdirSync(directory)
    renameSync(copy, directory)
    if (isDurable) syncDirectory(parent)
  } catch (error) {
    rmSync(copy, { recursive: true, force: true })
    throw error
  }
}

async function copyTemplate({ template, isDurable }: PrepareOptions, copy: string): Promise<void> {
  const files = await readImage(template)
  const directories = [copy, ...template.contents.directories.map((name) => join(copy, name))]
  for (const path of directories) mkdirSync(path, { mode: 0o700 })
  await inLanes(files, async ({ name, bytes }) => {
    // Fails if it is there, so that nothing is ever written over.
    const descriptor = openSync(join(copy, name), 'wx', 0o600)
    try {
      writeFileSync(descriptor, bytes)
      // Several at once share one write of the file system's journal. An empty file has but its entry.
      if (isDurable && bytes.length > 0) await sync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  })
  if (isDurable) for (const path of directories) syncDirectory(path)
}

/** Handles all items, several at a time. Throws the first error, when nothing is under way any more. */
async function inLanes<T>(items: readonly T[], handle: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values()
  const failures: unknown[] = []
  const lane = async (): Promise<void> => {
    for (const item of waiting) {
      if (failures.length > 0) return
      await handle(item).catch((error: unknown) => failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: filesAtOnce }, lane))
  if (failures.length > 0) throw failures[0]
}
