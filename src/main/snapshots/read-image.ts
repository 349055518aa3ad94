/**
 * Reads the files of an image block by block into a pack: those that are as the last snapshot has seen them are not
 * even opened, and blocks that are there already are not stored again. Blocks the thread between two looks for a
 * cancel. Knows no snapshot.
 */

import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { WorkbenchError } from '../../contract/error.ts'
import { walRange, type WalNeed } from '../engine/pglite/snapshot-files.ts'
import { blockBytes, type BlockStore } from './block-store.ts'
import type { ImageFile } from './image-files.ts'
import { zeroBlock, type Manifest, type SnapshotFile } from './manifest.ts'
import { blockHash, type PackWriter } from './pack-file.ts'

/**
 * A file that was changed within this time before it was read may have been changed once more in the same tick of the
 * file system's clock.
 */
const sameTickMs = 2_000

/** Between two looks for a cancel, and two words about how far it is. */
const lookBytes = 8 << 20

const walPageBytes = 8192

export class ImageReader {
  addedBytes = 0
  readonly #directory: string
  readonly #blocks: BlockStore
  readonly #pack: PackWriter
  readonly #known: ReadonlyMap<string, SnapshotFile>
  readonly #trustedUntilMs: number
  readonly #buffer = Buffer.alloc(blockBytes)

  constructor(options: { directory: string; blocks: BlockStore; pack: PackWriter; last: Manifest | null }) {
    const { directory, blocks, pack, last } = options
    this.#directory = directory
    this.#blocks = blocks
    this.#pack = pack
    this.#known = new Map(last?.files.map((file) => [file.name, file]))
    this.#trustedUntilMs = (last?.readAtMs ?? 0) - sameTickMs
  }

  /** Yields how many bytes it has done. `wal`: what of the log is needed. */
  async *read(
    files: readonly ImageFile[],
    { wal, signal }: { readonly wal: WalNeed; readonly signal: AbortSignal },
  ): AsyncGenerator<number, SnapshotFile[], void> {
    const done: SnapshotFile[] = []
    let doneBytes = 0
    let toldBytes = 0
    for (const file of files) {
      const blocks: string[] = []
      const { contents, ...described } = file
      const made = contents ? this.#makeFile(contents, file.byteCount) : null
      for (const block of made ?? this.#unchanged(file)?.blocks ?? this.#readFile(file, wal)) {
        blocks.push(block)
        doneBytes += blockBytes
        if (doneBytes - toldBytes < lookBytes) continue
        toldBytes = doneBytes
        yield doneBytes
        await nextTurn()
        if (signal.aborted) throw cancelled()
      }
      done.push({ ...described, blocks })
    }
    return done
  }

  #unchanged(file: ImageFile): SnapshotFile | null {
    const known = this.#known.get(file.name)
    if (known?.byteCount !== file.byteCount) return null
    if (known.inode !== file.inode || known.changedAtNs !== file.changedAtNs) return null
    if (BigInt(file.changedAtNs) / 1_000_000n > BigInt(this.#trustedUntilMs)) return null
    return known.blocks.every((key) => key === zeroBlock || this.#blocks.has(key)) ? known : null
  }

  *#readFile({ name, byteCount }: ImageFile, wal: WalNeed): Generator<string, void, void> {
    const range = walRange(name, wal)
    const descriptor = openSync(join(this.#directory, name), 'r')
    try {
      for (let offset = 0; offset < byteCount; offset += blockBytes) {
        const bytes = this.#buffer.subarray(0, Math.min(blockBytes, byteCount - offset))
        fillFrom(descriptor, bytes, { name, offset })
        if (range) clearOutside(bytes, offset, range)
        yield this.#keep(bytes)
      }
    } finally {
      closeSync(descriptor)
    }
  }

  *#makeFile(contents: Buffer, byteCount: number): Generator<string, void, void> {
    for (let offset = 0; offset < byteCount; offset += blockBytes) {
      const bytes = this.#buffer.subarray(0, Math.min(blockBytes, byteCount - offset)).fill(0)
      if (offset < contents.length) contents.copy(bytes, 0, offset)
      yield this.#keep(bytes)
    }
  }

  #keep(bytes: Buffer): string {
    if (isZero(bytes)) return zeroBlock
    const key = blockHash(bytes)
    if (!this.#blocks.has(key) && !this.#pack.places.has(key)) this.addedBytes += this.#pack.add(key, bytes)
    return key
  }
}

/**
 * The log is full of what was there before: only its first page, by which Postgres knows a segment, and what recovery
 * reads, from the page on in which it begins, are kept.
 */
function clearOutside(bytes: Buffer, offset: number, { start, end }: { start: number; end: number }): void {
  const head = offset === 0 ? walPageBytes : 0
  const from = Math.max(Math.floor(start / walPageBytes) * walPageBytes - offset, head)
  bytes.fill(0, Math.min(head, bytes.length), Math.min(from, bytes.length))
  bytes.fill(0, Math.min(Math.max(end - offset, head), bytes.length))
}

function fillFrom(
  descriptor: number,
  bytes: Buffer,
  { name, offset }: { name: string; offset: number },
): void {
  for (let at = 0; at < bytes.length;) {
    const count = readSync(descriptor, bytes, at, bytes.length - at, offset + at)
    if (count === 0) throw new WorkbenchError('storage-failed', `${name} became shorter while it was read`)
    at += count
  }
}

function cancelled(): WorkbenchError {
  return new WorkbenchError('cancelled', 'The snapshot was cancelled; none was taken')
}

const zeros = Buffer.alloc(blockBytes)

function isZero(bytes: Buffer): boolean {
  return bytes.equals(zeros.subarray(0, bytes.length))
}
