/** Positions of errors: characters of a statement against code units of a document that goes on changing. */

import { describe, expect, it } from 'vitest'
import { codePointOffset, followEdits, tokenAt } from './error-position.ts'

describe('the place of an error', () => {
  it('counts a character outside the basic plane as one character and two code units', () => {
    expect(codePointOffset("select '😀😀', nope", 14)).toBe("select '😀😀', n".length - 1)
    expect(codePointOffset('abc', 1)).toBe(0)
    expect(codePointOffset('abc', 99)).toBe(3)
  })

  it('is the whole token, not the rest of the statement', () => {
    const token = (text: string, at: number): string => {
      const { start, length } = tokenAt(text, at)
      return text.slice(start, start + length)
    }
    expect(token('select nope from t', 7)).toBe('nope')
    expect(token('select "no pe" from t', 7)).toBe('"no pe"')
    expect(token("select 'it''s' + 1", 7)).toBe("'it''s'")
    expect(token('select größe from t', 7)).toBe('größe')
    expect(token('select 1 +* 2', 10)).toBe('*')
  })

  it('is the last character when the text ended too early', () => {
    expect(tokenAt('select (1 + 2  ', 15)).toEqual({ start: 12, length: 1 })
    expect(tokenAt('', 0)).toEqual({ start: 0, length: 0 })
  })

  it('moves with edits before it, and is lost when an edit touches it', () => {
    const span = { start: 10, length: 4 }
    expect(followEdits(span, [{ offset: 0, deleted: 2, inserted: 'hello' }])).toEqual({
      start: 13,
      length: 4,
    })
    expect(followEdits(span, [{ offset: 14, deleted: 3, inserted: '' }])).toEqual(span)
    expect(followEdits(span, [{ offset: 12, deleted: 1, inserted: '' }])).toBeNull()
    expect(followEdits(span, [{ offset: 8, deleted: 4, inserted: '' }])).toBeNull()
  })
})
