/**
 * Reads an archive that may come from anywhere into a new directory, as it flows: names that lead elsewhere, more bytes
 * than were announced, links, and whatever is missing at its end are refused. What it has written is synced. Knows no
 * instance, and nothing of what the files mean.
 */

import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { WorkbenchError } from '../../contract/error.ts'
import { storageError, systemCode } from '../storage/storage-error.ts'
import {
  archivedFileBytesMax,
  checksumsBytesMax,
  checksumsName,
  damaged,
  dataPath,
  manifestBytesMax,
  manifestName,
  parseChecksums,
  parseManifest,
  type ArchiveManifest,
  type Checksums,
} from './archive-manifest.ts'

/** RFC 8878, section 3.1.1: the first bytes of a Zstandard frame. */
const zstandardMagic = 0xfd2fb528

/** What the rest of the system needs meanwhile. */
const spareBytes = 64 << 20

interface ArchiveEntry extends AsyncIterable<Buffer> {
  readonly header: Header
  resume(): void
}

/** What an archive says of itself. Throws `corrupt`, `unsupported`, `not-found`, `permission-denied`. */
export async function readArchiveManifest(file: string): Promise<ArchiveManifest> {
  for await (const entry of entriesOf(file, AbortSignal.timeout(manifestTimeoutMs)))
    return readManifest(entry)
  throw damaged(new Error('it is empty'))
}

/** The manifest is the first thing in the file; a disk that takes longer has failed. */
const manifestTimeoutMs = 60_000

export interface UnpackRequest {
  readonly file: string
  /** Is made; its parent is there. */
  readonly to: string
}

/**
 * Makes `to` from the archive; leaves nothing where it fails. Its files are to be synced afterwards. Throws `corrupt`,
 * `disk-full`, `cancelled`, `permission-denied`.
 */
export async function unpackArchive(
  { file, to }: UnpackRequest,
  watcher: { readonly signal: AbortSignal; onProgress(doneBytes: number, totalBytes: number): void },
): Promise<void> {
  try {
    await new Unpacking(to, watcher.onProgress).run(entriesOf(file, watcher.signal))
  } catch (error) {
    await rm(to, { recursive: true, force: true })
    if (watcher.signal.aborted) throw new WorkbenchError('cancelled', 'The import was cancelled')
    throw isSystemError(error) ? storageError(error, to) : worded(error)
  }
}

class Unpacking {
  readonly #to: string
  readonly #onProgress: (doneBytes: number, totalBytes: number) => void
  readonly #found = new Map<string, string>()
  #manifest: ArchiveManifest | null = null
  #checksums: Checksums | null = null
  #doneBytes = 0

  constructor(to: string, onProgress: (doneBytes: number, totalBytes: number) => void) {
    this.#to = to
    this.#onProgress = onProgress
  }

  async run(entries: AsyncIterable<ArchiveEntry>): Promise<void> {
    for await (const entry of entries) await this.#take(entry)
    this.#check()
  }

