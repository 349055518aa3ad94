/**
 * A gzipped tar of shipped files that has the same bytes whenever it is made from the same ones: sorted, owned by
 * root, with one time. Knows nothing of what is in it.
 */
import { createWriteStream, readFileSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'
import type { Header, Pack } from 'tar-stream'
import { folderMode, foldersOf, modeOf, sortedFiles } from './shipped-file.ts'
import type { ShippedFile } from './shipped-file.ts'

export interface TarballOptions {
  readonly files: readonly ShippedFile[]
  readonly epochSeconds: number
  /** 1 to 9; zlib's names, RFC 1952. */
  readonly level: number
}

/** Writes it to `path`. */
export async function writeTarball(path: string, options: TarballOptions): Promise<void> {
  const archive = pack()
  // Node writes no time and no name into the gzip header.
  const written = pipeline(archive, createGzip({ level: options.level }), createWriteStream(path))
  await Promise.all([written, fill(archive, options)])
}

async function fill(archive: Pack, { files, epochSeconds }: TarballOptions): Promise<void> {
  const mtime = new Date(epochSeconds * 1000)
  const owner = { uid: 0, gid: 0, uname: 'root', gname: 'root', mtime }
  for (const folder of foldersOf(files)) {
    await put(archive, { ...owner, name: `${folder}/`, type: 'directory', mode: folderMode })
  }
  for (const file of sortedFiles(files)) {
    const { source, path: name } = file
    if (source.kind === 'link') {
      await put(archive, { ...owner, name, type: 'symlink', linkname: source.target, mode: 0o777 })
    } else {
      await put(archive, { ...owner, name, mode: modeOf(file) }, bytesOf(file))
    }
  }
  archive.finalize()
}

/** The content of what is not a link. */
export function bytesOf({ path, source }: ShippedFile): Buffer {
  if (source.kind === 'file') return readFileSync(source.path)
  if (source.kind === 'text') return Buffer.from(source.text)
  if (source.kind === 'bytes') return Buffer.from(source.bytes)
  throw new Error(`${path} is a link`)
}

type EntryHeader = Partial<Header> & Pick<Header, 'name'>

/** Resolves when the archive has taken it, so that one file at a time is in memory. */
function put(archive: Pack, header: EntryHeader, bytes: Buffer = Buffer.alloc(0)): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, bytes, (error) => (error ? reject(error) : resolve()))
  })
}
