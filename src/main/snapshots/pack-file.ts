/**
 * A pack: a file of blocks, each under the hash of its contents, with an index at its end. It gets its name when all
 * of it is on disk, and never changes afterwards. Blocks the thread. Knows not what the blocks are of.
 */

import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, fstatSync, writeSync } from 'node:fs'
import { hash } from 'node:crypto'
import { dirname } from 'node:path'
import { zstdCompressSync, zstdDecompressSync, constants } from 'node:zlib'
import { WorkbenchError } from '../../contract/error.ts'
import { syncDirectory } from '../engine/pglite/file-tree.ts'

/** Where a block lies in its pack. */
export interface BlockPlace {
  readonly offset: number
  readonly storedBytes: number
  readonly isCompressed: boolean
}

/** What a pack has that is not whole yet; a host that died has left it. */
export const unfinishedSuffix = '.part'

/** 'WPK1'. */
const magic = 0x57504b31
const hashBytes = 32
/** Hash, offset (6 bytes: 256 TB), stored length, whether compressed. */
const entryBytes = hashBytes + 6 + 4 + 1
/** Number of entries, checksum of the index (the first bytes of its hash), magic. */
const trailerBytes = 4 + 8 + 4
/** The fastest: pages of tables become a third, and more effort saves little. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
/** What saves less is read faster as it is. */
const compressedShareMax = 0.9

/** The hash that a block is known by. */
export function blockHash(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex')
}

export class PackWriter {
  readonly path: string
  readonly places = new Map<string, BlockPlace>()
  readonly #descriptor: number
  #offset = 0
  #isOpen = true

  /** `path` must not exist. */
  constructor(path: string) {
    this.path = path
    this.#descriptor = openSync(path + unfinishedSuffix, 'wx', 0o600)
  }

  /** Bytes on disk so far. */
  get byteCount(): number {
    return this.#offset
  }

  /** Answers how many bytes it takes on disk. */
  add(key: string, bytes: Uint8Array): number {
    const packed = zstdCompressSync(bytes, compression)
    const isCompressed = packed.length < bytes.length * compressedShareMax
    return this.addStored(key, { stored: isCompressed ? packed : bytes, isCompressed })
  }

  /** A block of another pack, as it is stored there. */
  addStored(key: string, { stored, isCompressed }: { stored: Uint8Array; isCompressed: boolean }): number {
    writeAll(this.#descriptor, stored)
    this.places.set(key, { offset: this.#offset, storedBytes: stored.length, isCompressed })
    this.#offset += stored.length
    return stored.length
  }

  /** Puts the pack into its place; from then on it is there for good. Nothing is left of one without blocks. */
  finish(): void {
    if (this.places.size === 0) {
      this.abandon()
      return
    }
    writeAll(this.#descriptor, encodeIndex(this.places))
    fsyncSync(this.#descriptor)
    this.#close()
    renameSync(this.path + unfinishedSuffix, this.path)
    syncDirectory(dirname(this.path))
  }

  /** Leaves nothing of it. */
  abandon(): void {
    this.#close()
    rmSync(this.path + unfinishedSuffix, { force: true })
  }

  #close(): void {
    if (this.#isOpen) closeSync(this.#descriptor)
    this.#isOpen = false
  }
}

/** Of a pack that is whole. Throws `corrupt` for what is none. */
export function readIndex(path: string): Map<string, BlockPlace> {
  const descriptor = openSync(path, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const trailer =
      size < trailerBytes ? Buffer.alloc(trailerBytes) : readAt(descriptor, size - trailerBytes, trailerBytes)
    const count = trailer.readUInt32BE(0)
    const start = size - trailerBytes - count * entryBytes
    if (trailer.readUInt32BE(trailerBytes - 4) !== magic || start < 0) throw damaged(path)
    const index = readAt(descriptor, start, count * entryBytes)
    if (!trailer.subarray(4, 12).equals(checksumOf(index))) throw damaged(path)
    return decodeIndex(index)
  } finally {
    closeSync(descriptor)
  }
}

/** A block as it is stored. */
export function readStored(path: string, { offset, storedBytes }: BlockPlace): Buffer {
  const descriptor = openSync(path, 'r')
  try {
    return readAt(descriptor, offset, storedBytes)
  } finally {
    closeSync(descriptor)
  }
}

/** The block under `key`; null where it is not what it was. */
export function readBlock(path: string, place: BlockPlace, key: string): Buffer | null {
  const stored = readStored(path, place)
  let bytes: Buffer
  try {
    bytes = place.isCompressed ? zstdDecompressSync(stored) : stored
  } catch {
    return null
  }
  return blockHash(bytes) === key ? bytes : null
}

function encodeIndex(places: ReadonlyMap<string, BlockPlace>): Buffer {
  const index = Buffer.alloc(places.size * entryBytes)
  let at = 0
  for (const [key, { offset, storedBytes, isCompressed }] of places) {
    index.write(key, at, 'hex')
    index.writeUIntBE(offset, at + hashBytes, 6)
    index.writeUInt32BE(storedBytes, at + hashBytes + 6)
    index.writeUInt8(isCompressed ? 1 : 0, at + hashBytes + 10)
    at += entryBytes
  }
  const trailer = Buffer.alloc(trailerBytes)
  trailer.writeUInt32BE(places.size, 0)
  checksumOf(index).copy(trailer, 4)
  trailer.writeUInt32BE(magic, trailerBytes - 4)
  return Buffer.concat([index, trailer])
}

function decodeIndex(index: Buffer): Map<string, BlockPlace> {
  const places = new Map<string, BlockPlace>()
  for (let at = 0; at < index.length; at += entryBytes) {
    places.set(index.toString('hex', at, at + hashBytes), {
      offset: index.readUIntBE(at + hashBytes, 6),
      storedBytes: index.readUInt32BE(at + hashBytes + 6),
      isCompressed: index.readUInt8(at + hashBytes + 10) === 1,
    })
  }
  return places
}

function checksumOf(index: Buffer): Buffer {
  return hash('sha256', index, 'buffer').subarray(0, 8)
}

function readAt(descriptor: number, offset: number, byteCount: number): Buffer {
  const bytes = Buffer.alloc(byteCount)
  let at = 0
  while (at < byteCount) {
    const count = readSync(descriptor, bytes, at, byteCount - at, offset + at)
    // What is missing is noticed by its hash.
    if (count === 0) break
    at += count
  }
  return bytes
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at)
}

function damaged(path: string): WorkbenchError {
  return new WorkbenchError('corrupt', `${path} is damaged: snapshots that need it cannot be restored whole`)
}
