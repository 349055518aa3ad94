/**
 * Decides what to do with the directory that an instance is to be opened in: leave it, fill it from the
 * template, or refuse it. Never changes a directory that already holds something. Knows no PGlite.
 */

import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { renameSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { WorkbenchError } from '../../../contract/error.ts'
import { syncDirectory } from './file-tree.ts'
import type { TemplateSource } from './engine-message.ts'
import { readImage } from './template-image.ts'

/** What PG_VERSION says in a directory of this PGlite. */
export const postgresMajorVersion = '18'

/** Never changes in Postgres (catalog/pg_control.h, PG_CONTROL_FILE_SIZE). */
const controlFileBytes = 8192

const creatingMark = '.creating-'

/** More than Node's pool has threads, far fewer than files that may be open. */
const filesAtOnce = 32

const sync = promisify(fsync)

export interface PrepareOptions {
  readonly directory: string
  readonly template: TemplateSource
  /** Whether new files must be on disk before the directory counts as created. */
  readonly isDurable: boolean
}

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

/** Throws unless `directory` holds a data directory of this version. */
export function checkDirectory(directory: string): void {
  try {
    // Says why where it cannot be read, or is none.
    readdirSync(directory)
    checkDataDirectory(directory)
  } catch (error) {
    throw fileSystemError(error, directory)
  }
}

/** Emscripten's file system has numbers, those of WASI (wasi snapshot preview1, errno). */
const wasiCodes: ReadonlyMap<unknown, string> = new Map([
  [2, 'EACCES'],
  [19, 'EDQUOT'],
  [51, 'ENOSPC'],
  [63, 'EPERM'],
  [69, 'EROFS'],
])

/** Words an error of the operating system, or of Emscripten's files; others pass unchanged. */
export function fileSystemError(error: unknown, path: string): unknown {
  if (typeof error !== 'object' || error === null || error instanceof WorkbenchError) return error
  const cause = { cause: error }
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return noSpace(path, error)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new WorkbenchError(
        'permission-denied',
        `The operating system refused access to ${path}; check its owner and permissions`,
        cause,
      )
    case 'ENOTDIR':
    case 'EEXIST':
      return new WorkbenchError('invalid-argument', `${path} is not a directory; choose another`, cause)
    default:
      return error
  }
}

function noSpace(path: string, cause: unknown): WorkbenchError {
  return new WorkbenchError('disk-full', `No space is left for ${path}; free some and try again`, { cause })
}

function systemCode(error: object): unknown {
  if ('errno' in error && wasiCodes.has(error.errno)) return wasiCodes.get(error.errno)
  return 'code' in error ? error.code : undefined
}

function isMissingOrEmpty(directory: string): boolean {
  return !existsSync(directory) || readdirSync(directory).length === 0
}

function checkDataDirectory(directory: string): void {
  const versionFile = join(directory, 'PG_VERSION')
  if (!existsSync(versionFile)) {
    const looksLikeData = existsSync(join(directory, 'base')) || existsSync(join(directory, 'global'))
    throw looksLikeData
      ? new WorkbenchError('corrupt', `${directory} lacks PG_VERSION; restore it from a backup`)
      : new WorkbenchError(
          'unsupported',
          `${directory} holds files that are no Postgres data; choose an empty or a new directory`,
        )
  }
  const version = readFileSync(versionFile, 'utf8').trim()
  if (version !== postgresMajorVersion) {
    const writer = /^[\d.]{1,8}$/.test(version) ? version : 'of an unknown version'
    throw new WorkbenchError(
      'unsupported',
      `${directory} was written by Postgres ${writer}, this engine is Postgres ` +
        `${postgresMajorVersion}; dump it with the version that wrote it and restore the dump here`,
    )
  }
  const controlFile = statSync(join(directory, 'global', 'pg_control'), { throwIfNoEntry: false })
  if (controlFile?.size !== controlFileBytes) {
    throw new WorkbenchError(
      'corrupt',
      `${directory} has no whole global/pg_control; restore the directory from a backup`,
    )
  }
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
