/**
 * `postmaster.pid` of a data directory, by which Postgres servers keep each other out: read before Postgres is let
 * loose on a directory, and written so that others see who has it. PGlite neither heeds nor fills it: in WebAssembly
 * every process has the same number. What keeps programs of this kind apart is the lock of the instance's directory.
 *
 * Format: PostgreSQL 18, src/include/utils/pidfile.h. The first line is the process's number, negative for a backend
 * that stands alone.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { WorkbenchError } from '../../../contract/error.ts'

const fileName = 'postmaster.pid'
const serverNames = /^(postgres|postmaster)/

/** Throws `in-use` when a Postgres server runs in `directory`. */
export function refuseRunningServer(directory: string): void {
  const processId = Math.abs(Number.parseInt(contents(directory) ?? '', 10))
  if (!Number.isSafeInteger(processId) || processId < 1 || processId === process.pid) return
  const command = commandOf(processId)
  if (command === null || !serverNames.test(command)) return
  throw new WorkbenchError(
    'in-use',
    `${directory} is in use by a Postgres server (${command}, process ${processId} on ${hostname()}). Stop that ` +
      'server first: two of them would destroy the data',
  )
}

/** Says that this process has `directory`, in which Postgres has just been started; its end removes the file. */
export function claimDirectory(directory: string): void {
  const text = contents(directory)
  if (text === null) return
  const rest = text.slice(text.indexOf('\n'))
  writeFileSync(join(directory, fileName), `-${process.pid}${rest}`, { mode: 0o600 })
}

function contents(directory: string): string | null {
  try {
    return readFileSync(join(directory, fileName), 'utf8')
  } catch {
    // Nobody has it, or it cannot be read: opening the directory says why.
    return null
  }
}

/** What runs by that number; null when nothing does, or the system does not tell: numbers are used again. */
function commandOf(processId: number): string | null {
  try {
    return readFileSync(`/proc/${processId}/comm`, 'utf8').trim()
  } catch {
    return null
  }
}
