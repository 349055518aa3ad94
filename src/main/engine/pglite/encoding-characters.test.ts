/** What counts as one character of UTF-8, compared with the platform's own decoder. */

import { expect, test } from 'vitest'
import { isLegalUtf8 } from './encoding-characters.ts'

/** Whether the platform reads the bytes as exactly one character. */
function isOneCharacter(bytes: Uint8Array): boolean {
  try {
    return Array.from(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)).length === 1
  } catch {
    return false
  }
}

test('every two bytes, and the edges of longer characters, are judged as the platform judges them', () => {
  const edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]
  const firsts = Array.from({ length: 256 }, (_, byte) => byte)
  for (const first of firsts) {
    expect(isLegalUtf8(Uint8Array.of(first))).toBe(isOneCharacter(Uint8Array.of(first)))
    for (const second of edges) {
      const two = Uint8Array.of(first, second)
      expect(isLegalUtf8(two), two.join()).toBe(isOneCharacter(two))
      for (const third of edges) {
        const three = Uint8Array.of(first, second, third)
        expect(isLegalUtf8(three), three.join()).toBe(isOneCharacter(three))
        const four = Uint8Array.of(first, second, third, 0xbf)
        expect(isLegalUtf8(four), four.join()).toBe(isOneCharacter(four))
      }
    }
  }
  expect(isLegalUtf8(new Uint8Array(0))).toBe(false)
})
