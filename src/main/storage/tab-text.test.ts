/** Edits on a text, compared with edits on a string. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TabText } from './tab-text.ts'

/** Any code units, halves of surrogate pairs among them. */
const anyText = fc
  .array(fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 10, 0xd800, 0xdc00, 0xfeff)), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units))

describe('TabText', () => {
  it('does to any text what the same edits do to a string', () => {
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      deleted: fc.nat(9),
      inserted: anyText,
    })
    fc.assert(
      fc.property(anyText, fc.array(edit, { maxLength: 12 }), (initial, edits) => {
        let expected = initial
        const text = new TabText(Buffer.from(initial, 'utf16le'))
        for (const { at, deleted, inserted } of edits) {
          const offset = Math.floor(at * expected.length)
          const count = Math.min(deleted, expected.length - offset)
          expected = expected.slice(0, offset) + inserted + expected.slice(offset + count)
          text.apply({ offset, deleted: count, inserted })
          expect(text.length).toBe(expected.length)
        }
        expect(text.toBuffer().toString('utf16le')).toBe(expected)
      }),
    )
  })

  it('refuses an edit outside of the text', () => {
    const text = new TabText(Buffer.from('abc', 'utf16le'))
    expect(() => text.apply({ offset: 2, deleted: 2, inserted: '' })).toThrow(/read the tab again/)
    expect(text.toBuffer().toString('utf16le')).toBe('abc')
  })
})
