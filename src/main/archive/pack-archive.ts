/**
 * Writes a data directory that stands still into one file, as it flows: nothing but one file's piece is in memory.
 * All or nothing: the file has its name once it is whole and on disk. Knows no instance.
 */

import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, readdirSync, statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { Transform, type Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { pack, type Pack } from 'tar-stream'
import { WorkbenchError } from '../../contract/error.ts'
import { syncDirectory } from '../engine/pglite/file-tree.ts'
import { storageError } from '../storage/storage-error.ts'
import { archiveFormat, checksumsName, dataFolder, manifestName } from './archive-manifest.ts'
import type { ArchiveManifest, Checksums } from './archive-manifest.ts'

export interface PackRequest {
  /** A data directory in which nothing runs. */
  readonly from: string
  /** Where the archive is to be. */
  readonly file: string
  readonly mayReplace: boolean
  readonly manifest: Omit<ArchiveManifest, 'format' | 'fileCount' | 'byteCount'>
}

interface DataFile {
  readonly name: string
  readonly byteCount: number
}

/** Zstandard's own default: as small as gzip's best, and as fast as a disk. */
const compressionLevel = 3

/** Answers how long the archive is. Throws `disk-full`, `permission-denied`, `already-exists`, `cancelled`. */
export async function packArchive(
  request: PackRequest,
  watcher: { readonly signal: AbortSignal; onProgress(doneBytes: number, totalBytes: number): void },
): Promise<number> {
  const { file, from, mayReplace } = request
  const draft = `${file}.part-${randomUUID()}`
  try {
    if (!mayReplace && statSync(file, { throwIfNoEntry: false })) throw alreadyThere(file)
    const { directories, files } = listFiles(from)
    const byteCount = files.reduce((sum, each) => sum + each.byteCount, 0)
    const manifest = { ...request.manifest, format: archiveFormat, fileCount: files.length, byteCount }
    const archive = pack()
    const written = pipeline(
      [
        archive as unknown as Readable,
        createZstdCompress(compression),
        createWriteStream(draft, { mode: 0o600, flags: 'wx' }),
      ],
      { signal: watcher.signal },
    )
    const filled = fill(archive, { from, manifest, directories, files, ...watcher }).catch(
      (error: unknown) => {
        archive.destroy(error instanceof Error ? error : new Error(String(error)))
        throw error
      },
    )
    await settled([filled, written])
    const { size } = statSync(draft)
    await syncFile(draft)
    // Somebody may have made one meanwhile.
    if (!mayReplace && statSync(file, { throwIfNoEntry: false })) throw alreadyThere(file)
    await rename(draft, file)
    syncDirectory(dirname(file))
    return size
  } catch (error) {
    await rm(draft, { force: true })
    if (watcher.signal.aborted) throw new WorkbenchError('cancelled', 'The export was cancelled')
    throw storageError(error, file)
  }
}

const compression = {
  params: {
    [constants.ZSTD_c_compressionLevel]: compressionLevel,
    [constants.ZSTD_c_checksumFlag]: 1,
  },
}

/** Both, so that nothing is under way any more when an error is told; the first that has failed is the reason. */
async function settled(works: readonly Promise<unknown>[]): Promise<void> {
  let first: { readonly reason: unknown } | null = null
  await Promise.all(works.map((work) => work.catch((reason: unknown) => (first ??= { reason }))))
  const failure = first as { readonly reason: unknown } | null
  if (failure) throw failure.reason
}

interface FillOptions {
  readonly from: string
  readonly manifest: ArchiveManifest
  readonly directories: readonly string[]
  readonly files: readonly DataFile[]
  onProgress(doneBytes: number, totalBytes: number): void
}

async function fill(
  archive: Pack,
  { from, manifest, directories, files, onProgress }: FillOptions,
): Promise<void> {
  archive.entry({ name: manifestName, mode: 0o600 }, JSON.stringify(manifest))
  for (const name of directories)
    archive.entry({ name: `${dataFolder}${name}/`, type: 'directory', mode: 0o700 })
  const checksums: { name: string; sha256: string }[] = []
  let doneBytes = 0
  for (const { name, byteCount } of files) {
    const entry = archive.entry({ name: `${dataFolder}${name}`, size: byteCount, mode: 0o600 })
    const hash = createHash('sha256')
    const watched = new Transform({
      transform(piece: Buffer, _, done) {
        hash.update(piece)
        doneBytes += piece.length
        onProgress(doneBytes, manifest.byteCount)
        done(null, piece)
      },
    })
    await pipeline(createReadStream(join(from, name)), watched, entry as unknown as Writable)
    checksums.push({ name, sha256: hash.digest('hex') })
  }
  archive.entry({ name: checksumsName, mode: 0o600 }, JSON.stringify(checksums satisfies Checksums))
  archive.finalize()
}

/** Everything in a directory, by name with forward slashes. */
function listFiles(from: string): { readonly directories: string[]; readonly files: DataFile[] } {
  const directories: string[] = []
  const files: DataFile[] = []
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(from, path).split(sep).join('/')
    if (entry.isDirectory()) directories.push(name)
    else if (entry.isFile()) files.push({ name, byteCount: statSync(path).size })
    else
      throw new WorkbenchError(
        'unsupported',
        `${path} is neither a file nor a directory; it cannot be exported`,
      )
  }
  return { directories: directories.sort(), files: files.sort((a, b) => (a.name < b.name ? -1 : 1)) }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function alreadyThere(file: string): WorkbenchError {
  return new WorkbenchError('already-exists', `${file} is there already; choose another name, or replace it`)
}
