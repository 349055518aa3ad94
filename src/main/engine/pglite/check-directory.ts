/**
 * Which directories Postgres is let loose on, and in which words the others are refused. Changes no directory, and
 * is loaded by every engine's thread. Knows no PGlite.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { WorkbenchError } from '../../../contract/error.ts'

/** What PG_VERSION says in a directory of this PGlite. */
export const postgresMajorVersion = '18'

/** An engine of that version is there, to read what it has written. */
export const migratedVersion = '17'

/** Never changes in Postgres (catalog/pg_control.h, PG_CONTROL_FILE_SIZE). */
const controlFileBytes = 8192

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

/** As checkDirectory, of a directory that can be read; throws what the file system throws. */
export function checkDataDirectory(directory: string): void {
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
      `${directory} was written by Postgres ${writer}, this engine is Postgres ${postgresMajorVersion}; ` +
        (version === migratedVersion
          ? 'migrate it (wardian migrate NAME): it is kept as it is beside the new one'
          : 'dump it with the version that wrote it and restore the dump here'),
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
