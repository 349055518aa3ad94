/**
 * Packs a data directory into an image, as template-image.ts reads it: what several files hold is there once, and
 * long zeros are left out. Knows not what the files mean.
 */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { crc32 } from 'node:zlib'
import type { TemplateContents, TemplateFile } from './engine-message.ts'

/** Shorter zeros are left where they are, so that most files are views of the image. */
const zerosLeftOutMin = 64 << 10

/** Writes the image of `directory`, and answers what it contains. Blocks, so it belongs in workers. */
export function writeImage(directory: string, imageFile: string): TemplateContents {
  const directories: string[] = []
  const files: TemplateFile[] = []
  const parts = new ImageParts()
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(directory, path).split(sep).join('/')
    if (entry.isDirectory()) {
      directories.push(name)
      continue
    }
    files.push({ name, ...parts.add(readFileSync(path)) })
  }
  const image = parts.image
  writeFileSync(imageFile, image)
  // Parents come before what they hold.
  return { directories: directories.toSorted(), files, crc32: crc32(image) }
}

/** Gathers the bytes of files, each once. */
class ImageParts {
  readonly #parts: Uint8Array[] = []
  readonly #offsets = new Map<string, number>()
  #byteCount = 0

  get image(): Buffer {
    return Buffer.concat(this.#parts)
  }

  add(file: Uint8Array): Omit<TemplateFile, 'name'> {
    const ending = file.findLastIndex((byte) => byte !== 0) + 1
    const byteCount = file.length - ending < zerosLeftOutMin ? file.length : ending
    const bytes = file.subarray(0, byteCount)
    const hash = createHash('sha256').update(bytes).digest('hex')
    const offset = this.#offsets.get(hash) ?? this.#append(bytes, hash)
    return { offset, byteCount, zeroCount: file.length - byteCount }
  }

  #append(bytes: Uint8Array, hash: string): number {
    const offset = this.#byteCount
    this.#offsets.set(hash, offset)
    this.#parts.push(bytes)
    this.#byteCount += bytes.length
    return offset
  }
}