  async #take(entry: ArchiveEntry): Promise<void> {
    const { name, type, size } = entry.header
    if (!this.#manifest) {
      this.#manifest = await readManifest(entry)
      await demandSpace(dirname(this.#to), this.#manifest.byteCount)
      mkdirSync(this.#to, { mode: 0o700 })
      return
    }
    if (this.#checksums) throw damaged(new Error('something stands behind its end'))
    if (name === checksumsName) {
      this.#checksums = parseChecksums(await readText(entry, checksumsBytesMax))
      return
    }
    const path = dataPath(name)
    if (type === 'directory') {
      mkdirSync(join(this.#to, path), { mode: 0o700 })
      entry.resume()
    } else if (type === 'file') await this.#takeFile(entry, { path, size, manifest: this.#manifest })
    else throw damaged(new Error(`${path} is a ${type ?? 'thing of no kind'}`))
  }

  async #takeFile(
    entry: ArchiveEntry,
    { path, size, manifest }: { path: string; size: number; manifest: ArchiveManifest },
  ): Promise<void> {
    const isTooMuch = this.#doneBytes + size > manifest.byteCount || this.#found.size >= manifest.fileCount
    if (isTooMuch || size > archivedFileBytesMax) throw damaged(new Error('it holds more than it says'))
    const hash = createHash('sha256')
    const watched = new Transform({
      transform: (piece: Buffer, _, done) => {
        hash.update(piece)
        this.#doneBytes += piece.length
        this.#onProgress(this.#doneBytes, manifest.byteCount)
        done(null, piece)
      },
    })
    await pipeline(entry, watched, createWriteStream(join(this.#to, path), { mode: 0o600, flags: 'wx' }))
    this.#found.set(path, hash.digest('hex'))
  }

  #check(): void {
    const { fileCount, byteCount } = this.#manifest ?? {}
    if (!this.#checksums || this.#found.size !== fileCount || this.#doneBytes !== byteCount) {
      throw damaged(new Error('its end is missing'))
    }
    const differing = this.#checksums.find(({ name, sha256 }) => this.#found.get(name) !== sha256)
    if (differing || this.#checksums.length !== fileCount) {
      throw damaged(new Error(`${differing?.name ?? 'a file'} is not what was written`))
    }
  }
}

/** The entries of an archive, one after the other; each is to be read to its end. */
async function* entriesOf(file: string, signal: AbortSignal): AsyncGenerator<ArchiveEntry, void, void> {
  await demandArchive(file)
  const entries = extract()
  const read = pipeline([createReadStream(file), createZstdDecompress(), entries], { signal })
  // What goes wrong in front of it, it passes on; who reads it is told.
  read.catch(() => undefined)
  try {
    yield* entries as unknown as AsyncIterable<ArchiveEntry>
    // What is wrong behind the last entry, such as Zstandard's own checksum, is told here alone.
    await read
  } catch (error) {
    throw isSystemError(error) ? error : worded(error)
  } finally {
    entries.destroy()
  }
}

/** Everything else that goes wrong lies in the file. */
function worded(error: unknown): WorkbenchError {
  return error instanceof WorkbenchError ? error : damaged(error)
}

/** Errors of zlib have codes, too; those of the system have numbers that are negative and a call. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && systemCode(error) !== ''
}

async function demandArchive(file: string): Promise<void> {
  const magic = Buffer.alloc(4)
  try {
    const handle = await open(file, 'r')
    try {
      await handle.read(magic, 0, magic.length, 0)
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw new WorkbenchError('not-found', `There is no file ${file}`)
    if (systemCode(error) === 'EISDIR') throw foreign(file)
    throw storageError(error, file)
  }
  if (magic.readUInt32LE() !== zstandardMagic) throw foreign(file)
}

function foreign(file: string): WorkbenchError {
  return new WorkbenchError(
    'invalid-argument',
    `${file} is not a database that Wardian has exported. Dumps are restored instead, and directories opened`,
  )
}

async function readManifest(entry: ArchiveEntry): Promise<ArchiveManifest> {
  if (entry.header.name !== manifestName) throw damaged(new Error('it does not begin with a manifest'))
  return parseManifest(await readText(entry, manifestBytesMax))
}

async function readText(entry: ArchiveEntry, bytesMax: number): Promise<string> {
  if (entry.header.size > bytesMax) throw damaged(new Error(`${entry.header.name} is too long`))
  const pieces: Buffer[] = []
  for await (const piece of entry as unknown as Readable) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('utf8')
}

/** Throws `disk-full` before anything is written that will not fit. */
async function demandSpace(directory: string, byteCount: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  if (bavail * bsize >= byteCount + spareBytes) return
  const megabytes = Math.ceil(byteCount / (1 << 20))
  throw new WorkbenchError(
    'disk-full',
    `The database takes ${megabytes} MB, and less is free in ${directory}; free some space and try again`,
  )
}
