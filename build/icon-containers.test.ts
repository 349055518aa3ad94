/** The icons that are kept, and the files that hold several, read back by their formats. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { icnsFile, icoFile } from './icon-containers.ts'

const folder = join(import.meta.dirname, 'icons')
const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024]
const images = sizes.map((size) => ({ size, png: readFileSync(join(folder, `${size}.png`)) }))

describe('the icons', () => {
  it('have the sizes that their names say (PNG Specification, section 11.2.2)', () => {
    expect(images.map(({ png }) => [png.readUInt32BE(16), png.readUInt32BE(20)])).toEqual(
      sizes.map((size) => [size, size]),
    )
  })

  it('are in the .ico and the .icns as they are', () => {
    expect(icoFile(images)).toEqual(readFileSync(join(folder, 'icon.ico')))
    expect(icnsFile(images)).toEqual(readFileSync(join(folder, 'icon.icns')))
  })
})

describe('icoFile', () => {
  it('tells where each image lies', () => {
    const file = icoFile(images)
    const count = file.readUInt16LE(4)
    const found = Array.from({ length: count }, (_, index) => {
      const at = 6 + index * 16
      const offset = file.readUInt32LE(at + 12)
      return [file.readUInt8(at), file.subarray(offset, offset + file.readUInt32LE(at + 8))]
    })
    const expected = images.filter(({ size }) => size <= 256).map(({ size, png }) => [size % 256, png])
    expect(found).toEqual(expected)
  })
})
