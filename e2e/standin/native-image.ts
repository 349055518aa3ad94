/** `nativeImage`: whether there is a picture, and not what is in it. */

import { existsSync } from 'node:fs'
import type Electron from 'electron'
import { strict } from './strict.ts'

function image(isThere: boolean): Electron.NativeImage {
  const members = {
    isEmpty: () => !isThere,
    setTemplateImage: () => undefined,
    resize: () => image(isThere),
  } satisfies Partial<Electron.NativeImage>
  return strict('NativeImage', members) as unknown as Electron.NativeImage
}

export const nativeImage = strict('nativeImage', {
  createEmpty: () => image(false),
  createFromPath: (path) => image(existsSync(path)),
  createFromBuffer: (bytes) => image(bytes.length > 0),
  createFromDataURL: () => image(true),
} satisfies Partial<typeof Electron.nativeImage>)
