/**
 * What the data directory must be: writable by its owner, private, on a disk with room, and held by nobody or by a
 * host that answers. Each check stands alone and none throws; nothing is created.
 */

import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { connectToHost } from '../endpoints/endpoint-client.ts'
import { parseHostAddress } from '../endpoints/host-address.ts'
import type { LockHolder } from '../storage/directory-lock.ts'
import type { Check } from './doctor-check.ts'

/** An empty instance takes 40 MB; write-ahead logs and the trash want some more. */
const diskBytesLow = 2 ** 30
const diskBytesMin = 128 << 20

export async function dataDirectoryChecks(directory: string): Promise<readonly Check[]> {
  const place = await nearestExisting(directory)
  return [
    await writableCheck(directory, place),
    await privateCheck(directory),
    await diskCheck(place),
    await holderCheck(directory),
  ]
}

async function writableCheck(directory: string, place: string): Promise<Check> {
  const id = 'data directory'
  const advice = `Give yourself write permission on ${place}, or choose another place with --data`
  try {
    if (!(await stat(place)).isDirectory()) {
      return {
        id,
        status: 'fail',
        finding: `${place} is not a directory`,
        advice: 'Choose another place with --data',
      }
    }
    await access(place, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    return {
      id,
      status: 'fail',
      finding: `${place} cannot be written: ${reasonOf(error)}`,
      advice,
    }
  }
  const finding = place === directory ? directory : `${directory} (made at the first start)`
  return { id, status: 'ok', finding, advice: null }
}

/** Windows has no such modes: access there follows the user's profile. */
async function privateCheck(directory: string): Promise<Check> {
  const id = 'privacy'
  const mode = await stat(directory).then(
    (found) => found.mode & 0o777,
    () => null,
  )
  if (mode === null || process.platform === 'win32' || (mode & 0o077) === 0) {
    return { id, status: 'ok', finding: 'Only you can read it', advice: null }
  }
  const finding = `Others can reach into it (mode ${mode.toString(8)})`
  return { id, status: 'warn', finding, advice: `chmod 700 '${directory}'` }
}

async function diskCheck(place: string): Promise<Check> {
  const id = 'disk'
  try {
    const { bavail, bsize } = await statfs(place)
    const bytes = bavail * bsize
    const status = bytes < diskBytesMin ? 'fail' : bytes < diskBytesLow ? 'warn' : 'ok'
    const finding = `${(bytes / 2 ** 30).toFixed(1)} GB free`
    return {
      id,
      status,
      finding,
      advice: status === 'ok' ? null : 'Free some space, or choose another disk with --data',
    }
  } catch (error) {
    return {
      id,
      status: 'warn',
      finding: `Free space is unknown: ${reasonOf(error)}`,
      advice: null,
    }
  }
}

async function holderCheck(directory: string): Promise<Check> {
  const id = 'held by'
  try {
    // Loaded here, because it needs the native module, whose absence is another check's finding.
    const { isHeld, readHolder } = await import('../storage/directory-lock.ts')
    const holder = await readHolder(directory)
    if (!holder || !isHeld(directory)) return { id, status: 'ok', finding: 'No program', advice: null }
    return await answeringCheck(holder)
  } catch (error) {
    return { id, status: 'warn', finding: `Not known: ${reasonOf(error)}`, advice: null }
  }
}

async function answeringCheck(holder: LockHolder): Promise<Check> {
  const id = 'held by'
  const who = `${holder.program}, process ${holder.processId}`
  if (holder.endpoint === null)
    return { id, status: 'ok', finding: `${who}; it takes no commands`, advice: null }
  try {
    const port = await connectToHost(parseHostAddress(holder.endpoint))
    port.dispose()
    return { id, status: 'ok', finding: `${who}; it answers`, advice: null }
  } catch (error) {
    const finding = `${who}; it does not answer (${reasonOf(error)})`
    return {
      id,
      status: 'warn',
      finding,
      advice: 'If it hangs, end that process: what was acknowledged is safe',
    }
  }
}

/** The directory itself, or the nearest one above it that exists. */
async function nearestExisting(directory: string): Promise<string> {
  for (let place = directory; ; place = dirname(place)) {
    const exists = await stat(place).then(
      () => true,
      () => false,
    )
    if (exists || dirname(place) === place) return place
  }
}

/** What the system says: that something is wrong is what a check is made to find, and no defect of ours. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
