/**
 * Preloaded into a process (and so into its threads) to make the disk full, or read-only, at will: while the file
 * that WARDIAN_TEST_FULL names says `write`, nothing can be written to tables; while it says `sync`, no sync of the
 * write-ahead log succeeds; while it says `read-only`, nothing of an instance's data can be changed, as the system
 * makes a disk on which it has found errors. Knows nothing of who writes.
 */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const switchFile = process.env['WARDIAN_TEST_FULL'] ?? ''
const paths = new Map<number, string>()
/** Of a file that is opened (fcntl.h). */
const changing = fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT
const { openSync, writeSync, fdatasyncSync, ftruncateSync } = fs

/** In files that are open, too. */
function demandWritable(descriptor: number): void {
  const path = paths.get(descriptor) ?? ''
  if (isReadOnly(path)) throw readOnly('write', path)
}

function isReadOnly(path: string): boolean {
  return (
    path.includes('/data/') &&
    path.includes('/instances/') &&
    fs.readFileSync(switchFile, 'utf8') === 'read-only'
  )
}

function readOnly(call: string, path: string): Error {
  return Object.assign(new Error(`EROFS: read-only file system, ${call} '${path}'`), { code: 'EROFS' })
}

function isFull(what: string, descriptor: number, folder: string): boolean {
  const path = paths.get(descriptor) ?? ''
  return path.includes(folder) && fs.readFileSync(switchFile, 'utf8') === what
}

function noSpace(call: string): Error {
  return Object.assign(new Error(`ENOSPC: no space left on device, ${call}`), { code: 'ENOSPC' })
}

fs.openSync = (...[path, flags, mode]: Parameters<typeof openSync>) => {
  const changes = typeof flags === 'number' ? (flags & changing) !== 0 : flags !== undefined && flags !== 'r'
  if (changes && isReadOnly(String(path))) throw readOnly('open', String(path))
  const descriptor = openSync(path, flags, mode)
  paths.set(descriptor, String(path))
  return descriptor
}
fs.writeSync = ((descriptor: number, ...rest: [Uint8Array, number, number, number]) => {
  demandWritable(descriptor)
  if (isFull('write', descriptor, '/base/')) throw noSpace('write')
  return writeSync(descriptor, ...rest)
}) as typeof writeSync
fs.ftruncateSync = (descriptor, length) => {
  demandWritable(descriptor)
  if (isFull('write', descriptor, '/base/')) throw noSpace('ftruncate')
  ftruncateSync(descriptor, length)
}
fs.fdatasyncSync = (descriptor) => {
  demandWritable(descriptor)
  if (isFull('sync', descriptor, '/pg_wal/')) throw noSpace('fdatasync')
  fdatasyncSync(descriptor)
}
syncBuiltinESMExports()
