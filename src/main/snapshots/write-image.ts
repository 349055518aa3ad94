/**
 * Writes the files of a snapshot into a directory, every block checked against its hash, or only checks them. Blocks
 * the thread between two looks for a cancel.
 */

import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { WorkbenchError } from '../../contract/error.ts'
import { storageError } from '../storage/storage-error.ts'
import { blockBytes, type BlockStore } from './block-store.ts'
import { asideOf, type FileProgress } from './copy-files.ts'
import { zeroBlock, type Manifest, type SnapshotFile } from './manifest.ts'

/** Between two looks for a cancel. */
const lookBytes = 16 << 20

interface Source {
  readonly manifest: Manifest
  readonly blocks: BlockStore
  readonly signal: AbortSignal
}

/**
 * Writes to `to`, which must not exist, and leaves nothing there where it fails. Nothing is on disk before it is
 * synced. Throws `corrupt` naming the file of which something is missing.
 */
export async function* writeImage(
  to: string,
  source: Source,
): AsyncGenerator<{ value: FileProgress }, { byteCount: number; hasSetAside: boolean }, void> {
  const { manifest } = source
  let isDone = false
  try {
    if (existsSync(to)) throw new WorkbenchError('already-exists', `${to} is there already`)
    mkdirSync(to, { mode: 0o700 })
    for (const name of manifest.directories) mkdirSync(join(to, name), { mode: 0o700 })
    yield* eachFile(source, (file, aside) =>
      writeFile(source, file, join(aside ? asideOf(to) : to, file.name)),
    )
    isDone = true
    return { byteCount: manifest.snapshot.byteCount, hasSetAside: manifest.setAside.length > 0 }
  } catch (error) {
    throw storageError(error, to)
  } finally {
    if (!isDone) for (const path of [to, asideOf(to)]) rmSync(path, { recursive: true, force: true })
  }
}

/** The names of files of which a block is missing or damaged. */
export async function* checkImage(
  source: Source,
): AsyncGenerator<{ value: FileProgress }, { damaged: string[] }, void> {
  const damaged: string[] = []
  yield* eachFile(source, ({ name, blocks }) => {
    // All of them: what is damaged is known from then on, and comes again with the next snapshot.
    const missing = blocks.filter((key) => key !== zeroBlock && source.blocks.read(key) === null)
    if (missing.length > 0) damaged.push(name)
  })
  return { damaged }
}

async function* eachFile(
  { manifest, signal }: Source,
  handle: (file: SnapshotFile, isSetAside: boolean) => void,
): AsyncGenerator<{ value: FileProgress }, void, void> {
  const totalBytes = manifest.snapshot.byteCount
  let doneBytes = 0
  let toldBytes = 0
  for (const [index, file] of [...manifest.files, ...manifest.setAside].entries()) {
    handle(file, index >= manifest.files.length)
    doneBytes += file.byteCount
    if (doneBytes - toldBytes < lookBytes) continue
    toldBytes = doneBytes
    yield { value: { doneBytes, totalBytes } }
    await nextTurn()
    if (signal.aborted) throw new WorkbenchError('cancelled', 'It was cancelled; the snapshot is as it was')
  }
}

function writeFile({ manifest, blocks }: Source, file: SnapshotFile, path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const descriptor = openSync(path, 'wx', 0o600)
  try {
    for (const [index, key] of file.blocks.entries()) {
      if (key === zeroBlock) continue
      const bytes = blocks.read(key)
      if (!bytes) throw damagedFile(manifest, file, index)
      for (let at = 0; at < bytes.length;) {
        at += writeSync(descriptor, bytes, at, bytes.length - at, index * blockBytes + at)
      }
    }
    ftruncateSync(descriptor, file.byteCount)
  } finally {
    closeSync(descriptor)
  }
}

function damagedFile({ snapshot }: Manifest, { name }: SnapshotFile, index: number): WorkbenchError {
  return new WorkbenchError(
    'corrupt',
    `The snapshot of ${new Date(snapshot.takenAtMs).toISOString()} is damaged: ${name} lacks what it had at byte ` +
      `${index * blockBytes}. Nothing was changed; choose another snapshot`,
  )
}
