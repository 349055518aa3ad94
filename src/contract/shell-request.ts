/**
 * What a window can be asked to do from outside of its page: by the command line, the file manager, a link, a menu. A
 * closed list; nothing in it runs SQL. No behaviour.
 */

import { instanceNameLengthMax } from './limits.ts'
import { object, oneOf, string, union, type Infer } from './schema.ts'

/** Larger files of SQL are dumps, which are restored and not edited. UTF-16 code units. */
export const sqlFileLengthMax = 32 << 20

/** Actions of the page that the shell's menus offer, by the ids of its command registry. */
export const menuCommandIds = [
  'tab.new',
  'tab.close',
  'tab.reopen',
  'file.open-sql',
  'database.new',
  'database.import',
  'database.open-directory',
  'database.export',
  'app.palette',
  'view.sidebar',
  'view.databases',
  'view.history',
  'view.dashboard',
  'view.instances',
  'view.endpoints',
  'app.settings',
] as const
export type MenuCommandId = (typeof menuCommandIds)[number]

/** Pages of the window that a link can show. */
export const linkedPages = ['consoles', 'instances', 'dashboard', 'endpoints'] as const

const path = string(4096, 1)

export const shellRequestSchema = union({
  /** A file of SQL, as a console of its own. It is not run. */
  sql: object({ name: string(256, 1), text: string(sqlFileLengthMax) }),
  /** An export, which is offered to be imported. */
  archive: object({ file: path }),
  /** A data directory, which is offered to be opened. */
  directory: object({ directory: path }),
  /** Show an instance, if there is one of that name. */
  instance: object({ name: string(instanceNameLengthMax, 1) }),
  page: object({ page: oneOf(...linkedPages) }),
  command: object({ id: oneOf(...menuCommandIds) }),
  /** Something was asked for that cannot be done; why, for the user. */
  problem: object({ message: string(4096, 1) }),
})
export type ShellRequest = Infer<typeof shellRequestSchema>
