/**
 * The file that an instance is carried in: a tar archive, compressed with Zstandard. First in it is `manifest.json`,
 * then the data directory's files under `data/`, last `checksums.json`. Knows the two documents, and which names and
 * sizes may stand in an archive; reads and writes none.
 */

import { WorkbenchError } from '../../contract/error.ts'
import { instanceOptionsSchema } from '../../contract/instance-options.ts'
import { instanceNameLengthMax } from '../../contract/limits.ts'
import { array, integer, nullable, object, string, type Infer } from '../../contract/schema.ts'

/** Readers refuse what they do not know. */
export const archiveFormat = 1

export const manifestName = 'manifest.json'
export const checksumsName = 'checksums.json'
export const dataFolder = 'data/'

/** Of the manifest: some names and numbers. */
export const manifestBytesMax = 64 << 10

/** Far more than a database of Postgres has; a list of them fits into memory. */
export const archivedFilesMax = 1_000_000

/** A checksum and a name for each file. */
export const checksumsBytesMax = 256 << 20

/** Postgres itself splits tables at 1 GB (PostgreSQL 18 documentation, section 66.1). */
export const archivedFileBytesMax = 2 ** 31

export const archiveManifestSchema = object({
  format: integer(1),
  /** Of Wardian. */
  writtenBy: string(64, 1),
  writtenAtMs: integer(0),
  name: string(instanceNameLengthMax, 1),
  serverVersion: nullable(string(64)),
  engineVersion: nullable(string(64)),
  options: nullable(instanceOptionsSchema),
  fileCount: integer(1, archivedFilesMax),
  byteCount: integer(1),
})
export type ArchiveManifest = Infer<typeof archiveManifestSchema>

/** SHA-256 in hexadecimal, by name. */
export const checksumsSchema = array(
  object({ name: string(4096, 1), sha256: string(64, 64) }),
  archivedFilesMax,
)
export type Checksums = Infer<typeof checksumsSchema>

/** Names that Postgres gives: letters, digits and what stands between them; never one that leads elsewhere. */
const safePart = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/
const namePartsMax = 16

/** The path in the data directory that an entry stands for. Throws `corrupt` for one that may not be. */
export function dataPath(entryName: string): string {
  const path = entryName.startsWith(dataFolder) ? entryName.slice(dataFolder.length).replace(/\/$/, '') : ''
  const parts = path.split('/')
  if (parts.length <= namePartsMax && parts.every((part) => safePart.test(part))) return path
  throw new WorkbenchError(
    'corrupt',
    `The file has an entry that cannot be one of a database: ${JSON.stringify(entryName.slice(0, 200))}. ` +
      'It was not written by Wardian; nothing of it was used',
  )
}

/** Throws `corrupt`, and `unsupported` for archives of a later version. */
export function parseManifest(text: string): ArchiveManifest {
  const document = parseJson(text)
  const format = typeof document === 'object' && document !== null && 'format' in document && document.format
  if (typeof format === 'number' && format > archiveFormat) {
    throw new WorkbenchError(
      'unsupported',
      'The file was written by a later version of Wardian; update this one and try again',
    )
  }
  try {
    return archiveManifestSchema.parse(document, manifestName)
  } catch (error) {
    throw damaged(error)
  }
}

/** Throws `corrupt`. */
export function parseChecksums(text: string): Checksums {
  try {
    return checksumsSchema.parse(parseJson(text), checksumsName)
  } catch (error) {
    throw damaged(error)
  }
}

/** What is said of a file that is none, or not a whole one. */
export function damaged(cause: unknown): WorkbenchError {
  const reason = cause instanceof Error ? ` (${cause.message})` : ''
  return new WorkbenchError(
    'corrupt',
    `The file is damaged or incomplete${reason}; export the database again, or copy the file again. Nothing of ` +
      'it was used',
    { cause },
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw damaged(error)
  }
}
