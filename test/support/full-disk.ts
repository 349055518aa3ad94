/**
 * Preloaded into a process (and so into its threads) to make the disk full at will: while the file that
 * WARDIAN_TEST_FULL names says `write`, nothing can be written to tables; while it says `sync`, no sync of the
 * write-ahead log succeeds. Knows nothing of who writes.
 */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const switchFile = process.env['WARDIAN_TEST_FULL'] ?? ''
const paths = new Map<number, string>()
const { openSync, writeSync, fdatasyncSync, ftruncateSync } = fs

function isFull(what: string, descriptor: number, folder: string): boolean {
  const path = paths.get(descriptor) ?? ''
  return path.includes(folder) && fs.readFileSync(switchFile, 'utf8') === what
}

function noSpace(call: string): Error {
  return Object.assign(new Error(`ENOSPC: no space left on device, ${call}`), { code: 'ENOSPC' })
}

fs.openSync = (...[path, flags, mode]: Parameters<typeof openSync>) => {
  const descriptor = openSync(path, flags, mode)
  paths.set(descriptor, String(path))
  return descriptor
}
fs.writeSync = ((descriptor: number, ...rest: [Uint8Array, number, number, number]) => {
  if (isFull('write', descriptor, '/base/')) throw noSpace('write')
  return writeSync(descriptor, ...rest)
}) as typeof writeSync
fs.ftruncateSync = (descriptor, length) => {
  if (isFull('write', descriptor, '/base/')) throw noSpace('ftruncate')
  ftruncateSync(descriptor, length)
}
fs.fdatasyncSync = (descriptor) => {
  if (isFull('sync', descriptor, '/pg_wal/')) throw noSpace('fdatasync')
  fdatasyncSync(descriptor)
}
syncBuiltinESMExports()
