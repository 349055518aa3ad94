/** The text forms of a bytea (PostgreSQL 18 documentation, section 8.4): hex, and `escape` where a session sets it. */

import { WardianError } from './wardian-error.ts'

const backslash = 0x5c

/** The bytes that `text` tells of. Throws `broken_answer` for what is neither form. */
export function hexOrEscapedBytes(text: string): Uint8Array<ArrayBuffer> {
  return text.startsWith('\\x') ? hexBytes(text) : escapedBytes(text)
}

function hexBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((text.length - 2) >> 1)
  if (text.length % 2 !== 0) throw noBytes()
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = Number.parseInt(text.slice(2 + 2 * index, 4 + 2 * index), 16)
    if (Number.isNaN(byte)) throw noBytes()
    bytes[index] = byte
  }
  return bytes
}

function escapedBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = []
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at)
    if (char !== backslash) bytes.push(char)
    else if (text.charCodeAt(at + 1) === backslash) bytes.push(text.charCodeAt((at += 1)))
    else {
      const byte = Number.parseInt(text.slice(at + 1, at + 4), 8)
      if (!(byte <= 255)) throw noBytes()
      bytes.push(byte)
      at += 3
    }
  }
  return Uint8Array.from(bytes)
}

function noBytes(): WardianError {
  return new WardianError('broken_answer', 'A value of type bytea is neither hex nor escaped')
}
