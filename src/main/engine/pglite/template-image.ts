/**
 * A template as one file: the bytes of all files of a data directory, and the list of what they are. What several
 * files hold, as those of the three databases do, is there once, and long zeros are not. One read replaces
 * hundreds. Knows neither where templates lie nor what is made of them.
 */

import { statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { WorkbenchError } from '../../../contract/error.ts'
import { array, integer, object, string } from '../../../contract/schema.ts'
import type { TemplateContents, TemplateSource } from './engine-message.ts'

/** A data directory of this PGlite has a thousand. */
const entriesMax = 100_000
const nameLengthMax = 1000
const plainName = /^[\w.-]+(\/[\w.-]+)*$/
const parentStep = /(^|\/)\.\.?(\/|$)/

const contentsSchema = object({
  directories: array(string(nameLengthMax, 1), entriesMax),
  files: array(
    object({
      name: string(nameLengthMax, 1),
      offset: integer(0),
      byteCount: integer(0),
      zeroCount: integer(0),
    }),
    entriesMax,
  ),
  crc32: integer(0),
})

/** One file of an image; `bytes` is a view, maybe of the same bytes as another's. */
export interface ImageFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Null if `text` does not tell what an image contains. */
export function parseContents(text: string): TemplateContents | null {
  try {
    const contents = contentsSchema.parse(JSON.parse(text), 'template')
    const names = [...contents.directories, ...contents.files.map((file) => file.name)]
    return names.every((name) => plainName.test(name) && !parentStep.test(name)) ? contents : null
  } catch {
    return null
  }
}

/** Whether the image is as long as its contents say. */
export function isWholeImage({ imageFile, contents }: TemplateSource): boolean {
  return statSync(imageFile, { throwIfNoEntry: false })?.size === imageBytes(contents)
}

/** The files of the image, in memory of their own. Throws `corrupt` when it is damaged. */
export async function readImage({ imageFile, contents }: TemplateSource): Promise<readonly ImageFile[]> {
  const byteCount = imageBytes(contents)
  const image = Buffer.allocUnsafeSlow(byteCount)
  const handle = await open(imageFile).catch((error: unknown) => {
    throw damaged(imageFile, error)
  })
  try {
    const { size } = await handle.stat()
    if (size !== byteCount) throw damaged(imageFile)
    for (let read = 0; read < byteCount;) {
      const { bytesRead } = await handle.read(image, read, byteCount - read, read)
      if (bytesRead === 0) throw damaged(imageFile)
      read += bytesRead
    }
  } finally {
    await handle.close()
  }
  // A new instance must not begin with wrong bytes that nobody notices for months.
  if (crc32(image) !== contents.crc32) throw damaged(imageFile)
  return contents.files.map(({ name, offset, byteCount: length, zeroCount }) => {
    const bytes = image.subarray(offset, offset + length)
    return { name, bytes: zeroCount === 0 ? bytes : withZeros(bytes, zeroCount) }
  })
}

/** The same files, no two of which are views of the same bytes. */
export function separateFiles(files: readonly ImageFile[]): readonly ImageFile[] {
  const seen = new Set<number>()
  return files.map(({ name, bytes }) => {
    if (!seen.has(bytes.byteOffset)) {
      seen.add(bytes.byteOffset)
      return { name, bytes }
    }
    return { name, bytes: new Uint8Array(bytes) }
  })
}

function withZeros(bytes: Uint8Array, zeroCount: number): Uint8Array {
  const file = new Uint8Array(bytes.length + zeroCount)
  file.set(bytes)
  return file
}

function imageBytes(contents: TemplateContents): number {
  return contents.files.reduce((end, file) => Math.max(end, file.offset + file.byteCount), 0)
}

function damaged(imageFile: string, cause?: unknown): WorkbenchError {
  return new WorkbenchError(
    'corrupt',
    `The template ${imageFile} is damaged; delete it, and it will be made anew`,
    { cause },
  )
}
