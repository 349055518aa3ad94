/**
 * What an instance in memory begins with: the files of a template, which become its own, or those of a snapshot, which
 * it shares with other threads until it writes to them. Knows no file system.
 */

import type { EngineSnapshot } from '../engine.ts'
import type { TemplateSource } from './engine-message.ts'
import { readImage, separateFiles, type ImageFile } from './template-image.ts'

export interface MemoryContents {
  /** Parents before what they hold. */
  readonly directories: readonly string[]
  /** Bytes in shared memory are not to be changed. */
  readonly files: Promise<readonly ImageFile[]>
}

/** Begins to read the template. */
export function templateContents(template: TemplateSource): MemoryContents {
  const files = readImage(template).then(separateFiles)
  // Who awaits it is told of its failure.
  files.catch(() => undefined)
  return { directories: template.contents.directories, files }
}

export function snapshotContents({ directories, files, image }: EngineSnapshot): MemoryContents {
  const views = files.map(({ name, offset, byteCount }) => {
    return { name, bytes: new Uint8Array(image, offset, byteCount) }
  })
  return { directories, files: Promise.resolve(views) }
}
