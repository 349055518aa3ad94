/**
 * The two files that hold an icon in several sizes: Windows's .ico and Apple's .icns, of PNG images. Knows no drawing.
 */

export interface SizedImage {
  /** Width and height in pixels. */
  readonly size: number
  readonly png: Buffer
}

/** Largest that an .ico names. */
const icoSizeMax = 256
const icoHeaderBytes = 6
const icoEntryBytes = 16

/** ICO format, Microsoft's documentation "Icons", with PNG images as since Windows Vista. */
export function icoFile(images: readonly SizedImage[]): Buffer {
  const fitting = images.filter(({ size }) => size <= icoSizeMax)
  const head = Buffer.alloc(icoHeaderBytes + fitting.length * icoEntryBytes)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(fitting.length, 4)
  let offset = head.length
  for (const [index, { size, png }] of fitting.entries()) {
    const at = icoHeaderBytes + index * icoEntryBytes
    // 256 is written as 0.
    head.writeUInt8(size % icoSizeMax, at)
    head.writeUInt8(size % icoSizeMax, at + 1)
    head.writeUInt16LE(1, at + 4)
    head.writeUInt16LE(32, at + 6)
    head.writeUInt32LE(png.length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += png.length
  }
  return Buffer.concat([head, ...fitting.map(({ png }) => png)])
}

/** Types of PNG images by size (Apple Icon Image format; those that iconutil writes). */
const icnsTypes: Readonly<Record<number, readonly string[]>> = {
  16: ['icp4'],
  32: ['icp5', 'ic11'],
  64: ['icp6', 'ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
}

export function icnsFile(images: readonly SizedImage[]): Buffer {
  const parts = images.flatMap(({ size, png }) => (icnsTypes[size] ?? []).map((type) => icnsPart(type, png)))
  return icnsPart('icns', Buffer.concat(parts))
}

function icnsPart(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(type, 0, 'latin1')
  head.writeUInt32BE(head.length + content.length, 4)
  return Buffer.concat([head, content])
}
