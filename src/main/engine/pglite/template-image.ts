/**
 * A template as one file: the bytes of all files of a data directory, one after the other, and the list of what
 * they are. One read replaces a thousand. Knows neither where templates lie nor what is made of them.
 */

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
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
  files: array(object({ name: string(nameLengthMax, 1), byteCount: integer(0) }), entriesMax),
  crc32: integer(0),
})

/** One file of an image; `bytes` is a view. */
export interface ImageFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Writes the image of `directory`, and answers what it contains. Blocks, so it belongs in workers. */
export function writeImage(directory: string, imageFile: string): TemplateContents {
  const directories: string[] = []
  const files: { name: string; byteCount: number }[] = []
  const parts: Uint8Array[] = []
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(directory, path).split(sep).join('/')
    if (entry.isDirectory()) {
      directories.push(name)
      continue
    }
    const bytes = readFileSync(path)
    files.push({ name, byteCount: bytes.length })
    parts.push(bytes)
  }
  const image = Buffer.concat(parts)
  writeFileSync(imageFile, image)
  // Parents come before what they hold.
  return { directories: directories.toSorted(), files, crc32: crc32(image) }
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
  let end = 0
  return contents.files.map(({ name, byteCount: length }) => {
    end += length
    return { name, bytes: image.subarray(end - length, end) }
  })
}

function imageBytes(contents: TemplateContents): number {
  return contents.files.reduce((sum, file) => sum + file.byteCount, 0)
}

function damaged(imageFile: string, cause?: unknown): WorkbenchError {
  return new WorkbenchError(
    'corrupt',
    `The template ${imageFile} is damaged; delete it, and it will be made anew`,
    { cause },
  )
}
