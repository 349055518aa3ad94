/**
 * What SQLite and the operating system say when a file cannot be used, in the words of the product: a code of
 * the closed list and what to do. Knows no table.
 */

import { WorkbenchError, type ErrorCode } from '../../contract/error.ts'

/** The `code` of an error of Node (`ENOSPC`) or of SQLite (`SQLITE_FULL`); empty if it has none. */
export function systemCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

const advice: readonly { codes: RegExp; code: ErrorCode; what: string }[] = [
  {
    codes: /^(ENOSPC|EDQUOT|EFBIG|SQLITE_FULL)/,
    code: 'disk-full',
    what: 'there is no space left; make room on that disk and try again',
  },
  {
    codes: /^(EACCES|EPERM|EROFS|SQLITE_READONLY|SQLITE_PERM|SQLITE_AUTH)/,
    code: 'permission-denied',
    what: 'it may not be written; correct its permissions or choose another directory with --data',
  },
  {
    codes: /^(ENOENT|ENOTDIR|EEXIST|SQLITE_CANTOPEN)/,
    code: 'storage-failed',
    what: 'it cannot be opened there; choose another directory with --data',
  },
  {
    // What SQLite says of everything else that the operating system refuses, such as files beyond a limit of size.
    codes: /^(EIO|SQLITE_IOERR)/,
    code: 'storage-failed',
    what: 'the disk could not be read or written; see that it is there and has room, and try again',
  },
  {
    codes: /^(SQLITE_CORRUPT|SQLITE_NOTADB)/,
    code: 'corrupt',
    what: 'it is damaged; start Wardian again, which sets the damaged file aside and begins a new one',
  },
]

/** The error to show for `error`, which happened to the file or directory `path`. */
export function storageError(error: unknown, path: string): WorkbenchError {
  if (error instanceof WorkbenchError) return error
  const found = advice.find(({ codes }) => codes.test(systemCode(error)))
  const reason = error instanceof Error ? error.message : String(error)
  if (!found) return new WorkbenchError('storage-failed', `${path}: ${reason}`, { cause: error })
  return new WorkbenchError(found.code, `${path}: ${found.what} (${reason})`, { cause: error })
}

/** Whether `error` says that a file is not, or no longer, a SQLite database. */
export function isCorruption(error: unknown): boolean {
  return /^(SQLITE_CORRUPT|SQLITE_NOTADB)/.test(systemCode(error))
}

/** Whether `error` says that somebody else holds a SQLite file. */
export function isBusy(error: unknown): boolean {
  return /^(SQLITE_BUSY|SQLITE_LOCKED)/.test(systemCode(error))
}
