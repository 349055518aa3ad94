/**
 * Sends texts that are too long for one message, in parts: as UTF-8 for statements, as UTF-16 code units for the
 * exact text of a tab. Knows nothing of what becomes of them.
 */

import { textPartBytesMax } from '../../contract/limits.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'

export type TextEncoding = 'utf-8' | 'utf-16le'

/** Code units a part: a unit takes at most three bytes in UTF-8, two in UTF-16. */
const unitsPerPart: Record<TextEncoding, number> = {
  'utf-8': Math.floor(textPartBytesMax / 3),
  'utf-16le': textPartBytesMax / 2,
}

/** Uploads `text` and answers the id under which it can be used once. */
export async function uploadText(
  client: WorkbenchClient,
  text: string,
  encoding: TextEncoding,
): Promise<string> {
  const textId = crypto.randomUUID()
  let partIndex = 0
  let start = 0
  do {
    const end = partEnd(text, start, unitsPerPart[encoding])
    const buffer = encodePart(text.slice(start, end), encoding)
    const isLast = end >= text.length
    await client.call('text.upload', { textId, partIndex, isLast }, { buffers: [buffer] })
    partIndex += 1
    start = end
  } while (start < text.length)
  return textId
}

/** The text of UTF-16LE code units, however ill-formed. */
export function decodeUnits(buffer: ArrayBuffer): string {
  const units = new Uint16Array(buffer, 0, buffer.byteLength >> 1)
  let text = ''
  for (let start = 0; start < units.length; start += unitsPerCall) {
    text += String.fromCharCode(...units.subarray(start, start + unitsPerCall))
  }
  return text
}

/** Arguments of one call of fromCharCode: engines allow some ten thousands. */
const unitsPerCall = 8_192

/** Where the part that begins at `start` ends, without parting a surrogate pair. */
function partEnd(text: string, start: number, unitsMax: number): number {
  const end = start + unitsMax
  if (end >= text.length) return text.length
  const before = text.charCodeAt(end - 1)
  return before >= 0xd800 && before <= 0xdbff ? end - 1 : end
}

function encodePart(part: string, encoding: TextEncoding): ArrayBuffer {
  if (encoding === 'utf-8') return exactBuffer(new TextEncoder().encode(part))
  const units = new Uint16Array(part.length)
  for (let at = 0; at < part.length; at += 1) units[at] = part.charCodeAt(at)
  return units.buffer
}

function exactBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const isExact = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
  return isExact ? bytes.buffer : bytes.slice().buffer
}
