/** Where lines may end in what a failure says. */

import { describe, expect, it } from 'vitest'
import { unbreakablePieces } from './breakable-text.ts'

describe('words with paths', () => {
  it('may end a line behind a slash and at a space, and not at a hyphen', () => {
    const text = '/var/well-known/play-29dc86a3/data has no pg_control; restore it'
    const pieces = unbreakablePieces(text)
    expect(pieces.slice(0, 6)).toEqual(['/', 'var/', 'well-known/', 'play-29dc86a3/', 'data', ' '])
    expect(pieces.join('')).toBe(text)
  })

  it('keep every character', () => {
    for (const text of ['', ' ', 'C:\\data\\a-b', '//x//', 'one\ntwo  three/']) {
      expect(unbreakablePieces(text).join('')).toBe(text)
    }
  })
})
