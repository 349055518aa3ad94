/**
 * What arguments of the command line, dropped files and chosen files mean: told by their kind, before anything of them
 * is read. Imports nothing of Electron.
 */

import { existsSync, statSync } from 'node:fs'
import { basename, extname, isAbsolute, join, resolve } from 'node:path'
import type { ShellRequest } from '../../contract/shell-request.ts'
import { isLink, parseLink } from './app-link.ts'

/** Something to be opened; a file of SQL is still to be read. */
export type OpenTarget = { readonly kind: 'sql-file'; readonly file: string } | ShellRequest

/** More at once is a mistake of the file manager. */
const targetsMax = 50

/**
 * What `args` (a command line without its program) ask for; `folder` is where they were given. Options are
 * Chromium's, and are passed over; so is whatever is neither a file of a kind that is opened nor a data directory.
 */
export function targetsOf(args: readonly string[], folder: string): OpenTarget[] {
  return args
    .filter((argument) => argument !== '' && !argument.startsWith('-'))
    .slice(0, targetsMax)
    .flatMap((argument) => {
      const target = isLink(argument) ? targetOfLink(argument) : targetOfPath(argument, folder)
      return target === null ? [] : [target]
    })
}

export function targetOfLink(link: string): OpenTarget {
  return parseLink(link) ?? { kind: 'problem', message: 'That link asks for nothing that Wardian does' }
}

/** null: not of a kind that is opened. */
export function targetOfPath(given: string, folder: string): OpenTarget | null {
  if (given.includes('\0')) return null
  const path = isAbsolute(given) ? given : resolve(folder, given)
  const kind = kindOf(path)
  const extension = extname(path).toLowerCase()
  if (kind === 'directory') return isDataDirectory(path) ? { kind: 'directory', directory: path } : null
  if (extension !== '.sql' && extension !== '.wardian') return null
  if (kind === 'missing') return { kind: 'problem', message: `There is no file ${basename(path)} at ${path}` }
  return extension === '.sql' ? { kind: 'sql-file', file: path } : { kind: 'archive', file: path }
}

/** A data directory of PGlite or the directory of an instance, as instance.open has it, which looks closer. */
function isDataDirectory(path: string): boolean {
  return ['PG_VERSION', 'instance.json'].some((name) => existsSync(join(path, name)))
}

function kindOf(path: string): 'file' | 'directory' | 'missing' {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'file'
  } catch {
    return 'missing'
  }
}
