/**
 * A snapshot as it lies on disk: one line that says what it is, one with its files and their blocks. It is written
 * when all of its blocks are on disk, and appears as a whole. Blocks the thread. Knows no block.
 */

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hash } from 'node:crypto'
import { dirname } from 'node:path'
import { WorkbenchError } from '../../contract/error.ts'
import { snapshotSchema, type Snapshot } from '../../contract/snapshot.ts'
import { array, integer, nullable, object, string, type Infer } from '../../contract/schema.ts'
import { syncDirectory } from '../engine/pglite/file-tree.ts'
import { unfinishedSuffix } from './pack-file.ts'

/** Files of a database with thousands of tables. */
const filesMax = 10_000_000

/** A block of nothing but zeros is not stored. */
export const zeroBlock = ''

const fileSchema = object({
  name: string(4096, 1),
  byteCount: integer(0),
  inode: string(32),
  changedAtNs: string(32),
  /** One hash for each block, in order. */
  blocks: array(string(64), filesMax),
})
export type SnapshotFile = Infer<typeof fileSchema>

const headSchema = object({
  version: integer(1, 1),
  snapshot: snapshotSchema,
  /** As Engine.settleFiles has it. */
  position: nullable(string(64)),
  /** When reading began: files that were changed about then may change again without looking so. */
  readAtMs: integer(0),
  filesSha256: string(64),
})

const bodySchema = object({
  directories: array(string(4096), filesMax),
  files: array(fileSchema, filesMax),
  setAside: array(fileSchema, filesMax),
})
export type SnapshotFiles = Infer<typeof bodySchema>

export interface Manifest extends SnapshotFiles {
  readonly snapshot: Snapshot
  readonly position: string | null
  readonly readAtMs: number
}

/** Writes it to `path`, on disk when it returns; readers see the old one, none, or this one. */
export function writeManifest(path: string, { snapshot, position, readAtMs, ...body }: Manifest): void {
  const files = JSON.stringify(body)
  const head = { version: 1, snapshot, position, readAtMs, filesSha256: hash('sha256', files, 'hex') }
  const draft = path + unfinishedSuffix
  try {
    const descriptor = openSync(draft, 'w', 0o600)
    try {
      writeFileSync(descriptor, `${JSON.stringify(head)}\n${files}\n`)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
  syncDirectory(dirname(path))
}

/** Throws `corrupt` for one that is not as it was written. */
export function readManifest(path: string): Manifest {
  const [first = '', files = ''] = readFileSync(path, 'utf8').split('\n')
  try {
    const { snapshot, position, readAtMs, filesSha256 } = headSchema.parse(JSON.parse(first), 'manifest')
    if (hash('sha256', files, 'hex') !== filesSha256) throw new Error('its checksum is wrong')
    return { ...bodySchema.parse(JSON.parse(files), 'files'), snapshot, position, readAtMs }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new WorkbenchError('corrupt', `The snapshot in ${path} is damaged (${reason}); delete that file`, {
      cause: error,
    })
  }
}
